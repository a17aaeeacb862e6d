package dev.sinkwatch.ingest.kafka;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Turns completions in any order into commits in order: an offset may be committed once everything
 * before it is done. One queue serves one assignment of one partition; when the partition is
 * revoked the queue is forgotten, so a completion that comes too late moves nothing.
 *
 * <p>Safe for use by several threads.
 */
final class AcknowledgementQueue {

  /** One received record. It holds no data, as it may outlive its record by long. */
  static final class Entry {
    private final long offset;
    private final Optional<Integer> leaderEpoch;
    private boolean done;

    private Entry(long offset, Optional<Integer> leaderEpoch) {
      this.offset = offset;
      this.leaderEpoch = leaderEpoch;
    }
  }

  private final Deque<Entry> pending = new ArrayDeque<>();
  private @Nullable Entry lastInOrder;

  /** Records come in the order of their offsets, which need not be dense. */
  synchronized Entry add(long offset, Optional<Integer> leaderEpoch) {
    Entry last = pending.peekLast();
    if (last != null && last.offset >= offset) {
      throw new IllegalArgumentException("offset " + offset + " after " + last.offset);
    }
    Entry entry = new Entry(offset, leaderEpoch);
    pending.addLast(entry);
    return entry;
  }

  /** The record is dealt with for good; saying so again has no effect. */
  synchronized void complete(Entry entry) {
    entry.done = true;
    for (Entry head = pending.peekFirst(); head != null && head.done; head = pending.peekFirst()) {
      lastInOrder = pending.removeFirst();
    }
  }

  /** Where another consumer would have to go on, or null while nothing is done in order. */
  synchronized @Nullable OffsetAndMetadata committable() {
    Entry last = lastInOrder;
    return last == null ? null : new OffsetAndMetadata(last.offset + 1, last.leaderEpoch, "");
  }

  /** The first offset that is not yet done, or {@code Long.MAX_VALUE} if all are. */
  synchronized long firstPending() {
    Entry first = pending.peekFirst();
    return first == null ? Long.MAX_VALUE : first.offset;
  }

  /** Records that are not yet done, or wait for one before them. */
  synchronized int pending() {
    return pending.size();
  }
}
