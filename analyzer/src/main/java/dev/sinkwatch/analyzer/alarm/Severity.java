package dev.sinkwatch.analyzer.alarm;

/** How loudly an alarm speaks. */
public enum Severity {
  /** It rests on a proxy, on an assumed noise amplitude, or on no baseline. */
  INFO,
  WARNING,
  CRITICAL
}
