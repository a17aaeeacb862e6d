package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One block Lanczos run and what it knows of the largest singular values: estimates, lower bounds
 * from Ritz values, an upper bound from {@link KrylovBound}. Goes on until they are good enough.
 * For one thread.
 */
final class KrylovSearch {

  /** Of a run whose start is not random, and that has no upper bound but its most. */
  static final double UNCERTIFIED = 0;

  /** Most relative width of a certified interval. */
  static final double INTERVAL = 0.05;

  /** The estimate's own error, relative, at which a run may stop. */
  private static final double ACCURACY = 2.5e-4;

  /** Vectors of a block: fewer operations than with eight, for a few passes more. */
  private static final int WIDTH = 4;

  /** With more the chance that the start meets no direction well is so much smaller. */
  private static final int THOROUGH_WIDTH = 8;

  private static final double THOROUGH_INTERVAL = 1e-3;

  /** The same where a pass costs next to nothing. */
  private static final double THOROUGH_ACCURACY = 5e-5;

  static final int THOROUGH_SIZE = 1024;

  /** Steps that shrink more slowly than this are not extrapolated. */
  private static final double SLOWEST = 0.9;

  /** Products after which a run ends in any case. */
  private static final int MAX_PRODUCTS = 60;

  private static final int FIRST_LOOK = 4;

  /** Products up to which they tell notably more than their Ritz values. */
  private static final int FEW = 8;

  private final GramOperator gram;
  private final BlockLanczos run;
  private final double delta;
  private final double most;
  private final double floor;
  private final int wanted;
  private final List<double[]> estimates = new ArrayList<>();
  private double[] squares;
  private double upper;
  private Completion completion = Completion.NONE;

  /**
   * @param run whose start is random if the upper bound shall be true
   * @param delta probability with which it may be false; or {@link #UNCERTIFIED}
   * @param most no singular value of B exceeds it: its Frobenius norm, or something better
   * @param floor what the largest singular value is known not to be below
   * @param wanted singular values that shall be estimated, 1 or 2
   */
  KrylovSearch(
      GramOperator gram, BlockLanczos run, double delta, double most, double floor, int wanted) {
    this.gram = gram;
    this.run = run;
    this.delta = delta;
    this.most = most;
    this.floor = floor;
    this.wanted = wanted;
    this.squares = new double[wanted];
    this.upper = most;
  }

  int products() {
    return run.products();
  }

  BlockLanczos run() {
    return run;
  }

  /** Estimate of singular value {@code i}. */
  double estimate(int i) {
    return Math.min(most, Math.sqrt(Math.max(squares[i], completion.lower(i))));
  }

  /**
   * Singular value {@code i} is at least this: its Ritz value, or what completes it, less what
   * rounding may have added.
   */
  double lower(int i) {
    return lower(Math.max(squares[i] - error(), completion.lower(i)));
  }

  /**
   * The same by the Ritz value alone. Where this is far below, the run has just begun to see a
   * direction, and its estimate is not settled.
   */
  double ritzLower(int i) {
    return lower(squares[i] - error());
  }

  private double lower(double square) {
    return Math.min(most, Math.max(0, Math.sqrt(Math.max(0, square)) - gram.storing()));
  }

  /** The largest singular value is at most this. */
  double upper() {
    return Math.max(upper, estimate(0));
  }

  /** Takes a product that was made elsewhere. */
  void accept(PanelMatrix.Product product) {
    accept(gram.image(run.next(), product));
  }

  /** Makes products until the figures are good enough, at most {@code products} in all. */
  void run(int products) throws IOException {
    int limit = Math.min(products, MAX_PRODUCTS);
    while (!(run.products() > 0 && look(run.products() >= limit || run.exhausted()))) {
      accept(gram.times(run.next()));
    }
    if (run.products() <= FEW) {
      complete();
    }
  }

  /** Twice, since the rounding of a product depends on how large the matrix turns out to be. */
  private void complete() {
    completion = Completion.of(run.tridiagonal(), error());
    double sigma = Math.sqrt(Math.max(squares[0], completion.eigenvalue(0)));
    completion = Completion.of(run.tridiagonal(), run.error(gram, sigma));
  }

  private void accept(GramOperator.Image image) {
    // of the first product only itself tells how large G is
    double square = squares[0] > 0 ? squares[0] : image.z().norm();
    run.accept(image, gram.rounding(Math.min(most, Math.sqrt(square))));
  }

  /** What rounding may have added to an eigenvalue of T. */
  double error() {
    return run.error(gram, Math.sqrt(squares[0]));
  }

  /** Whether this is the end. */
  private boolean look(boolean last) {
    BlockTridiagonal t = run.tridiagonal();
    double[] now = new double[wanted];
    for (int i = 0; i < wanted; i++) {
      now[i] = t.eigenvalue(i, squares[i]);
    }
    squares = now;
    estimates.add(now);
    boolean settled = run.products() >= FIRST_LOOK && settled();
    if (delta == UNCERTIFIED) {
      return last || settled;
    }
    if (!last && !settled) {
      return false;
    }
    KrylovBound bound = new KrylovBound(run, gram, delta);
    double aim = Math.max(floor, lower(0)) * (1 + interval());
    boolean end = last;
    if (!end && aim < most && !bound.refutes(aim * aim)) {
      end = bound.clouded(aim * aim);
      if (!end) {
        return false;
      }
    }
    double reach = most + gram.storing(); // of the stored matrix
    upper = Math.min(most, Math.sqrt(bound.upper(squares[0], reach * reach)) + gram.storing());
    return end || upper <= aim || bound.clouded(aim * aim);
  }

  /** The relative width that is aimed at. */
  private double interval() {
    return thorough(gram.size()) ? THOROUGH_INTERVAL : INTERVAL;
  }

  /** Vectors of a block that a search begins with at random. */
  static int width(int n) {
    return thorough(n) ? THOROUGH_WIDTH : WIDTH;
  }

  /** Whether a matrix is so small that more passes than are promised cost next to nothing. */
  static boolean thorough(int n) {
    return n <= THOROUGH_SIZE;
  }

  /**
   * Whether the estimates will not move by more than the accuracy, if their steps go on to shrink
   * as the last ones did (Aitken's extrapolation).
   */
  private boolean settled() {
    int k = estimates.size();
    if (Math.sqrt(squares[0]) <= floor && wanted == 1) {
      return true; // the run only confirms what was known
    }
    if (k < 4) {
      return false;
    }
    double accuracy = thorough(gram.size()) ? THOROUGH_ACCURACY : ACCURACY;
    for (int i = 0; i < wanted; i++) {
      double step = step(k - 1, i);
      double before = step(k - 2, i);
      double ratio = Math.max(step / before, before / step(k - 3, i));
      double left = ratio < SLOWEST ? step * ratio / (1 - ratio) : k * step;
      // half: of the square root
      if (before > 0 && left / 2 > accuracy * estimates.get(k - 1)[i]) {
        return false;
      }
    }
    return true;
  }

  private double step(int k, int i) {
    return estimates.get(k)[i] - estimates.get(k - 1)[i];
  }
}
