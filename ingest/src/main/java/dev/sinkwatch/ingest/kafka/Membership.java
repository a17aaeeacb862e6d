package dev.sinkwatch.ingest.kafka;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Whether a member of a group has its share of the partitions. None may be its share, when there
 * are more members than partitions; but a new member may also be given none at first because those
 * it is to have are still being taken from others. So none counts only once it has stood for a
 * while. Told by one thread, asked by any.
 */
final class Membership {

  /**
   * Longer than others take to give partitions up: their grace, and heartbeats of seconds by which
   * each hears of the next step.
   */
  static final Duration NONE_MUST_STAND = Duration.ofSeconds(15);

  private final LongSupplier nanos;
  private volatile State state = State.OUTSIDE;
  private volatile long sinceNanos;

  private enum State {
    OUTSIDE,
    NONE,
    SOME
  }

  Membership(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** The group has spoken: so many partitions are ours now. */
  void owns(int partitions) {
    if (partitions == 0 && state != State.NONE) {
      sinceNanos = nanos.getAsLong();
    }
    state = partitions == 0 ? State.NONE : State.SOME;
  }

  void left() {
    state = State.OUTSIDE;
  }

  boolean hasItsShare() {
    return switch (state) {
      case OUTSIDE -> false;
      case NONE -> nanos.getAsLong() - sinceNanos >= NONE_MUST_STAND.toNanos();
      case SOME -> true;
    };
  }
}
