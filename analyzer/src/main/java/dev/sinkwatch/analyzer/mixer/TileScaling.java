package dev.sinkwatch.analyzer.mixer;

import static dev.sinkwatch.analyzer.mixer.Lanes.D;
import static dev.sinkwatch.analyzer.mixer.Lanes.WIDTH;
import static dev.sinkwatch.analyzer.mixer.Lanes.larger;
import static dev.sinkwatch.analyzer.mixer.Lanes.smaller;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.DoubleVector.fromArray;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

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

  /** Longest look at one operator's convergence, in iterations. */
  static final int MAX_ITERATIONS = 1000;

  /** Square of the movement of sums below which it is rounding, and its ratio noise. */
  private static final double NOISE = 1e-22;

  /** A ratio of movements that still changes by more than this is not the limit yet. */
  private static final double SETTLED = 1e-6;

  private static final double SETTLED_LEAST = (1 - SETTLED) * (1 - SETTLED);
  private static final double SETTLED_MOST = (1 + SETTLED) * (1 + SETTLED);

  private final int n;
  private final int lanes;
  private final double epsilon;
  private final double tolerance;

  /**
   * Whether these are beyond the model's iterations, where nothing but convergence is waited for.
   */
  private final boolean beyond;

  /** K, row-major. */
  final double[] k;

  final double[] u;
  final double[] v;
  private final double[] rows;
  private final double[] columns;

  /** Row sums one iteration earlier. */
  private final double[] rowsBefore;

  /** Squared movement of the row sums, now and in the iteration before. */
  private final double[] moving;

  private final double[] moved;

  private final double[] worstRow;

  /**
   * Smallest sum of a column before it was divided by (sum + epsilon): now 1 - its sum is epsilon /
   * (sum + epsilon).
   */
  private final double[] leastColumn;

  /** Squared movements whose ratio is the square of the rate; -1 while there is none. */
  private final double[] rateOver;

  private final double[] rateUnder;

  /** 1 while the rate is measured, then 0. */
  private final double[] open;

  /** Iterations until both residuals were below the tolerance; infinite before. */
  private final double[] converged;

  /** Iterations done. */
  private final double[] age;

  /** Whether any operator of a vector is still watched. */
  private final boolean[] watched;

  TileScaling(int n, int lanes, double epsilon, double tolerance, boolean beyond) {
    this.n = n;
    this.lanes = lanes;
    this.epsilon = epsilon;
    this.tolerance = tolerance;
    this.beyond = beyond;
    this.k = new double[n * n * lanes];
    this.u = new double[n * lanes];
    this.v = new double[n * lanes];
    this.rows = new double[n * lanes];
    this.columns = new double[n * lanes];
    this.rowsBefore = new double[n * lanes];
    this.moving = new double[lanes];
    this.moved = new double[lanes];
    this.worstRow = new double[lanes];
    this.leastColumn = new double[lanes];
    this.rateOver = new double[lanes];
    this.rateUnder = new double[lanes];
    this.open = new double[lanes];
    this.converged = new double[lanes];
    this.age = new double[lanes];
    this.watched = new boolean[lanes / WIDTH];
  }

  /**
   * Begins with the K that is there and makes the first iteration.
   *
   * @param rowsDone whether K's rows count as scaled already
   */
  void start(boolean rowsDone) {
    Arrays.fill(u, 1);
    Arrays.fill(v, 1);
    Arrays.fill(rowsBefore, Double.NaN);
    Arrays.fill(moved, Double.NaN);
    Arrays.fill(rateOver, -1);
    Arrays.fill(rateUnder, 1);
    Arrays.fill(open, 1);
    Arrays.fill(converged, Double.POSITIVE_INFINITY);
    Arrays.fill(age, 1);
    Arrays.fill(watched, true);
    if (!rowsDone) {
      scaleRows(lanes);
    }
    scaleColumns(lanes);
  }

  /** One more iteration of the first {@code active} lanes, after a look at what the last left. */
  void iterate(int active) {
    scaleRows(active);
    watch(active);
    scaleColumns(active);
    older(active);
  }

  /** One more iteration without a look. */
  void iterateUnwatched() {
    scaleRows(lanes);
    scaleColumns(lanes);
    older(lanes);
  }

  /** Looks at what the last iteration left. */
  void look() {
    for (int i = 0; i < n; i++) {
      for (int at = 0; at < lanes; at += WIDTH) {
        DoubleVector sum = fromArray(D, k, i * n * lanes + at).mul(fromArray(D, v, at));
        for (int j = 1; j < n; j++) {
          sum = fromArray(D, k, (i * n + j) * lanes + at).fma(fromArray(D, v, j * lanes + at), sum);
        }
        sum.mul(fromArray(D, u, i * lanes + at)).intoArray(rows, i * lanes + at);
      }
    }
    watch(lanes);
  }

  private void older(int active) {
    for (int at = 0; at < active; at += WIDTH) {
      fromArray(D, age, at).add(1).intoArray(age, at);
    }
  }

  private void scaleRows(int active) {
    if (n == 4) {
      HalfStep.ofFour(k, 4 * lanes, lanes, u, v, rows, epsilon, lanes, active);
    } else {
      HalfStep.of(n, k, n * lanes, lanes, u, v, rows, epsilon, lanes, active);
    }
  }

  private void scaleColumns(int active) {
    if (n == 4) {
      HalfStep.ofFour(k, lanes, 4 * lanes, v, u, columns, epsilon, lanes, active);
    } else {
      HalfStep.of(n, k, lanes, n * lanes, v, u, columns, epsilon, lanes, active);
    }
  }

  private void watch(int active) {
    for (int at = 0; at < active; at += WIDTH) {
      if (watched[at / WIDTH]) {
        compare(at);
        watched[at / WIDTH] = learn(at);
      }
    }
  }

  private void compare(int at) {
    DoubleVector movement = broadcast(D, 0);
    DoubleVector worst = broadcast(D, 0);
    DoubleVector least = broadcast(D, Double.POSITIVE_INFINITY);
    for (int e = at; e < rows.length; e += lanes) {
      DoubleVector sum = fromArray(D, rows, e);
      DoubleVector d = sum.sub(fromArray(D, rowsBefore, e));
      movement = d.fma(d, movement);
      worst = larger(worst, sum.sub(1).abs());
      least = smaller(least, fromArray(D, columns, e));
      sum.intoArray(rowsBefore, e);
    }
    movement.intoArray(moving, at);
    worst.intoArray(worstRow, at);
    least.intoArray(leastColumn, at);
  }

  /** Tells whether there is more to learn from the next iteration of any of these lanes. */
  private boolean learn(int at) {
    DoubleVector movement = fromArray(D, moving, at);
    DoubleVector worst = fromArray(D, worstRow, at);
    DoubleVector least = fromArray(D, leastColumn, at);
    DoubleVector now = fromArray(D, age, at);
    VectorMask<Double> young = now.compare(VectorOperators.LE, MAX_ITERATIONS);
    VectorMask<Double> within =
        worst
            .compare(VectorOperators.LT, tolerance)
            .and(least.add(epsilon).mul(tolerance).compare(VectorOperators.GT, epsilon))
            .and(young);
    DoubleVector found = fromArray(D, converged, at);
    found = found.blend(smaller(found, now), within);
    found.intoArray(converged, at);

    DoubleVector before = fromArray(D, moved, at);
    DoubleVector over = fromArray(D, rateOver, at);
    DoubleVector under = fromArray(D, rateUnder, at);
    VectorMask<Double> asked = fromArray(D, open, at).compare(VectorOperators.GT, 0).and(young);
    VectorMask<Double> measurable =
        movement
            .compare(VectorOperators.GT, NOISE)
            .and(before.compare(VectorOperators.GT, NOISE))
            .and(asked);
    // the ratio of the two ratios, without a division or a root
    DoubleVector x = over.mul(before);
    DoubleVector y = under.mul(movement);
    VectorMask<Double> settled =
        x.compare(VectorOperators.GE, y.mul(SETTLED_LEAST))
            .and(x.compare(VectorOperators.LE, y.mul(SETTLED_MOST)))
            .and(measurable)
            .or(movement.compare(VectorOperators.LE, NOISE));
    over.blend(movement, measurable).intoArray(rateOver, at);
    under.blend(before, measurable).intoArray(rateUnder, at);
    movement.intoArray(moved, at);
    VectorMask<Double> sought =
        found.compare(VectorOperators.EQ, Double.POSITIVE_INFINITY).and(young);
    VectorMask<Double> goesOn = asked.andNot(settled);
    if (beyond) {
      goesOn = goesOn.and(sought);
    }
    broadcast(D, 0).blend(1, goesOn).intoArray(open, at);
    return goesOn.or(sought).anyTrue();
  }

  /** Whether any operator has not come within the tolerance yet. */
  boolean anyUnconverged() {
    for (int at = 0; at < lanes; at += WIDTH) {
      if (fromArray(D, converged, at)
          .compare(VectorOperators.EQ, Double.POSITIVE_INFINITY)
          .anyTrue()) {
        return true;
      }
    }
    return false;
  }

  /** Whether nothing more is to be learnt of that operator. */
  boolean done(int lane) {
    return converged[lane] < Double.POSITIVE_INFINITY || age[lane] > MAX_ITERATIONS;
  }

  /** Hands over what is known of all operators but those that were forgotten. */
  void report(Liveliest liveliest) {
    for (int at = 0; at < lanes; at += WIDTH) {
      liveliest.raise(Liveliest.ITERATIONS, fromArray(D, converged, at));
      DoubleVector squared = fromArray(D, rateOver, at).div(fromArray(D, rateUnder, at));
      liveliest.raise(Liveliest.RATE, squared);
      liveliest.lower(Liveliest.RATE_LEAST, squared);
    }
  }

  void report(int lane, Liveliest liveliest) {
    liveliest.convergence(
        converged[lane],
        rateOver[lane] < 0 ? Double.NaN : Math.sqrt(rateOver[lane] / rateUnder[lane]));
  }

  /** Somebody else reports that operator. */
  void forget(int lane) {
    converged[lane] = 0;
    rateOver[lane] = 0;
  }

  /** Takes over another tile's operator in the middle of its scaling. */
  void take(TileScaling other, int theirs, int mine) {
    for (int e = 0; e < n * n; e++) {
      k[e * lanes + mine] = other.k[e * other.lanes + theirs];
    }
    for (int i = 0; i < n; i++) {
      int to = i * lanes + mine;
      int from = i * other.lanes + theirs;
      u[to] = other.u[from];
      v[to] = other.v[from];
      columns[to] = other.columns[from];
      rowsBefore[to] = other.rowsBefore[from];
    }
    moved[mine] = other.moved[theirs];
    rateOver[mine] = other.rateOver[theirs];
    rateUnder[mine] = other.rateUnder[theirs];
    open[mine] = other.open[theirs];
    converged[mine] = other.converged[theirs];
    age[mine] = other.age[theirs];
    watched[mine / WIDTH] = true;
  }
}
