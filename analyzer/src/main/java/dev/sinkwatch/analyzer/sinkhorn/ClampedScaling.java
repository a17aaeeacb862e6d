package dev.sinkwatch.analyzer.sinkhorn;

import dev.sinkwatch.analyzer.kernel.ScalingLoops;
import dev.sinkwatch.analyzer.kernel.Team;
import java.util.Arrays;

/**
 * Scaling that divides by max(sum, floor), as some codebases guard against a division by 0: what is
 * below the floor stays too small, for all entries change in place. Rows come first. One thread:
 * the families that do so have a handful of streams.
 */
final class ClampedScaling extends Scaling {

  /** exp of it is far from both ends of the range. */
  private static final double LARGEST_LOGIT = 600;

  private final double floor;
  private final double[] m;
  private double[] kept = new double[0];
  private boolean begun;
  private double columnResidual;
  private double residual;

  private ClampedScaling(double[] logits, int n, double floor, Team team, ScalingLoops loops) {
    super(n, 0, team, loops);
    this.floor = floor;
    this.m = new double[k.length];
    double[] zeros = new double[n];
    for (int i = 0; i < n; i++) {
      softmaxRow(logits, 1, zeros, i); // for the saturation
    }
  }

  /**
   * Of exp(z). Logits beyond 600 are lowered together, since the floor cannot matter beside them.
   */
  static ClampedScaling ofExponential(
      double[] logits, int n, double floor, Team team, ScalingLoops loops) {
    ClampedScaling scaling = new ClampedScaling(logits, n, floor, team, loops);
    double shift = Math.max(0, Arrays.stream(logits).max().orElse(0) - LARGEST_LOGIT);
    for (int e = 0; e < scaling.m.length; e++) {
      scaling.m[e] = Math.exp(logits[e] - shift);
    }
    return scaling;
  }

  /** Of the softmax over columns. */
  static ClampedScaling ofColumnSoftmax(
      double[] logits, int n, double floor, Team team, ScalingLoops loops) {
    ClampedScaling scaling = new ClampedScaling(logits, n, floor, team, loops);
    double[] column = new double[n];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < n; i++) {
        column[i] = logits[i * n + j];
      }
      double[] weights = Softmax.of(column, 0, n).values();
      for (int i = 0; i < n; i++) {
        scaling.m[i * n + j] = weights[i];
      }
    }
    return scaling;
  }

  @Override
  boolean iterate() {
    boolean measured = begun;
    begun = true;
    for (int i = 0; i < n; i++) {
      double sum = 0;
      for (int j = 0; j < n; j++) {
        sum += m[i * n + j];
      }
      sums[i] = sum;
      for (int j = 0; j < n; j++) {
        m[i * n + j] /= Math.max(sum, floor);
      }
    }
    residual = Math.max(columnResidual, largestResidual(sums));
    Arrays.fill(columns, 0);
    for (int e = 0; e < m.length; e++) {
      columns[e % n] += m[e];
    }
    columnResidual = 0;
    for (double sum : columns) {
      columnResidual = Math.max(columnResidual, sum < floor ? 1 - sum / floor : 0);
    }
    for (int e = 0; e < m.length; e++) {
      m[e] /= Math.max(columns[e % n], floor);
    }
    return measured;
  }

  @Override
  double residual() {
    return residual;
  }

  @Override
  void keep() {
    kept = m.clone();
  }

  @Override
  double[] matrix() {
    return kept;
  }
}
