package dev.sinkwatch.ingest.kafka;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.FluxSink;

/** Records and changes of assignment in, events out, on the poll thread. */
final class FeedIntake implements ConsumerLoop.Work {
  private static final Logger LOG = LoggerFactory.getLogger(FeedIntake.class);
  private static final Duration LOOK_UP_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration POSITION_TIMEOUT = Duration.ofMillis(100);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Consumer<byte[], byte[]> consumer;
  private final String topic;
  private final @Nullable PartitionChoice choice;
  private final Duration replay;
  private final FluxSink<FeedEvent> sink;
  private final ConsumerLoop loop;
  private final Deque<FeedEvent> undelivered = new ArrayDeque<>();

  /** Assigned, but not yet set to where the replay begins. */
  private final Set<TopicPartition> unplaced = new HashSet<>();

  /** Ends as they were on assignment, of the partitions that have not come so far yet. */
  private final Map<TopicPartition, Long> behind = new HashMap<>();

  private long nextTryNanos = System.nanoTime();
  private boolean assigned;
  private volatile boolean caughtUp;

  /**
   * @param choice of the partitions; null if the consumer's group gives them
   */
  FeedIntake(
      Consumer<byte[], byte[]> consumer,
      String topic,
      @Nullable PartitionChoice choice,
      Duration replay,
      FluxSink<FeedEvent> sink) {
    this.consumer = consumer;
    this.topic = topic;
    this.choice = choice;
    this.replay = replay;
    this.sink = sink;
    this.loop = new ConsumerLoop(consumer, topic, this);
  }

  ConsumerLoop loop() {
    return loop;
  }

  boolean caughtUp() {
    return caughtUp;
  }

  @Override
  public void begin(
      Consumer<byte[], byte[]> member, String of, ConsumerRebalanceListener listener) {
    if (choice == null) {
      ConsumerLoop.Work.super.begin(member, of, listener);
    }
  }

  @Override
  public boolean ready() {
    choose();
    place();
    deliver();
    if (undelivered.isEmpty()) {
      behind.entrySet().removeIf(entry -> reached(entry.getKey(), entry.getValue()));
    }
    caughtUp = assigned && unplaced.isEmpty() && behind.isEmpty();
    return unplaced.isEmpty() && undelivered.isEmpty();
  }

  private boolean reached(TopicPartition id, long end) {
    try {
      return consumer.position(id, POSITION_TIMEOUT) >= end;
    } catch (RetriableException | WakeupException e) {
      // it has none while it looks for the first record that retention has left
      return false;
    }
  }

  /** Takes and leaves partitions as it was last chosen; what stays goes on where it was. */
  private void choose() {
    if (choice == null || System.nanoTime() - nextTryNanos < 0) {
      return;
    }
    try {
      Optional<PartitionChoice.Chosen> chosen = choice.changed(consumer, topic, LOOK_UP_TIMEOUT);
      if (chosen.isPresent()) {
        Set<TopicPartition> now = chosen.get().partitions();
        Set<TopicPartition> before = Set.copyOf(consumer.assignment());
        Set<TopicPartition> stay = new HashSet<>(before);
        stay.retainAll(now);
        stay.removeAll(chosen.get().anew());
        consumer.assign(now);
        onPartitionsRevoked(before.stream().filter(id -> !stay.contains(id)).toList());
        onPartitionsAssigned(now.stream().filter(id -> !stay.contains(id)).toList());
      }
    } catch (RetriableException | WakeupException e) {
      LOG.warn("which partitions there are is not known yet: {}", Failures.line(e));
      nextTryNanos = System.nanoTime() + RETRY_NANOS;
    }
  }

  /** Not in the callback of the assignment: a failure there would be taken for a failed poll. */
  private void place() {
    if (unplaced.isEmpty() || System.nanoTime() - nextTryNanos < 0) {
      return;
    }
    long from = System.currentTimeMillis() - replay.toMillis();
    try {
      Map<TopicPartition, OffsetAndTimestamp> starts =
          consumer.offsetsForTimes(
              unplaced.stream().collect(Collectors.toMap(id -> id, _ -> from)), LOOK_UP_TIMEOUT);
      Map<TopicPartition, Long> ends = consumer.endOffsets(unplaced, LOOK_UP_TIMEOUT);
      ends.forEach((id, end) -> {
        // none means that nothing as young as the replay is there
        OffsetAndTimestamp start = starts.get(id);
        consumer.seek(id, start == null ? end : start.offset());
        behind.put(id, end);
        unplaced.remove(id);
      });
    } catch (RetriableException | WakeupException e) {
      LOG.warn("where to begin is not known yet: {}", Failures.line(e));
      nextTryNanos = System.nanoTime() + RETRY_NANOS;
    }
  }

  private void deliver() {
    while (!undelivered.isEmpty() && sink.requestedFromDownstream() > 0 && !loop.stopped()) {
      sink.next(undelivered.removeFirst());
    }
  }

  @Override
  public void records(ConsumerRecords<byte[], byte[]> records) {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      undelivered.addLast(
          new FeedEvent.Received(
              record.partition(),
              record.offset(),
              record.timestamp(),
              record.key(),
              record.value()));
    }
    deliver();
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    assigned = true;
    caughtUp &= partitions.isEmpty();
    unplaced.addAll(partitions);
    undelivered.addLast(new FeedEvent.Assigned(numbers(partitions)));
    deliver();
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    if (!partitions.isEmpty()) {
      Set<Integer> numbers = numbers(partitions);
      unplaced.removeAll(partitions);
      behind.keySet().removeAll(partitions);
      undelivered.removeIf(event ->
          event instanceof FeedEvent.Received record && numbers.contains(record.partition()));
      undelivered.addLast(new FeedEvent.Revoked(numbers));
      deliver();
    }
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    onPartitionsRevoked(partitions);
  }

  private static Set<Integer> numbers(Collection<TopicPartition> partitions) {
    return partitions.stream()
        .map(TopicPartition::partition)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public void finish() {
    assigned = false;
    caughtUp = false;
  }

  @Override
  public void ended(@Nullable IOException failure) {
    if (failure == null) {
      sink.complete();
    } else {
      sink.error(failure);
    }
  }
}
