package dev.sinkwatch.dashboard.metrics;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import java.util.concurrent.TimeUnit;

/**
 * Quantiles in seconds, estimated from a timer's histogram as Prometheus would: linear within a
 * bucket.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Quantiles(CountAtBucket[] buckets, long count) {

  static Quantiles of(Timer timer) {
    CountAtBucket[] buckets = timer.takeSnapshot().histogramCounts();
    return new Quantiles(buckets, timer.count());
  }

  /** NaN when nothing was measured; the last bound when it is beyond all. */
  double at(double quantile) {
    if (count == 0 || buckets.length == 0) {
      return Double.NaN;
    }
    double rank = quantile * count;
    double below = 0;
    double from = 0;
    double to = 0;
    for (CountAtBucket bucket : buckets) {
      double bound = bucket.bucket(TimeUnit.SECONDS);
      if (!(bound < Long.MAX_VALUE / 1e9)) {
        break; // that of infinity
      }
      to = bound;
      if (bucket.count() >= rank) {
        double inside = bucket.count() - below;
        return inside == 0 ? to : from + (to - from) * (rank - below) / inside;
      }
      below = bucket.count();
      from = to;
    }
    return to;
  }
}
