package dev.sinkwatch.analyzer.alarm;

import org.jspecify.annotations.Nullable;

/**
 * What a verdict is compared with: the past of its own layer or chain.
 *
 * @param baseline median of the figure over the warm-up; NaN until that is over
 * @param drift how the figure stands against the level that it held; null for a chain, and while
 *     that level is being made
 */
public record Past(double baseline, @Nullable Drift drift) {

  /** Of a verdict that is seen alone. */
  static final Past NONE = new Past(Double.NaN, null);
}
