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

  /** The spread of one or more values, none of them NaN. */
  public static BatchSpread of(double[] values) {
    OrderStatistics ranked = new OrderStatistics(values.clone());
    int argmin = 0;
    int argmax = 0;
    for (int i = 1; i < values.length; i++) {
      argmin = values[i] < values[argmin] ? i : argmin;
      argmax = values[i] > values[argmax] ? i : argmax;
    }
    return new BatchSpread(
        values[argmin],
        quantile(ranked, values.length, 0.5),
        quantile(ranked, values.length, 0.95),
        values[argmax],
        argmin,
        argmax);
  }

  private static double quantile(OrderStatistics ranked, int count, double q) {
    double at = q * (count - 1);
    int below = (int) at;
    double value = ranked.at(below);
    double next = ranked.at(Math.min(below + 1, count - 1));
    return value + (at - below) * (next - value);
  }
}
