package dev.sinkwatch.analyzer.mixer;

import java.util.Random;

/** Matrices for tests of mixers. */
final class Samples {

  private Samples() {}

  static double[] diagonal(int n, double value) {
    double[] p = new double[n * n];
    for (int i = 0; i < n; i++) {
      p[i * n + i] = value;
    }
    return p;
  }

  static double[] gaussian(Random random, int count, double deviation) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = deviation * random.nextGaussian();
    }
    return values;
  }
}
