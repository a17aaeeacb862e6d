package dev.sinkwatch.analyzer.mixer;

import static dev.sinkwatch.analyzer.mixer.Lanes.D;
import static dev.sinkwatch.analyzer.mixer.Lanes.WIDTH;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.DoubleVector.fromArray;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * What a tile's sums tell of its convergence, as {@link
 * dev.sinkwatch.analyzer.sinkhorn.Convergence} says it of one operator. Row sums s_t are what
 * iteration t leaves inexact; the rate is the last measured ||s_t - s_{t-1}|| / ||s_{t-1} -
 * s_{t-2}||, which has no floor as the residual has one when an epsilon is added to sums. For one
 * thread.
 */
final class TileConvergence {

  /** Longest look at one operator, in iterations. */
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
  private final boolean beyond;

  /** Squared movement of the row sums in the iteration before. */
  private final double[] moved;

  /** Squared movements whose ratio is the square of the rate; -1 while there is none. */
  private final double[] rateOver;

  private final double[] rateUnder;

  /** 1 while the rate is measured, then 0. */
  private final double[] open;

  /** Iterations until both residuals were below the tolerance; infinite before. */
  private final double[] converged;

  /** Iterations done. */
  private final double[] age;

  /** Of each vector, whether any rate is still measured. */
  private final boolean[] anyOpen;

  /** Of each vector, whether any operator is not within the tolerance yet. */
  private final boolean[] anySought;

  TileConvergence(int n, int lanes, double epsilon, double tolerance, boolean beyond) {
    this.n = n;
    this.lanes = lanes;
    this.epsilon = epsilon;
    this.tolerance = tolerance;
    this.beyond = beyond;
    this.moved = new double[lanes];
    this.rateOver = new double[lanes];
    this.rateUnder = new double[lanes];
    this.open = new double[lanes];
    this.converged = new double[lanes];
    this.age = new double[lanes];
    this.anyOpen = new boolean[lanes / WIDTH];
    this.anySought = new boolean[lanes / WIDTH];
  }

  /** All have made one iteration. */
  void start() {
    Arrays.fill(moved, Double.NaN);
    Arrays.fill(rateOver, -1);
    Arrays.fill(rateUnder, 1);
    Arrays.fill(open, 1);
    Arrays.fill(converged, Double.POSITIVE_INFINITY);
    Arrays.fill(age, 1);
    Arrays.fill(anyOpen, true);
    Arrays.fill(anySought, true);
  }

  void older(int at, int count) {
    fromArray(D, age, at).add(count).intoArray(age, at);
  }

  /**
   * @param history of the vector: n row sums and n column sums an iteration, before they were
   *     divided by (sum + epsilon); its row 0 has been looked at
   * @param count of rows after it
   */
  void watch(double[] history, int at, int count) {
    if (anySought[at / WIDTH]) {
      anySought[at / WIDTH] = seek(history, at, count);
    }
    if (anyOpen[at / WIDTH]) {
      anyOpen[at / WIDTH] = measure(history, at, count);
    }
  }

  /** Looks for lanes within the tolerance; tells whether any is still to come. */
  private boolean seek(double[] history, int at, int count) {
    DoubleVector now = fromArray(D, age, at);
    DoubleVector found = fromArray(D, converged, at);
    int row = 2 * n * WIDTH;
    boolean any = true;
    for (int t = 1; t <= count && any; t++) {
      DoubleVector worst = broadcast(D, 0);
      DoubleVector least = broadcast(D, Double.POSITIVE_INFINITY);
      int e = t * row;
      for (int i = 0; i < n; i++) {
        DoubleVector off = fromArray(D, history, e + i * WIDTH).sub(1).abs();
        DoubleVector column = fromArray(D, history, e + (i - n) * WIDTH);
        worst = worst.blend(off, off.compare(VectorOperators.GT, worst));
        least = least.blend(column, column.compare(VectorOperators.LT, least));
      }
      VectorMask<Double> young = now.compare(VectorOperators.LE, MAX_ITERATIONS);
      // the columns have been divided by (sum + epsilon): 1 - their sums is epsilon / that
      VectorMask<Double> within =
          worst
              .compare(VectorOperators.LT, tolerance)
              .and(least.add(epsilon).mul(tolerance).compare(VectorOperators.GT, epsilon))
              .and(young);
      found = found.blend(now, within.and(found.compare(VectorOperators.GT, now)));
      any = found.compare(VectorOperators.EQ, Double.POSITIVE_INFINITY).and(young).anyTrue();
      now = now.add(1);
    }
    found.intoArray(converged, at);
    return any;
  }

