package dev.sinkwatch.ingest.kafka;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** All partitions of a topic but some, of which it is said again and again which those are. */
final class PartitionChoice {
  private volatile @Nullable Set<Integer> except;
  private @Nullable Set<Integer> applied;

  /** Any thread; before the first time no partition is read. */
  void except(Set<Integer> partitions) {
    except = Set.copyOf(partitions);
  }

  /** On the poll thread: what is to be read from now on, if that has changed. */
  Optional<Set<TopicPartition>> changed(
      Consumer<byte[], byte[]> consumer, String topic, Duration timeout) {
    Set<Integer> now = except;
    if (now == null || now.equals(applied)) {
      return Optional.empty();
    }
    Set<TopicPartition> chosen =
        consumer.partitionsFor(topic, timeout).stream()
            .filter(partition -> !now.contains(partition.partition()))
            .map(partition -> new TopicPartition(topic, partition.partition()))
            .collect(Collectors.toUnmodifiableSet());
    applied = now;
    return Optional.of(chosen);
  }
}
