package dev.sinkwatch.analyzer.alarm;

import java.util.List;

/**
 * What a {@link DriftWatch} must know of the past to go on where it stopped. All values are logits
 * of detail gains, ln g / (1 - g).
 *
 * @param seen values so far, counted up to a bound
 * @param mean running mean of the values
 * @param level what the values are compared with
 * @param recent the last values, oldest first
 * @param narrow mean square of the narrow second differences
 * @param wide mean square of the wide ones
 * @param sum the cumulative sum of how far values were below the level
 * @param limit what the sum was last compared with
 * @param path values since the sum left zero, some of them left out evenly
 * @param stride every so many values one was kept in the path
 * @param skipped values since the last one that was kept
 */
public record DriftState(
    int seen,
    double mean,
    double level,
    List<Double> recent,
    double narrow,
    double wide,
    double sum,
    double limit,
    List<Point> path,
    int stride,
    int skipped) {

  /** A value at a step. */
  public record Point(long step, double value) {}

  /** Before the first value. */
  public static final DriftState NONE =
      new DriftState(0, 0, 0, List.of(), 0, 0, 0, 1, List.of(), 1, 0);

  /** The sum is kept anew whenever it has moved by such a part of its limit. */
  private static final int PARTS = 4;

  public DriftState {
    if (seen < 0
        || recent.size() > NoiseScale.RECENT
        || path.size() >= DriftWatch.POINTS
        || !(narrow >= 0 && wide >= 0 && sum >= 0 && limit > 0)
        || stride < 1
        || skipped < 0) {
      throw new IllegalArgumentException("no state of a drift");
    }
    recent = List.copyOf(recent);
    path = List.copyOf(path);
  }

  /**
   * Whether whoever goes on from this one, with the values that came after it, stands nearly where
   * the other one's successor stands without them.
   */
  boolean saysAsMuchAs(DriftState other) {
    return warm() == other.warm()
        && Math.floor(PARTS * sum / limit) == Math.floor(PARTS * other.sum / other.limit);
  }

  private boolean warm() {
    return seen > DriftWatch.FIRST;
  }
}
