package dev.sinkwatch.analyzer.sinkhorn;

import java.util.Arrays;

/**
 * The softmax of some coefficients.
 *
 * @param spread largest minus smallest weight: 1 when one has it all, 0 when all are equal
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
record Softmax(double[] values, double spread) {

  static Softmax of(double[] coefficients, int from, int count) {
    double[] values = Arrays.copyOfRange(coefficients, from, from + count);
    double top = Arrays.stream(values).max().orElse(0);
    double sum = 0;
    for (int i = 0; i < count; i++) {
      values[i] = Math.exp(values[i] - top);
      sum += values[i];
    }
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (int i = 0; i < count; i++) {
      values[i] /= sum;
      least = Math.min(least, values[i]);
      most = Math.max(most, values[i]);
    }
    return new Softmax(values, most - least);
  }
}