  /** Measures the rate; tells whether that of any lane is not settled. */
  private boolean measure(double[] history, int at, int count) {
    DoubleVector before = fromArray(D, moved, at);
    DoubleVector over = fromArray(D, rateOver, at);
    DoubleVector under = fromArray(D, rateUnder, at);
    DoubleVector asked = fromArray(D, open, at);
    DoubleVector now = fromArray(D, age, at);
    // the rate is no matter of iterations after the last that is looked at
    DoubleVector last = broadcast(D, MAX_ITERATIONS);
    if (beyond) {
      DoubleVector found = fromArray(D, converged, at);
      last = last.blend(found, found.compare(VectorOperators.LT, last));
    }
    boolean any = true;
    for (int t = 1; t <= count && any; t++) {
      DoubleVector movement = broadcast(D, 0);
      int e = t * 2 * n * WIDTH;
      for (int i = 0; i < n; i++) {
        DoubleVector old = fromArray(D, history, e + (i - 2 * n) * WIDTH);
        DoubleVector d = fromArray(D, history, e + i * WIDTH).sub(old);
        movement = d.fma(d, movement);
      }
      VectorMask<Double> alive =
          asked
              .compare(VectorOperators.GT, 0)
              .and(now.compare(VectorOperators.LE, last))
              .andNot(movement.compare(VectorOperators.LE, NOISE));
      VectorMask<Double> measurable =
          before
              .compare(VectorOperators.GT, NOISE)
              .and(movement.compare(VectorOperators.GT, NOISE))
              .and(alive);
      // the ratio of the two ratios, without a division or a root
      DoubleVector x = over.mul(before);
      DoubleVector y = under.mul(movement);
      VectorMask<Double> settled =
          x.compare(VectorOperators.GE, y.mul(SETTLED_LEAST))
              .and(x.compare(VectorOperators.LE, y.mul(SETTLED_MOST)))
              .and(measurable);
      VectorMask<Double> goesOn = alive.andNot(settled);
      over = over.blend(movement, measurable);
      under = under.blend(before, measurable);
      asked = broadcast(D, 0).blend(1, goesOn);
      any = goesOn.anyTrue();
      before = movement;
      now = now.add(1);
    }
    before.intoArray(moved, at);
    over.intoArray(rateOver, at);
    under.intoArray(rateUnder, at);
    asked.intoArray(open, at);
    return any;
  }

  /** Whether any operator has not come within the tolerance yet. */
  boolean anyUnconverged() {
    for (int at = 0; at < lanes; at += WIDTH) {
      DoubleVector found = fromArray(D, converged, at);
      if (found.compare(VectorOperators.EQ, Double.POSITIVE_INFINITY).anyTrue()) {
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
      fromArray(D, converged, at)
          .intoArray(liveliest.tile, liveliest.place(Liveliest.ITERATIONS, at));
      DoubleVector squared = fromArray(D, rateOver, at).div(fromArray(D, rateUnder, at));
      squared.intoArray(liveliest.tile, liveliest.place(Liveliest.RATE, at));
      squared.intoArray(liveliest.tile, liveliest.place(Liveliest.RATE_LEAST, at));
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

  void take(TileConvergence other, int theirs, int mine) {
    moved[mine] = other.moved[theirs];
    rateOver[mine] = other.rateOver[theirs];
    rateUnder[mine] = other.rateUnder[theirs];
    open[mine] = other.open[theirs];
    converged[mine] = other.converged[theirs];
    age[mine] = other.age[theirs];
    anyOpen[mine / WIDTH] = true;
    anySought[mine / WIDTH] = true;
  }
}
