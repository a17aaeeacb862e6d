package dev.sinkwatch.dashboard.access;

import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log that passwords were wrong, once a minute at most. It names no users: people type
 * passwords where names belong. Safe for several threads.
 */
final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
  private static final Duration QUIET = Duration.ofMinutes(1);

  private int unsaid;
  private Instant next = Instant.MIN;

  /**
   * @param address where the last one came from
   */
  synchronized void add(String address, Instant now) {
    unsaid++;
    if (!now.isBefore(next)) {
      LOG.warn("logins refused: {}, the last from {}", unsaid, address);
      unsaid = 0;
      next = now.plus(QUIET);
    }
  }
}
