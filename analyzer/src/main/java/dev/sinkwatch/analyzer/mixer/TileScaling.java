package dev.sinkwatch.analyzer.mixer;

import static dev.sinkwatch.analyzer.mixer.Lanes.WIDTH;

import java.util.Arrays;

/**
 * Sinkhorn scaling of a tile of matrices K, rows before columns, as diag(u) K diag(v): dividing the
 * rows of the scaled matrix by (sum + epsilon) is u_i / (u_i (K v)_i + epsilon) in exact
 * arithmetic, and K stays as it is. The sums that the row side finds before it divides are those
 * which the iteration before has left, so that watching the convergence costs little.
 *
 * <p>Everything is an array over {@code lanes} operators: entry e of operator b at {@code [e *
 * lanes + b]}. No lane knows of another. For one thread.
 */
final class TileScaling {

  /** Iterations of one vector before the next vector's turn. */
  static final int STRIDE = 20;

  private final int n;
  private final int lanes;
  private final double epsilon;

  /** K, row-major. */
  final double[] k;

  final double[] u;
  final double[] v;

  final TileConvergence convergence;

  /** Sums of one vector, iteration by iteration: of n rows, then of n columns. */
  private final double[] history;

  /** The last of each vector's history, in the same order. */
  private final double[] last;

  /**
   * @param beyond whether these are beyond the model's iterations, where nothing but convergence is
   *     waited for
   */
  TileScaling(int n, int lanes, double epsilon, double tolerance, boolean beyond) {
    this.n = n;
    this.lanes = lanes;
    this.epsilon = epsilon;
    this.k = new double[n * n * lanes];
    this.u = new double[n * lanes];
    this.v = new double[n * lanes];
    this.convergence = new TileConvergence(n, lanes, epsilon, tolerance, beyond);
    this.history = new double[2 * n * WIDTH * (STRIDE + 1)];
    this.last = new double[2 * n * lanes];
  }

  /**
   * Begins with the K that is there and makes the first iteration.
   *
   * @param rowsDone whether K's rows count as scaled already
   */
  void start(boolean rowsDone) {
    Arrays.fill(u, 1);
    Arrays.fill(v, 1);
    convergence.start();
    for (int at = 0; at < lanes; at += WIDTH) {
      int end = 2 * n * at;
      if (!rowsDone) {
        HalfStep.of(n, k, n * lanes, lanes, u, v, last, end, epsilon, lanes, at);
      }
      int columns = end + n * WIDTH;
      HalfStep.of(n, k, lanes, n * lanes, v, u, last, columns, epsilon, lanes, at);
      Arrays.fill(last, end, columns, Double.NaN); // no row sums have been left before
    }
  }

  /**
   * More iterations of the first {@code active} lanes, and a look at what each but the last left.
   */
  void iterate(int active, int count) {
    for (int at = 0; at < active; at += WIDTH) {
      for (int done = 0; done < count; done += STRIDE) {
        int some = Math.min(STRIDE, count - done);
        scale(at, some);
        convergence.watch(history, at, some);
        convergence.older(at, some);
      }
    }
  }

  /** One more iteration of all lanes after a look. */
  void iterateUnwatched() {
    for (int at = 0; at < lanes; at += WIDTH) {
      scale(at, 1);
      convergence.older(at, 1);
    }
  }

  /** Looks at what the last iteration left. */
  void look() {
    int row = 2 * n * WIDTH;
    for (int at = 0; at < lanes; at += WIDTH) {
      System.arraycopy(last, 2 * n * at, history, 0, row);
      HalfStep.sums(n, k, n * lanes, lanes, u, v, history, row, lanes, at);
      convergence.watch(history, at, 1);
    }
  }

  private void scale(int at, int count) {
    int row = 2 * n * WIDTH;
    System.arraycopy(last, 2 * n * at, history, 0, row);
    if (n == 4) {
      FourByFour.iterate(k, u, v, history, epsilon, lanes, at, count);
    } else {
      for (int to = row; to <= count * row; to += row) {
        HalfStep.of(n, k, n * lanes, lanes, u, v, history, to, epsilon, lanes, at);
        int columns = to + n * WIDTH;
        HalfStep.of(n, k, lanes, n * lanes, v, u, history, columns, epsilon, lanes, at);
      }
    }
    System.arraycopy(history, count * row, last, 2 * n * at, row);
  }

  /** Takes over another tile's operator in the middle of its scaling. */
  void take(TileScaling other, int theirs, int mine) {
    for (int e = 0; e < n * n; e++) {
      k[e * lanes + mine] = other.k[e * other.lanes + theirs];
    }
    for (int i = 0; i < n; i++) {
      u[i * lanes + mine] = other.u[i * other.lanes + theirs];
      v[i * lanes + mine] = other.v[i * other.lanes + theirs];
    }
    for (int i = 0; i < 2 * n; i++) {
      last[place(i, mine)] = other.last[place(i, theirs)];
    }
    convergence.take(other.convergence, theirs, mine);
  }

  private int place(int i, int lane) {
    return (2 * n * (lane / WIDTH) + i) * WIDTH + lane % WIDTH;
  }
}
