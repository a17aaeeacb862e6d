package dev.sinkwatch.ingest.kafka;

import dev.sinkwatch.ingest.Ledger;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where partitions go on that have no record where they stand: at the first that is there, as with
 * Kafka's own reset to the earliest. But that skips what was deleted unread without a word; here it
 * is counted and told. For the poll thread alone.
 */
final class OffsetReset {
  private static final Logger LOG = LoggerFactory.getLogger(OffsetReset.class);
  private static final Duration LOOK_UP_TIMEOUT = Duration.ofSeconds(5);

  private final Consumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, ActivePartition> partitions;
  private final Ledger ledger;

  /** When partitions were last sent to their beginning because they hold other records now. */
  private final Map<TopicPartition, Long> begunNanos = new HashMap<>();

  /**
   * @param partitions those that are assigned
   */
  OffsetReset(
      Consumer<byte[], byte[]> consumer,
      Map<TopicPartition, ActivePartition> partitions,
      Ledger ledger) {
    this.consumer = consumer;
    this.partitions = partitions;
    this.ledger = ledger;
  }

  /** Has Kafka leave the reset to us; false, and nothing changed, if not the earliest is asked. */
  static boolean takeOver(Properties settings) {
    boolean earliest =
        "earliest".equals(settings.getProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG));
    if (earliest) {
      settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    }
    return earliest;
  }

  /**
   * Seeks to where they go on. If that cannot be looked up, all stays as it is, and the next poll
   * fails in the same way.
   *
   * @return those that hold other records now than those in flight, whose offsets come again
   */
  Set<TopicPartition> reset(InvalidOffsetException failure) {
    return switch (failure) {
      case NoOffsetForPartitionException none -> begin(assigned(none.partitions()));
      case LogTruncationException truncated ->
          goOn(truncated.offsetOutOfRangePartitions(), truncated.divergentOffsets());
      case OffsetOutOfRangeException outside ->
          goOn(outside.offsetOutOfRangePartitions(), Map.of());
      default -> throw failure;
    };
  }

  /**
   * The topic was deleted and made anew: seeks to the beginning of its partitions, but for those
   * that were sent there meanwhile.
   *
   * @param sinceNanos when it was still the old one
   * @return those that hold other records now than those in flight
   */
  Set<TopicPartition> beginAnew(long sinceNanos) {
    Set<TopicPartition> replaced =
        assigned(partitions.keySet()).stream()
            .filter(id -> begunNanos.getOrDefault(id, sinceNanos) - sinceNanos <= 0)
            .collect(Collectors.toUnmodifiableSet());
    if (!replaced.isEmpty()) {
      consumer.seekToBeginning(replaced);
      LOG.warn(
          "{}: the topic was deleted and made anew; they begin with its first record", replaced);
    }
    return replaced;
  }

  private Set<TopicPartition> assigned(Collection<TopicPartition> of) {
    Set<TopicPartition> now = consumer.assignment();
    return of.stream()
        .filter(id -> now.contains(id) && partitions.containsKey(id))
        .collect(Collectors.toUnmodifiableSet());
  }

  private Set<TopicPartition> begin(Set<TopicPartition> uncommitted) {
    if (!uncommitted.isEmpty()) { // none would stand for all
      consumer.seekToBeginning(uncommitted);
    }
    return Set.of();
  }

  private Set<TopicPartition> goOn(
      Map<TopicPartition, Long> positions, Map<TopicPartition, OffsetAndMetadata> divergent) {
    Map<TopicPartition, Long> beginnings =
        consumer.beginningOffsets(assigned(positions.keySet()), LOOK_UP_TIMEOUT);
    Set<TopicPartition> replaced = new HashSet<>();
    beginnings.forEach((id, beginning) -> {
      ActivePartition partition = partitions.get(id);
      if (partition != null) {
        // a failure that was noticed before we last sought elsewhere tells an older one
        long position = Math.max(partition.nextOffset(), positions.getOrDefault(id, -1L));
        if (position < beginning) {
          skip(partition, position, beginning);
        } else {
          goBack(partition, position, beginning, divergent.get(id));
          replaced.add(id);
        }
      }
    });
    return replaced;
  }

  private void skip(ActivePartition partition, long position, long beginning) {
    consumer.seek(partition.id(), beginning);
    partition.skippedTo(beginning);
    ledger.expired(beginning - position);
    LOG.warn(
        "{}: {} records were deleted before they were received (offsets {} to {}) and are not judged:"
            + " the monitor is too slow for what comes, or was away for longer than the topic keeps"
            + " records; let more monitors share the work, publish less often, or raise retention.ms"
            + " and retention.bytes of the topic",
        partition.id(),
        beginning - position,
        position,
        beginning - 1);
  }

  private void goBack(
      ActivePartition partition,
      long position,
      long beginning,
      @Nullable OffsetAndMetadata divergent) {
    // those in flight come again, for their offsets may be those of other records now
    long start =
        divergent == null
            ? beginning
            : Math.max(beginning, Math.min(divergent.offset(), partition.firstPending()));
    consumer.seek(partition.id(), start);
    if (start == beginning) {
      begunNanos.put(partition.id(), System.nanoTime());
    }
    LOG.warn(
        "{}: offset {} is not there any more: the topic was deleted and made anew, or has lost its"
            + " end with a broker; goes on at offset {}",
        partition.id(),
        position,
        start);
  }
}
