package dev.sinkwatch.analyzer.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops with vector instructions: four rows at a time, each with a sum of its own, so that four
 * multiply-adds are in flight and v and the totals are loaded once for four rows.
 *
 * <p>Neither {@code reduceLanes(ADD)} nor {@code lanewise(EXP)} is used: their results may differ
 * in the last bit between interpreted and compiled code, and one snapshot must give the same bits
 * at any time. Lanes are added in their order instead, and exp is made of operations that IEEE 754
 * fixes.
 */
final class VectorScalingLoops implements ScalingLoops {
  private static final VectorSpecies<Double> LANES = DoubleVector.SPECIES_PREFERRED;
  private static final int WIDTH = LANES.length();

  /** 1.5 * 2^52: adding it rounds to an integer, which is then in the lowest bits. */
  private static final double ROUNDER = 0x1.8p52;

  private static final double LOG2_E = 1.4426950408889634;

  /** ln 2 in two parts, the first with so few bits that its multiples up to 1024 are exact. */
  private static final double LN2_HIGH = 0x1.62e42feep-1;

  private static final double LN2_LOW = 0x1.a39ef35793c76p-33;

  @Override
  public void products(double[] k, int at, int n, int rows, double[] v, double[] sums, int first) {
    if (rows == BLOCK) {
      block(k, at, n, v, sums, first);
      return;
    }
    for (int r = 0; r < rows; r++) {
      sums[first + r] = product(k, at + r * n, n, v);
    }
  }

  private static void block(double[] k, int at, int n, double[] v, double[] sums, int first) {
    DoubleVector a = DoubleVector.zero(LANES);
    DoubleVector b = a;
    DoubleVector c = a;
    DoubleVector d = a;
    int j = 0;
    for (; j < LANES.loopBound(n); j += WIDTH) {
      DoubleVector x = DoubleVector.fromArray(LANES, v, j);
      a = DoubleVector.fromArray(LANES, k, at + j).fma(x, a);
      b = DoubleVector.fromArray(LANES, k, at + n + j).fma(x, b);
      c = DoubleVector.fromArray(LANES, k, at + 2 * n + j).fma(x, c);
      d = DoubleVector.fromArray(LANES, k, at + 3 * n + j).fma(x, d);
    }
    double[] lanes = new double[WIDTH];
    sums[first] = sum(a, lanes) + rest(k, at, j, n, v);
    sums[first + 1] = sum(b, lanes) + rest(k, at + n, j, n, v);
    sums[first + 2] = sum(c, lanes) + rest(k, at + 2 * n, j, n, v);
    sums[first + 3] = sum(d, lanes) + rest(k, at + 3 * n, j, n, v);
  }

  private static double product(double[] k, int at, int n, double[] v) {
    DoubleVector a = DoubleVector.zero(LANES);
    int j = 0;
    for (; j < LANES.loopBound(n); j += WIDTH) {
      a = DoubleVector.fromArray(LANES, k, at + j).fma(DoubleVector.fromArray(LANES, v, j), a);
    }
    return sum(a, new double[WIDTH]) + rest(k, at, j, n, v);
  }

  private static double sum(DoubleVector a, double[] lanes) {
    a.intoArray(lanes, 0);
    double sum = 0;
    for (double lane : lanes) {
      sum += lane;
    }
    return sum;
  }

  private static double rest(double[] k, int at, int from, int n, double[] v) {
    double sum = 0;
    for (int j = from; j < n; j++) {
      sum += k[at + j] * v[j];
    }
    return sum;
  }

  @Override
  public void accumulate(
      double[] k, int at, int n, int rows, double[] u, int first, double[] totals) {
    if (rows < BLOCK) {
      for (int r = 0; r < rows; r++) {
        add(k, at + r * n, n, u[first + r], totals);
      }
      return;
    }
    double a = u[first];
    double b = u[first + 1];
    double c = u[first + 2];
    double d = u[first + 3];
    DoubleVector as = DoubleVector.broadcast(LANES, a);
    DoubleVector bs = DoubleVector.broadcast(LANES, b);
    DoubleVector cs = DoubleVector.broadcast(LANES, c);
    DoubleVector ds = DoubleVector.broadcast(LANES, d);
    int j = 0;
    for (; j < LANES.loopBound(n); j += WIDTH) {
      DoubleVector total = DoubleVector.fromArray(LANES, totals, j);
      total = DoubleVector.fromArray(LANES, k, at + j).fma(as, total);
      total = DoubleVector.fromArray(LANES, k, at + n + j).fma(bs, total);
      total = DoubleVector.fromArray(LANES, k, at + 2 * n + j).fma(cs, total);
      total = DoubleVector.fromArray(LANES, k, at + 3 * n + j).fma(ds, total);
      total.intoArray(totals, j);
    }
    for (; j < n; j++) {
      totals[j] +=
          a * k[at + j] + b * k[at + n + j] + c * k[at + 2 * n + j] + d * k[at + 3 * n + j];
    }
  }

