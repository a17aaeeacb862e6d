package dev.sinkwatch.analyzer.mixer;

import static dev.sinkwatch.analyzer.mixer.Lanes.D;
import static dev.sinkwatch.analyzer.mixer.Lanes.WIDTH;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.DoubleVector.fromArray;

import jdk.incubator.vector.DoubleVector;

/**
 * One side of a Sinkhorn iteration of a tile: x_i = x_i / (s_i + epsilon) with s_i = x_i sum_j K_ij
 * y_j, for rows or, with the strides exchanged, for columns. Stateless.
 */
final class HalfStep {
  private HalfStep() {}

  /**
   * @param stride of K's entries along x
   * @param across of K's entries along y
   * @param sums receives s, before the division
   * @param active lanes to work on, from the first
   */
  static void of(
      int n,
      double[] k,
      int stride,
      int across,
      double[] x,
      double[] y,
      double[] sums,
      double epsilon,
      int lanes,
      int active) {
    for (int i = 0; i < n; i++) {
      for (int at = 0; at < active; at += WIDTH) {
        DoubleVector sum = fromArray(D, k, i * stride + at).mul(fromArray(D, y, at));
        for (int j = 1; j < n; j++) {
          sum =
              fromArray(D, k, i * stride + j * across + at)
                  .fma(fromArray(D, y, j * lanes + at), sum);
        }
        DoubleVector xi = fromArray(D, x, i * lanes + at);
        sum = sum.mul(xi);
        sum.intoArray(sums, i * lanes + at);
        xi.div(sum.add(epsilon)).intoArray(x, i * lanes + at);
      }
    }
  }

  /**
   * The same of 4 x 4 matrices in registers. The four divisors share one division: 1/a = bcd /
   * (abcd), which is safe while K's smallest entry is not below e^-200 of its rows' largest.
   */
  static void ofFour(
      double[] k,
      int stride,
      int across,
      double[] x,
      double[] y,
      double[] sums,
      double epsilon,
      int lanes,
      int active) {
    for (int at = 0; at < active; at += WIDTH) {
      DoubleVector y0 = fromArray(D, y, at);
      DoubleVector y1 = fromArray(D, y, lanes + at);
      DoubleVector y2 = fromArray(D, y, 2 * lanes + at);
      DoubleVector y3 = fromArray(D, y, 3 * lanes + at);
      DoubleVector x0 = fromArray(D, x, at);
      DoubleVector x1 = fromArray(D, x, lanes + at);
      DoubleVector x2 = fromArray(D, x, 2 * lanes + at);
      DoubleVector x3 = fromArray(D, x, 3 * lanes + at);
      DoubleVector s0 = dot(k, at, across, y0, y1, y2, y3).mul(x0);
      DoubleVector s1 = dot(k, stride + at, across, y0, y1, y2, y3).mul(x1);
      DoubleVector s2 = dot(k, 2 * stride + at, across, y0, y1, y2, y3).mul(x2);
      DoubleVector s3 = dot(k, 3 * stride + at, across, y0, y1, y2, y3).mul(x3);
      s0.intoArray(sums, at);
      s1.intoArray(sums, lanes + at);
      s2.intoArray(sums, 2 * lanes + at);
      s3.intoArray(sums, 3 * lanes + at);
      DoubleVector a = s0.add(epsilon);
      DoubleVector b = s1.add(epsilon);
      DoubleVector c = s2.add(epsilon);
      DoubleVector d = s3.add(epsilon);
      DoubleVector ab = a.mul(b);
      DoubleVector cd = c.mul(d);
      DoubleVector inverse = broadcast(D, 1).div(ab.mul(cd));
      DoubleVector overAb = inverse.mul(cd);
      DoubleVector overCd = inverse.mul(ab);
      x0.mul(b).mul(overAb).intoArray(x, at);
      x1.mul(a).mul(overAb).intoArray(x, lanes + at);
      x2.mul(d).mul(overCd).intoArray(x, 2 * lanes + at);
      x3.mul(c).mul(overCd).intoArray(x, 3 * lanes + at);
    }
  }

  private static DoubleVector dot(
      double[] k,
      int at,
      int across,
      DoubleVector y0,
      DoubleVector y1,
      DoubleVector y2,
      DoubleVector y3) {
    DoubleVector sum = fromArray(D, k, at).mul(y0);
    sum = fromArray(D, k, at + across).fma(y1, sum);
    sum = fromArray(D, k, at + 2 * across).fma(y2, sum);
    return fromArray(D, k, at + 3 * across).fma(y3, sum);
  }
}
