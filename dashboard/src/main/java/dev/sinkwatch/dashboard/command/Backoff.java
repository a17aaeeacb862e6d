package dev.sinkwatch.dashboard.command;

import java.time.Duration;

/** How long to leave alone what fails: twice as long each time. For one thread. */
final class Backoff {
  private static final Duration FIRST = Duration.ofSeconds(2);

  private final Duration most;
  private Duration next = FIRST;

  /**
   * @param most pause
   */
  Backoff(Duration most) {
    this.most = most;
  }

  /** It failed; returns the pause until it is tried again. */
  Duration pause() {
    Duration pause = next;
    Duration twice = pause.multipliedBy(2);
    next = twice.compareTo(most) < 0 ? twice : most;
    return pause;
  }
}
