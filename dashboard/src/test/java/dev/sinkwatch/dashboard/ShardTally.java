package dev.sinkwatch.dashboard;

import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.kafka.Topics;
import dev.sinkwatch.ingest.safetensors.Decoded;
import dev.sinkwatch.ingest.safetensors.ShardCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Counts the shards of one run as they come to the topic, from where it ends now. */
final class ShardTally implements AutoCloseable {

  /** Shards of a tensor, by the writing that they are of. */
  record Tensor(long step, String layer, float mark) {}

  private final Map<Tensor, Integer> counts = new ConcurrentHashMap<>();
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String run;
  private final Thread thread;

  ShardTally(String bootstrapServers, String run) {
    this.run = run;
    consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(Topics.WEIGHTS).stream()
            .map(p -> new TopicPartition(Topics.WEIGHTS, p.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position); // now, not when it is asked first
    thread = Thread.ofPlatform().name("shard-tally").start(this::read);
  }

  private void read() {
    try (consumer) {
      while (true) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          count(record.value());
        }
      }
    } catch (WakeupException e) {
      // closed
    }
  }

  private void count(byte[] value) {
    try {
      if (ShardCodec.decode(value, 0) instanceof Decoded.Parsed(Shard shard)
          && shard.id().run().equals(run)) {
        Tensor tensor =
            new Tensor(shard.id().step(), shard.id().layer(), MarkedCheckpoint.mark(shard));
        counts.merge(tensor, 1, Integer::sum);
      }
    } catch (RejectedException e) {
      // another test's
    }
  }

  /** Of all tensors of a step that any shard came of. */
  Map<Tensor, Integer> of(long step) {
    Map<Tensor, Integer> some = new ConcurrentHashMap<>(counts);
    some.keySet().removeIf(tensor -> tensor.step() != step);
    return some;
  }

  @Override
  public void close() {
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
