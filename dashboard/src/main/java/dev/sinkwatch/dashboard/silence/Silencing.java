package dev.sinkwatch.dashboard.silence;

import dev.sinkwatch.analyzer.alarm.Alarm;
import org.jspecify.annotations.Nullable;

/** Knows which alarms are silenced now. Safe for use by several threads. */
@FunctionalInterface
public interface Silencing {
  /** No alarm is. */
  Silencing NONE = alarm -> null;

  /**
   * Until when the alarm is silenced, milliseconds since 1970; null if it is not now. An inactive
   * alarm never is.
   */
  @Nullable Long until(Alarm alarm);
}
