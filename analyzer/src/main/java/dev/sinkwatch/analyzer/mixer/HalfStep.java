package dev.sinkwatch.analyzer.mixer;

import static dev.sinkwatch.analyzer.mixer.Lanes.D;
import static dev.sinkwatch.analyzer.mixer.Lanes.WIDTH;
import static jdk.incubator.vector.DoubleVector.fromArray;

import jdk.incubator.vector.DoubleVector;

/**
 * One side of a Sinkhorn iteration of a vector of matrices of any size: x_i = x_i / (s_i + epsilon)
 * with s_i = x_i sum_j K_ij y_j, for rows or, with the strides exchanged, for columns. Stateless.
 */
final class HalfStep {
  private HalfStep() {}

  /**
   * @param stride of K's entries along x
   * @param across of K's entries along y
   * @param sums receives s, before the division, from {@code to} on
   * @param at first of the lanes
   */
  static void of(
      int n,
      double[] k,
      int stride,
      int across,
      double[] x,
      double[] y,
      double[] sums,
      int to,
      double epsilon,
      int lanes,
      int at) {
    sums(n, k, stride, across, x, y, sums, to, lanes, at);
    for (int i = 0; i < n; i++) {
      DoubleVector sum = fromArray(D, sums, to + i * WIDTH);
      int e = i * lanes + at;
      fromArray(D, x, e).div(sum.add(epsilon)).intoArray(x, e);
    }
  }

  /** The sums alone. */
  static void sums(
      int n,
      double[] k,
      int stride,
      int across,
      double[] x,
      double[] y,
      double[] sums,
      int to,
      int lanes,
      int at) {
    for (int i = 0; i < n; i++) {
      DoubleVector sum = fromArray(D, k, i * stride + at).mul(fromArray(D, y, at));
      for (int j = 1; j < n; j++) {
        DoubleVector entry = fromArray(D, k, i * stride + j * across + at);
        sum = entry.fma(fromArray(D, y, j * lanes + at), sum);
      }
      sum.mul(fromArray(D, x, i * lanes + at)).intoArray(sums, to + i * WIDTH);
    }
  }
}
