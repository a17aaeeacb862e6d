package dev.sinkwatch.analyzer.mixer;

import static dev.sinkwatch.analyzer.mixer.Lanes.D;
import static dev.sinkwatch.analyzer.mixer.Lanes.WIDTH;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.DoubleVector.fromArray;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Largest singular values of a tile of operators P and of their detail QPQ, by one-sided Jacobi
 * rotations. A Householder reflection H takes 1 to the first axis, so that HPH = [[m, l'], [k, D]]
 * with ||D|| = ||QPQ||. First the columns of D are made orthogonal, their rotations carried through
 * l as well; then all columns, which with nearly exact marginals (k and l nearly 0) is little more
 * than a look.
 *
 * <p>Accurate to rounding relative to each column, also for sigma2 far below sigma1. Hestenes 1958;
 * Demmel and Veselic, "Jacobi's method is more accurate than QR", SIAM J. Matrix Anal. Appl. 13,
 * 1992. For one thread.
 */
final class TileSpectrum {

  /**
   * Square of the cosine between two columns below which they count as orthogonal: no singular
   * value is further off than n times the cosine, relative.
   */
  private static final double ORTHOGONAL = 1e-24;

  /**
   * Square of cosines and of angles of rotation below which a sweep is the last: another pair's
   * cosine has changed by no more than the product of the two.
   */
  private static final double NEARLY_ORTHOGONAL = 1e-14;

  /** Products of columns below it are 0 for a figure of 1e-12, and their squares underflow. */
  private static final double VANISHED = 1e-140;

  private static final int MAX_SWEEPS = 60;

  private final int n;
  private final int lanes;

  /** HPH, column by column. */
  private final double[] a;

  private final double[] squares;

  final double[] gain;
  final double[] sigma1;
  final double[] sigma2;

  TileSpectrum(int n, int lanes) {
    this.n = n;
    this.lanes = lanes;
    this.a = new double[n * n * lanes];
    this.squares = new double[n * lanes];
    this.gain = new double[lanes];
    this.sigma1 = new double[lanes];
    this.sigma2 = new double[lanes];
  }

  /**
   * @param p operators, row-major, entries at most 1e60 in magnitude
   */
  void of(double[] p) {
    reflect(p);
    orthogonalise(1);
    lengths(1);
    for (int at = 0; at < lanes; at += WIDTH) {
      DoubleVector largest = broadcast(D, 0);
      for (int j = 1; j < n; j++) {
        DoubleVector next = fromArray(D, squares, j * lanes + at);
        largest = largest.blend(next, next.compare(VectorOperators.GT, largest));
      }
      largest.sqrt().intoArray(gain, at);
    }
    orthogonalise(0);
    lengths(0);
    for (int at = 0; at < lanes; at += WIDTH) {
      DoubleVector first = broadcast(D, 0);
      DoubleVector second = broadcast(D, 0);
      for (int j = 0; j < n; j++) {
        DoubleVector length = fromArray(D, squares, j * lanes + at);
        VectorMask<Double> longest = length.compare(VectorOperators.GT, first);
        DoubleVector shorter = length.blend(first, longest);
        second = second.blend(shorter, shorter.compare(VectorOperators.GT, second));
        first = first.blend(length, longest);
      }
      first.sqrt().intoArray(sigma1, at);
      second.sqrt().intoArray(sigma2, at);
    }
  }

  /** a = HPH with H = I - ww'/(1 - 1/sqrt(n)), w = e_1 - 1/sqrt(n). */
  private void reflect(double[] p) {
    double root = 1 / Math.sqrt(n);
    double beta = 1 / (1 - root);
    for (int i = 0; i < n; i++) {
      for (int at = 0; at < lanes; at += WIDTH) {
        DoubleVector sum = fromArray(D, p, i * n * lanes + at);
        for (int j = 1; j < n; j++) {
          sum = sum.add(fromArray(D, p, (i * n + j) * lanes + at));
        }
        // (P w)_i beta, then P - that w'
        DoubleVector along = fromArray(D, p, i * n * lanes + at).sub(sum.mul(root)).mul(beta);
        DoubleVector down = along.mul(root);
        fromArray(D, p, i * n * lanes + at).sub(along).add(down).intoArray(a, i * lanes + at);
        for (int j = 1; j < n; j++) {
          fromArray(D, p, (i * n + j) * lanes + at)
              .add(down)
              .intoArray(a, (j * n + i) * lanes + at);
        }
      }
    }
    for (int j = 0; j < n; j++) {
      for (int at = 0; at < lanes; at += WIDTH) {
        DoubleVector top = fromArray(D, a, j * n * lanes + at);
        DoubleVector sum = top;
        for (int i = 1; i < n; i++) {
          sum = sum.add(fromArray(D, a, (j * n + i) * lanes + at));
        }
        DoubleVector along = top.sub(sum.mul(root)).mul(beta);
        DoubleVector down = along.mul(root);
        top.sub(along).add(down).intoArray(a, j * n * lanes + at);
        for (int i = 1; i < n; i++) {
          int e = (j * n + i) * lanes + at;
          fromArray(D, a, e).add(down).intoArray(a, e);
        }
      }
    }
  }

  /** Squared lengths of all columns, in their rows from {@code first} on. */
  private void lengths(int first) {
    for (int j = 0; j < n; j++) {
      for (int at = 0; at < lanes; at += WIDTH) {
        DoubleVector sum = broadcast(D, 0);
        for (int i = first; i < n; i++) {
          DoubleVector x = fromArray(D, a, (j * n + i) * lanes + at);
          sum = x.fma(x, sum);
        }
        sum.intoArray(squares, j * lanes + at);
      }
    }
  }

  /** Makes the columns from {@code first} on orthogonal in their rows from {@code first} on. */
  private void orthogonalise(int first) {
    boolean rotated = true;
    for (int sweep = 0; rotated && sweep < MAX_SWEEPS; sweep++) {
      rotated = false;
      for (int x = first; x < n - 1; x++) {
        for (int y = x + 1; y < n; y++) {
          rotated |= rotate(x * n * lanes, y * n * lanes, first * lanes);
        }
      }
    }
  }

  /**
   * Rotates two columns where they are not orthogonal yet.
   *
   * @return whether any lane rotated so that other pairs may be less orthogonal than they should be
   */
  private boolean rotate(int x, int y, int from) {
    boolean any = false;
    int rows = n * lanes;
    for (int at = 0; at < lanes; at += WIDTH) {
      DoubleVector xx = broadcast(D, 0);
      DoubleVector yy = broadcast(D, 0);
      DoubleVector xy = broadcast(D, 0);
      for (int i = from; i < rows; i += lanes) {
        DoubleVector xi = fromArray(D, a, x + i + at);
        DoubleVector yi = fromArray(D, a, y + i + at);
        xx = xi.fma(xi, xx);
        yy = yi.fma(yi, yy);
        xy = xi.fma(yi, xy);
      }
      VectorMask<Double> turn =
          xy.mul(xy)
              .compare(VectorOperators.GT, xx.mul(yy).mul(ORTHOGONAL))
              .and(xy.abs().compare(VectorOperators.GT, VANISHED));
      if (!turn.anyTrue()) {
        continue;
      }
      // tan 2t = 2xy / (yy - xx), Golub and Van Loan, 4th ed., section 8.5.2, with one division
      DoubleVector h = yy.sub(xx);
      DoubleVector w = xy.add(xy);
      DoubleVector d = h.abs().add(h.fma(h, w.mul(w)).sqrt());
      DoubleVector length = d.fma(d, w.mul(w)).sqrt();
      DoubleVector over = broadcast(D, 1).div(length);
      VectorMask<Double> flip = h.compare(VectorOperators.LT, 0);
      DoubleVector cos = broadcast(D, 1).blend(d.mul(over), turn);
      DoubleVector sin = broadcast(D, 0).blend(w.blend(w.neg(), flip).mul(over), turn);
      any |=
          xy.mul(xy)
              .compare(VectorOperators.GT, xx.mul(yy).mul(NEARLY_ORTHOGONAL))
              .or(sin.mul(sin).compare(VectorOperators.GT, NEARLY_ORTHOGONAL))
              .and(turn)
              .anyTrue();
      for (int i = 0; i < rows; i += lanes) {
        DoubleVector xi = fromArray(D, a, x + i + at);
        DoubleVector yi = fromArray(D, a, y + i + at);
        cos.mul(xi).sub(sin.mul(yi)).intoArray(a, x + i + at);
        sin.mul(xi).add(cos.mul(yi)).intoArray(a, y + i + at);
      }
    }
    return any;
  }
}
