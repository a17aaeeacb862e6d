package dev.sinkwatch.ingest.kafka;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** All partitions of a topic but some, of which it is said again and again which those are. */
final class PartitionChoice {

  /**
   * What is to be read from now on.
   *
   * @param anew those of it that were left out for a moment, and so begin again
   */
  record Chosen(Set<TopicPartition> partitions, Set<TopicPartition> anew) {}

  private @Nullable Set<Integer> except;
  private boolean changed;

  /** Left out at any time since the last choice. */
  private Set<Integer> leftOut = new HashSet<>();

  /** Any thread; before the first time no partition is read. */
  synchronized void except(Set<Integer> partitions) {
    except = Set.copyOf(partitions);
    leftOut.addAll(partitions);
    changed = true;
  }

  /** On the poll thread: what is chosen, if that may have changed since it was asked last. */
  Optional<Chosen> changed(Consumer<byte[], byte[]> consumer, String topic, Duration timeout) {
    synchronized (this) {
      if (!changed) {
        return Optional.empty();
      }
    }
    // not while others wait for the lock: it may ask a broker
    List<TopicPartition> all =
        consumer.partitionsFor(topic, timeout).stream()
            .map(partition -> new TopicPartition(topic, partition.partition()))
            .toList();
    synchronized (this) {
      Set<Integer> now = except == null ? Set.of() : except;
      Set<Integer> before = leftOut;
      leftOut = new HashSet<>(now);
      changed = false;
      Set<TopicPartition> chosen =
          all.stream()
              .filter(id -> !now.contains(id.partition()))
              .collect(Collectors.toUnmodifiableSet());
      return Optional.of(
          new Chosen(
              chosen,
              chosen.stream()
                  .filter(id -> before.contains(id.partition()))
                  .collect(Collectors.toUnmodifiableSet())));
    }
  }
}