  private static void add(double[] k, int at, int n, double factor, double[] totals) {
    int j = 0;
    for (; j < LANES.loopBound(n); j += WIDTH) {
      DoubleVector.fromArray(LANES, k, at + j)
          .fma(DoubleVector.broadcast(LANES, factor), DoubleVector.fromArray(LANES, totals, j))
          .intoArray(totals, j);
    }
    for (; j < n; j++) {
      totals[j] += factor * k[at + j];
    }
  }

  @Override
  public double largest(double[] z, int at, int n, double scale, double[] g) {
    DoubleVector scales = DoubleVector.broadcast(LANES, scale);
    DoubleVector tops = DoubleVector.broadcast(LANES, Double.NEGATIVE_INFINITY);
    int j = 0;
    for (; j < LANES.loopBound(n); j += WIDTH) {
      tops =
          tops.max(
              DoubleVector.fromArray(LANES, z, at + j)
                  .fma(scales, DoubleVector.fromArray(LANES, g, j)));
    }
    double largest = tops.reduceLanes(VectorOperators.MAX);
    for (; j < n; j++) {
      largest = Math.max(largest, scale * z[at + j] + g[j]);
    }
    return largest;
  }

  @Override
  public double smallest(double[] k, int at, int n) {
    DoubleVector least = DoubleVector.broadcast(LANES, Double.POSITIVE_INFINITY);
    int j = 0;
    for (; j < LANES.loopBound(n); j += WIDTH) {
      least = least.min(DoubleVector.fromArray(LANES, k, at + j));
    }
    double smallest = least.reduceLanes(VectorOperators.MIN);
    for (; j < n; j++) {
      smallest = Math.min(smallest, k[at + j]);
    }
    return smallest;
  }

  @Override
  public void raise(double[] z, int at, int n, double scale, double shift, double[] tops) {
    DoubleVector scales = DoubleVector.broadcast(LANES, scale);
    DoubleVector shifts = DoubleVector.broadcast(LANES, shift);
    int j = 0;
    for (; j < LANES.loopBound(n); j += WIDTH) {
      DoubleVector.fromArray(LANES, z, at + j)
          .fma(scales, shifts)
          .max(DoubleVector.fromArray(LANES, tops, j))
          .intoArray(tops, j);
    }
    for (; j < n; j++) {
      tops[j] = Math.max(tops[j], scale * z[at + j] + shift);
    }
  }

  @Override
  public void exp(double[] z, int at, int n, double scale, double shift, double[] g, double[] k) {
    DoubleVector scales = DoubleVector.broadcast(LANES, scale);
    int j = 0;
    for (; j < LANES.loopBound(n); j += WIDTH) {
      DoubleVector x = DoubleVector.fromArray(LANES, g, j).add(shift);
      exp(DoubleVector.fromArray(LANES, z, at + j).fma(scales, x)).intoArray(k, at + j);
    }
    for (; j < n; j++) {
      k[at + j] = ScalarScalingLoops.exp(scale * z[at + j] + (shift + g[j]));
    }
  }

  /**
   * exp(x) = 2^i exp(r), i the nearest integer to x / ln 2, |r| below 0.35: Cody and Waite,
   * "Software Manual for the Elementary Functions", 1980, chapter 6, with Taylor's polynomial of
   * degree 13, whose remainder is below 1e-17.
   */
  private static DoubleVector exp(DoubleVector x) {
    VectorMask<Double> vanished = x.lt(-LARGEST_EXPONENT);
    DoubleVector y = x.max(-LARGEST_EXPONENT).min(LARGEST_EXPONENT);
    DoubleVector shifted = y.fma(DoubleVector.broadcast(LANES, LOG2_E), broadcast(ROUNDER));
    DoubleVector i = shifted.sub(ROUNDER);
    DoubleVector r = i.fma(broadcast(-LN2_HIGH), y);
    r = i.fma(broadcast(-LN2_LOW), r);
    // written out: the compiler does not unroll a loop of vectors for certain
    DoubleVector sum = broadcast(1.0 / 6227020800L);
    sum = sum.fma(r, broadcast(1.0 / 479001600));
    sum = sum.fma(r, broadcast(1.0 / 39916800));
    sum = sum.fma(r, broadcast(1.0 / 3628800));
    sum = sum.fma(r, broadcast(1.0 / 362880));
    sum = sum.fma(r, broadcast(1.0 / 40320));
    sum = sum.fma(r, broadcast(1.0 / 5040));
    sum = sum.fma(r, broadcast(1.0 / 720));
    sum = sum.fma(r, broadcast(1.0 / 120));
    sum = sum.fma(r, broadcast(1.0 / 24));
    sum = sum.fma(r, broadcast(1.0 / 6));
    sum = sum.fma(r, broadcast(0.5));
    sum = sum.fma(r, broadcast(1));
    sum = sum.fma(r, broadcast(1));
    // the integer is in the lowest bits of the shifted number: up to the exponent's place with it
    LongVector power =
        shifted.reinterpretAsLongs().lanewise(VectorOperators.LSHL, 52).add(1023L << 52);
    return sum.mul(power.reinterpretAsDoubles()).blend(0, vanished);
  }

  private static DoubleVector broadcast(double value) {
    return DoubleVector.broadcast(LANES, value);
  }
}
