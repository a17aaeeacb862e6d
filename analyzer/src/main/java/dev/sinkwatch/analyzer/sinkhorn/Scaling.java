package dev.sinkwatch.analyzer.sinkhorn;

import dev.sinkwatch.analyzer.kernel.ScalingLoops;
import dev.sinkwatch.analyzer.kernel.Team;
import java.util.Arrays;

/**
 * Alternating scaling of an n x n matrix K in progress. K stays as it is; the matrix as scaled so
 * far is u[i] K[i, j] v[j]. One iteration is one pass over K: while a row is in the cache, its
 * product with v gives its new u, and then its share of the sums of columns, from which the new v
 * follows. The codebases divide all n² entries in place, twice an iteration; in exact arithmetic
 * that is the same: to divide a row by its sum u (K v) + epsilon is to divide its u.
 *
 * <p>The side that an iteration scales first is left inexact by it. Row sums are known only in the
 * next pass: {@link #iterate} then tells about the iteration before.
 *
 * <p>For one caller at a time, whose passes a team shares.
 */
abstract class Scaling {
  final int n;
  final ScalingLoops loops;
  final RowParts parts;

  /** The positive matrix, row-major; in the end the scaled one. */
  final double[] k;

  double[] u;
  final double[] v;

  /** Sum over i of u[i] K[i, j], after a pass. */
  final double[] columns;

  /** Of the side that is inexact between iterations. */
  final double[] sums;

  private final double epsilon;
  private final double[] heaviest;
  private final double[] lightest;
  private double[] next;
  private double[] keptU = new double[0];
  private double[] keptV = new double[0];

  Scaling(int n, double epsilon, Team team, ScalingLoops loops) {
    this.n = n;
    this.epsilon = epsilon;
    this.loops = loops;
    this.parts = new RowParts(n, team);
    this.k = new double[Math.multiplyExact(n, n)];
    this.u = ones(n);
    this.next = ones(n);
    this.v = ones(n);
    this.columns = new double[n];
    this.sums = new double[n];
    this.heaviest = new double[n];
    this.lightest = new double[n];
  }

  /**
   * Scales both sides once, in the codebase's order.
   *
   * @return whether {@link #sums} and {@link #residual} are those of a finished iteration: always
   *     when columns come first, else from the second call on those of the iteration before
   */
  abstract boolean iterate();

  /** Sums of the side that the iteration left inexact; valid until the next iteration. */
  final double[] sums() {
    return sums;
  }

  /** Largest |sum - 1| over both sides after that iteration. */
  abstract double residual();

  /** Remembers the matrix as it is now for {@link #matrix}. */
  void keep() {
    keptU = u.clone();
    keptV = v.clone();
  }

  /** The matrix that was kept, row-major. Ends the scaling: it takes the place of K. */
  double[] matrix() {
    parts.run((first, rows, _) -> {
      for (int i = first; i < first + rows; i++) {
        double factor = keptU[i];
        int at = i * n;
        for (int j = 0; j < n; j++) {
          k[at + j] *= factor * keptV[j];
        }
      }
    });
    return k;
  }

  /** Largest minus smallest weight of the row softmax of the logits. */
  final double saturation() {
    return Arrays.stream(heaviest).max().orElseThrow()
        - Arrays.stream(lightest).min().orElseThrow();
  }

  /**
   * Fills row i of K with exp(scale z - its maximum) and takes down its softmax for {@link
   * #saturation}.
   *
   * @param zeros n of them
   * @return the sum of the row
   */
  final double softmaxRow(double[] z, double scale, double[] zeros, int i) {
    int at = i * n;
    double top = loops.largest(z, at, n, scale, zeros);
    loops.exp(z, at, n, scale, -top, zeros, k);
    loops.products(k, at, n, 1, v, next, i); // v is still 1
    double sum = next[i];
    takeSoftmax(i, sum);
    return sum;
  }

  /** Takes down the row softmax of row i, of which K has the exponentials. */
  final void takeSoftmax(int i, double sum) {
    heaviest[i] = 1 / sum;
    lightest[i] = loops.smallest(k, i * n, n) / sum;
  }

  /** One pass: rows scaled, sums of columns made, and sums of rows as they were if asked for. */
  final void scaleRows(boolean wantSums) {
    parts.sum(columns, (first, rows, totals) -> scaleRows(first, rows, totals, wantSums));
  }

  /** The pass over some rows. New scalings come beside the old ones until {@link #accept}. */
  final void scaleRows(int first, int rows, double[] totals, boolean wantSums) {
    loops.products(k, first * n, n, rows, v, next, first);
    for (int i = first; i < first + rows; i++) {
      double product = next[i];
      if (wantSums) {
        sums[i] = u[i] * product;
      }
      next[i] = inverse(product, u[i]);
    }
    loops.accumulate(k, first * n, n, rows, next, first, totals);
  }

  /** What the last pass found for u. */
  final double[] found() {
    return next;
  }

  /** Takes what the last pass found for u. */
  final void accept() {
    double[] before = u;
    u = next;
    next = before;
  }

  /**
   * Scales columns by what the last pass found.
   *
   * @return largest |sum - 1| that epsilon leaves
   */
  final double scaleColumns() {
    double worst = 0;
    for (int j = 0; j < n; j++) {
      double sum = v[j] * columns[j];
      worst = Math.max(worst, epsilon == 0 ? 0 : epsilon / (sum + epsilon));
      v[j] = inverse(columns[j], v[j]);
    }
    return worst;
  }

  /** before / (before product + epsilon), without epsilon whatever came before. */
  private double inverse(double product, double before) {
    return epsilon == 0 ? 1 / product : 1 / (product + epsilon / before);
  }

  static double largestResidual(double[] sums) {
    double worst = 0;
    for (double sum : sums) {
      worst = Math.max(worst, Math.abs(sum - 1));
    }
    return worst;
  }

  static double[] ones(int n) {
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    return ones;
  }
}
