package dev.sinkwatch.ingest.kafka;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Ledger;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Rejection;
import dev.sinkwatch.ingest.safetensors.Decoded;
import dev.sinkwatch.ingest.safetensors.ShardCodec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.FluxSink;

/** Records in, deliveries out, on the poll thread. */
final class ShardIntake implements ConsumerLoop.Work {
  private static final Logger LOG = LoggerFactory.getLogger(ShardIntake.class);
  private static final long GRACE_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Consumer<byte[], byte[]> consumer;
  private final Ledger ledger;
  private final DeadLetters deadLetters;
  private final Duration revocationGrace;
  private final InFlightBudget budget;
  private final FluxSink<Delivery> sink;
  private final ConsumerLoop loop;
  private final Commits commits;
  private final Lag lag;
  private final Map<TopicPartition, ActivePartition> partitions = new HashMap<>();
  private final Deque<KafkaDelivery> undelivered = new ArrayDeque<>();
  private final Membership membership = new Membership(System::nanoTime);
  private final @Nullable OffsetReset reset;
  private final @Nullable TopicIdentity identity;

  /**
   * @param identity of the topic, to be closed with the loop, if this says where partitions go on
   *     that have no record where they stand; null if the consumer's settings do
   */
  ShardIntake(
      Consumer<byte[], byte[]> consumer,
      String topic,
      KafkaSettings settings,
      Ledger ledger,
      DeadLetters deadLetters,
      FluxSink<Delivery> sink,
      @Nullable TopicIdentity identity) {
    this.consumer = consumer;
    this.ledger = ledger;
    this.deadLetters = deadLetters;
    this.revocationGrace = settings.revocationGrace();
    this.budget = new InFlightBudget(settings.maxInFlightRecords(), settings.maxInFlightBytes());
    this.sink = sink;
    this.loop = new ConsumerLoop(consumer, topic, this);
    this.commits = new Commits(consumer);
    this.lag = new Lag(consumer);
    this.identity = identity;
    this.reset = identity == null ? null : new OffsetReset(consumer, partitions, ledger);
  }

  ConsumerLoop loop() {
    return loop;
  }

  Lag lag() {
    return lag;
  }

  boolean assigned() {
    return membership.hasItsShare();
  }

  @Override
  public boolean ready() {
    if (identity != null && reset != null) {
      identity.renewedSince().ifPresent(since -> replace(reset.beginAnew(since)));
    }
    commits.tick(partitions.values());
    deliver();
    boolean ready = undelivered.isEmpty() && !budget.exhausted();
    lag.tick(partitions.values(), !ready);
    return ready;
  }

  private void deliver() {
    while (!undelivered.isEmpty() && sink.requestedFromDownstream() > 0 && !loop.stopped()) {
      sink.next(undelivered.removeFirst());
    }
  }

  @Override
  public void records(ConsumerRecords<byte[], byte[]> records) {
    for (TopicPartition id : records.partitions()) {
      ActivePartition partition = partitions.get(id);
      if (partition != null) {
        int count = partitionCount(id.topic());
        for (ConsumerRecord<byte[], byte[]> record : records.records(id)) {
          if (misrouted(record, count)) {
            ledger.misrouted();
          }
          accept(partition.receive(record), record);
        }
      }
    }
    deliver();
  }

  private void accept(InFlight inFlight, ConsumerRecord<byte[], byte[]> record) {
    try {
      switch (ShardCodec.decode(record.value(), record.timestamp())) {
        case Decoded.Parsed(var shard) -> undelivered.addLast(new KafkaDelivery(shard, inFlight));
        case Decoded.Ignored(var why) -> {
          LOG.debug(
              "{}-{}@{} ignored: {}", record.topic(), record.partition(), record.offset(), why);
          inFlight.settle(Outcome.Settled.IGNORED);
        }
      }
    } catch (RejectedException e) {
      inFlight.settle(new Outcome.Rejected(e.rejection()));
    } catch (RuntimeException e) {
      // a defect of the decoder must not stop the stream either
      LOG.error(
          "{}-{}@{} could not be read", record.topic(), record.partition(), record.offset(), e);
      inFlight.settle(
          new Outcome.Rejected(new Rejection(Reason.ANALYSIS_FAILED, Failures.line(e))));
    }
  }

  private static boolean misrouted(ConsumerRecord<byte[], byte[]> record, int partitionCount) {
    byte @Nullable [] key = record.key();
    return key != null
        && partitionCount > 0
        && Routing.partition(key, partitionCount) != record.partition();
  }

  /** Answered from the consumer's own metadata, which it has of a topic that it reads; 0 if not. */
  private int partitionCount(String topic) {
    try {
      List<PartitionInfo> all = consumer.partitionsFor(topic);
      return all.size();
    } catch (KafkaException e) {
      return 0;
    }
  }

  @Override
  public boolean reposition(InvalidOffsetException failure) {
    if (reset == null) {
      return false;
    }
    replace(reset.reset(failure));
    return true;
  }

  /** What is in flight of them are other records than those that they hold now. */
  private void replace(Set<TopicPartition> replaced) {
    leave(replaced).forEach(ActivePartition::revoke);
    onPartitionsAssigned(replaced);
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> added) {
    for (TopicPartition id : added) {
      partitions.put(id, new ActivePartition(id, ledger, budget, deadLetters::send, loop::signal));
    }
    membership.owns(partitions.size());
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
    List<ActivePartition> leaving = leave(revoked);
    try {
      long end = System.nanoTime() + revocationGrace.toNanos();
      while (!loop.stopped()
          && end - System.nanoTime() > 0
          && !leaving.stream().allMatch(ActivePartition::idle)) {
        loop.rest(GRACE_REST_NANOS);
      }
      commits.now(leaving);
    } finally {
      leaving.forEach(ActivePartition::revoke);
    }
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> lost) {
    // another member owns them already: a commit would be refused or, worse, overtake its own
    membership.left();
    leave(lost).forEach(ActivePartition::revoke);
  }

  private List<ActivePartition> leave(Collection<TopicPartition> ids) {
    List<ActivePartition> leaving = new ArrayList<>();
    for (TopicPartition id : ids) {
      ActivePartition partition = partitions.remove(id);
      if (partition != null) {
        partition.markRevoked();
        leaving.add(partition);
      }
    }
    undelivered.removeIf(delivery -> {
      boolean gone = delivery.revoked();
      if (gone) {
        delivery.inFlight().revoke();
      }
      return gone;
    });
    return leaving;
  }

  @Override
  public void finish() {
    try {
      onPartitionsRevoked(List.copyOf(partitions.keySet()));
    } finally {
      membership.left();
      lag.clear();
      if (identity != null) {
        identity.close();
      }
    }
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
