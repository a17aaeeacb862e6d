package dev.sinkwatch.analyzer.layer;

import java.util.ArrayList;
import java.util.List;

/**
 * Knows when a layer's alarm on its detail gain may be about to change its state, which only a
 * fresh certificate may do: when the upper bound comes to the other side of a threshold, and for
 * some snapshots after that, while the alarm counts. The alarm sees one figure a snapshot, of a
 * batch the liveliest operator's, and so does this. For one thread at a time.
 */
final class Vigilance {

  /** The gain below which HomogeneityTrap holds. */
  private static final double TRAPPED = 0.1;

  /** How far beyond its threshold a gain must be for a firing alarm to clear. */
  private static final double HYSTERESIS = 1.5;

  /** Snapshots that make the baseline, during which no alarm changes its state. */
  private static final int WARM_UP = 5;

  /** Snapshots for which an alarm may be pending. */
  private static final int COUNTING = 10;

  private final List<Double> first = new ArrayList<>();
  private int seen;
  private double baseline = Double.NaN;
  private int side;
  private int onThisSide;

  /** Whether an upper bound that is only carried is not enough. */
  boolean needsCertificate(double gainUpper) {
    int now = side(gainUpper);
    return !Double.isNaN(baseline) && (now != side || (now > 0 && onThisSide < COUNTING));
  }

  /** Takes the figures of a snapshot's verdict; NaN where it has none. */
  void judged(double gainUpper, double gain) {
    seen++;
    if (seen <= WARM_UP && !Double.isNaN(gain)) {
      first.add(gain);
    }
    if (seen == WARM_UP) {
      baseline = median();
    }
    int now = side(gainUpper);
    onThisSide = now == side ? onThisSide + 1 : 0;
    side = now;
  }

  private double median() {
    double[] sorted = first.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** 2 where the alarm's condition holds, 1 where a firing alarm would linger, 0 elsewhere. */
  private int side(double gainUpper) {
    return below(gainUpper, 1) ? 2 : below(gainUpper, HYSTERESIS) ? 1 : 0;
  }

  private boolean below(double gainUpper, double factor) {
    return gainUpper < factor * TRAPPED && gainUpper < factor * baseline / 2;
  }
}
