package dev.sinkwatch.ingest.kafka;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What happens on a {@link RecordFeed}, in order. */
public sealed interface FeedEvent {

  /**
   * Partitions, perhaps none, are ours besides those that were; their records follow, oldest of the
   * replay first.
   */
  record Assigned(Set<Integer> partitions) implements FeedEvent {}

  /** Partitions are another member's from now on; none of their records follow. */
  record Revoked(Set<Integer> partitions) implements FeedEvent {}

  /**
   * A record of an assigned partition.
   *
   * @param timestampMillis milliseconds since 1970
   * @param key not to be written to
   * @param value not to be written to
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Received(
      int partition,
      long offset,
      long timestampMillis,
      byte @Nullable [] key,
      byte @Nullable [] value)
      implements FeedEvent {}
}
