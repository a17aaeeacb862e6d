package dev.sinkwatch.analyzer.verdict;

/**
 * How a figure spreads over a batch of operators.
 *
 * @param p95 95th percentile, linear between neighbours as NumPy's default
 * @param argmin index of the first smallest
 * @param argmax index of the first largest
 */
public record BatchSpread(
    double min, double median, double p95, double max, int argmin, int argmax) {

  /** The spread of one or more values; undefined when one of them is. */
  public static BatchSpread of(double[] values) {
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    if (Double.isNaN(min)) {
      return new BatchSpread(min, min, min, min, 0, 0);
    }
    OrderStatistics ranked = new OrderStatistics(values, min, max);
    return new BatchSpread(
        min,
        quantile(ranked, values.length, 0.5),
        quantile(ranked, values.length, 0.95),
        max,
        first(values, min),
        first(values, max));
  }

  private static int first(double[] values, double sought) {
    int at = 0;
    while (values[at] != sought) {
      at++;
    }
    return at;
  }

  private static double quantile(OrderStatistics ranked, int count, double q) {
    double at = q * (count - 1);
    int below = (int) at;
    double value = ranked.at(below);
    double next = ranked.at(Math.min(below + 1, count - 1));
    return value + (at - below) * (next - value);
  }
}
