package dev.sinkwatch.dashboard.canary;

import java.time.Duration;

/**
 * How a monitor watches itself.
 *
 * @param enabled whether it does
 * @param interval between two rounds
 * @param timeout from Kafka's acknowledgement until a canary without a verdict is lost; as long
 *     Kafka has to acknowledge it
 */
public record CanarySettings(boolean enabled, Duration interval, Duration timeout) {

  /** Kafka's own timeouts must fit in. */
  public static final Duration LEAST_TIMEOUT = Duration.ofSeconds(1);

  /** More often it would be a load. */
  public static final Duration LEAST_INTERVAL = Duration.ofMillis(100);
}
