package dev.sinkwatch.analyzer.alarm;

import dev.sinkwatch.analyzer.alarm.DriftState.Point;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A straight line through the logits of a gain over steps: the median of the slopes of all pairs
 * (Theil and Sen), which a quarter of wild values does not sway.
 *
 * @param slope a step
 * @param now the line's value at {@code step}
 */
public record Trend(long since, long step, double now, double slope) {

  /** Fewer points make no line. */
  private static final int FEWEST = 6;

  /** A line is drawn on for at most so many times the steps that it was drawn through. */
  private static final int REACH = 20;

  static @Nullable Trend of(List<Point> path, long step, double value) {
    int n = path.size();
    if (n < FEWEST) {
      return null;
    }
    double[] slopes = new double[n * (n - 1) / 2];
    int count = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        Point a = path.get(i);
        Point b = path.get(j);
        slopes[count++] = (a.value() - b.value()) / (a.step() - b.step());
      }
    }
    double slope = median(slopes);
    double[] ends = new double[n];
    for (int i = 0; i < n; i++) {
      ends[i] = path.get(i).value() + slope * (step - path.get(i).step());
    }
    return new Trend(path.getFirst().step(), step, median(ends), slope);
  }

  /** Whether the line is at that gain already, or below it. */
  boolean below(double gain) {
    return now <= DriftWatch.logit(gain);
  }

  /**
   * The step at which the line comes down to that gain; null if it has, or does not within its
   * reach.
   */
  @Nullable Long crossing(double gain) {
    double below = DriftWatch.logit(gain) - now;
    if (below >= 0 || slope >= 0) {
      return null;
    }
    double steps = below / slope;
    return steps <= (double) REACH * (step - since) ? (Long) (step + Math.round(steps)) : null;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}
