package dev.sinkwatch.analyzer.sinkhorn;

import dev.sinkwatch.analyzer.kernel.ScalingLoops;
import dev.sinkwatch.analyzer.kernel.Team;

/**
 * Scaling of weights to which epsilon was added, so that they lie between epsilon and 1 + epsilon:
 * no scaling then leaves the range of doubles, see {@link #LEAST_EPSILON}. Rows come first.
 */
final class BoundedScaling extends Scaling {

  /**
   * Scalings of a matrix whose entries are within a factor c of each other are within n c of each
   * other (Birkhoff 1957), and products of two of them must be doubles.
   */
  static final double LEAST_EPSILON = 1e-100;

  /** The weights that epsilon is added to. */
  enum Weights {
    /** Their rows already sum to 1, so that the first iteration is one of columns alone. */
    ROW_SOFTMAX,
    SIGMOID
  }

  private final double[] logits;
  private final double epsilon;
  private final Weights weights;
  private final double[] zeros;
  private boolean begun;
  private double columnResidual;
  private double residual;

  BoundedScaling(
      double[] logits, int n, Weights weights, double epsilon, Team team, ScalingLoops loops) {
    super(n, epsilon, team, loops);
    this.logits = logits;
    this.weights = weights;
    this.epsilon = epsilon;
    this.zeros = new double[n];
  }

  @Override
  boolean iterate() {
    boolean measured = begun;
    if (begun) {
      scaleRows(true);
      accept();
      residual = Math.max(columnResidual, largestResidual(sums));
    } else if (weights == Weights.ROW_SOFTMAX) {
      parts.sum(
          columns,
          (first, rows, totals) -> {
            for (int i = first; i < first + rows; i++) {
              softmax(i);
            }
            loops.accumulate(k, first * n, n, rows, u, first, totals);
          });
    } else {
      parts.sum(
          columns,
          (first, rows, totals) -> {
            for (int i = first; i < first + rows; i++) {
              sigmoid(i);
            }
            scaleRows(first, rows, totals, false);
          });
      accept();
    }
    begun = true;
    columnResidual = scaleColumns();
    return measured;
  }

  private void softmax(int i) {
    double inverse = 1 / softmaxRow(logits, 1, zeros, i);
    int at = i * n;
    for (int j = 0; j < n; j++) {
      k[at + j] = k[at + j] * inverse + epsilon;
    }
  }

  private void sigmoid(int i) {
    softmaxRow(logits, 1, zeros, i);
    int at = i * n;
    loops.exp(logits, at, n, -1, 0, zeros, k);
    for (int j = 0; j < n; j++) {
      k[at + j] = 1 / (1 + k[at + j]) + epsilon;
    }
  }

  @Override
  double residual() {
    return residual;
  }
}
