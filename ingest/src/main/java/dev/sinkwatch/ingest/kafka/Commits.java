package dev.sinkwatch.ingest.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RetriableCommitFailedException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells Kafka how far each partition is done. A commit that fails costs nothing but repeated work
 * after a restart, so none is ever fatal: the next one carries the same offsets or later ones. For
 * the poll thread alone.
 */
final class Commits {
  private static final Logger LOG = LoggerFactory.getLogger(Commits.class);
  private static final long INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Duration SYNC_TIMEOUT = Duration.ofSeconds(3);

  private final Consumer<byte[], byte[]> consumer;
  private long lastNanos = System.nanoTime();
  private boolean underWay;

  Commits(Consumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
  }

  /** Starts a commit if there is something to commit and the last one is a while ago. */
  void tick(Collection<ActivePartition> partitions) {
    if (underWay || System.nanoTime() - lastNanos < INTERVAL_NANOS) {
      return;
    }
    lastNanos = System.nanoTime();
    Map<ActivePartition, OffsetAndMetadata> due = due(partitions);
    if (due.isEmpty()) {
      return;
    }
    underWay = true;
    try {
      consumer.commitAsync(
          offsets(due),
          (_, failure) -> {
            underWay = false;
            if (failure == null) {
              due.forEach(ActivePartition::committed);
            } else {
              complain(failure);
            }
          });
    } catch (KafkaException e) {
      underWay = false;
      complain(e);
    }
  }

  /** Commits and waits for it, a few seconds at most. */
  void now(Collection<ActivePartition> partitions) {
    Map<ActivePartition, OffsetAndMetadata> due = due(partitions);
    if (due.isEmpty()) {
      return;
    }
    try {
      sync(due);
    } catch (KafkaException e) {
      complain(e);
    }
  }

  private void sync(Map<ActivePartition, OffsetAndMetadata> due) {
    try {
      consumer.commitSync(offsets(due), SYNC_TIMEOUT);
    } catch (WakeupException e) {
      // the wakeup that stops the loop is spent on the first call that waits; this was it
      consumer.commitSync(offsets(due), SYNC_TIMEOUT);
    }
    due.forEach(ActivePartition::committed);
  }

  private static Map<ActivePartition, OffsetAndMetadata> due(
      Collection<ActivePartition> partitions) {
    Map<ActivePartition, OffsetAndMetadata> due = new HashMap<>();
    for (ActivePartition partition : partitions) {
      OffsetAndMetadata offset = partition.uncommitted();
      if (offset != null) {
        due.put(partition, offset);
      }
    }
    return due;
  }

  /** With the member's id beside each, so that it can be told later who committed what. */
  private Map<TopicPartition, OffsetAndMetadata> offsets(
      Map<ActivePartition, OffsetAndMetadata> due) {
    String member = consumer.groupMetadata().memberId();
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    due.forEach((partition, offset) ->
        offsets.put(
            partition.id(), new OffsetAndMetadata(offset.offset(), offset.leaderEpoch(), member)));
    return offsets;
  }

  private static void complain(Exception failure) {
    if (failure instanceof RetriableException
        || failure instanceof RetriableCommitFailedException
        || failure instanceof RebalanceInProgressException) {
      LOG.debug("a commit will be repeated: {}", Failures.line(failure));
    } else {
      LOG.warn("a commit failed, its records may be judged again: {}", Failures.line(failure));
    }
  }
}
