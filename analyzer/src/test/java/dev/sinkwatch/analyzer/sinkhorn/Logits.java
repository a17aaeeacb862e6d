package dev.sinkwatch.analyzer.sinkhorn;

import java.util.Arrays;
import java.util.Random;

/** Logits of n x n operators, the same for the same arguments. */
final class Logits {

  private Logits() {}

  static double[] gaussian(int n, double deviation) {
    Random random = new Random(n);
    double[] logits = new double[n * n];
    Arrays.setAll(logits, i -> deviation * random.nextGaussian());
    return logits;
  }

  /**
   * Some rows (or columns) want the same place: their scalings grow by a factor in each iteration,
   * until what lies far below decides.
   */
  static double[] contested(int n, int rivals, double far, boolean transposed) {
    double[] logits = gaussian(n, 1);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        boolean near = i < rivals ? j == 0 : j > 0;
        logits[transposed ? j * n + i : i * n + j] += near ? 0 : far;
      }
    }
    return logits;
  }

  /** Spread over a range of that width. */
  static double[] uniform(int n, double range) {
    Random random = new Random(n);
    double[] logits = new double[n * n];
    Arrays.setAll(logits, i -> range * (random.nextDouble() - 0.5));
    return logits;
  }
}
