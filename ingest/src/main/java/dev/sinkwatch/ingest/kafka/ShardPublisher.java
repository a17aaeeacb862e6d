package dev.sinkwatch.ingest.kafka;

import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.safetensors.ShardCodec;
import dev.sinkwatch.ingest.safetensors.ShardKey;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/** Puts shards on the topic, each where its key belongs. Safe for use by several threads. */
public final class ShardPublisher implements AutoCloseable {
  private final Sender sender;
  private final String topic;

  /**
   * To {@link Topics#WEIGHTS}.
   *
   * @throws IOException with one line if Kafka does not take the settings
   */
  public ShardPublisher(KafkaSettings settings) throws IOException {
    this(settings, Topics.WEIGHTS);
  }

  public ShardPublisher(KafkaSettings settings, String topic) throws IOException {
    try {
      this.sender = new Sender(settings.withClientId(settings.clientId() + "-publisher"));
    } catch (KafkaException e) {
      throw new IOException("Kafka at " + settings.bootstrapServers() + ": " + Failures.line(e), e);
    }
    this.topic = topic;
  }

  /**
   * Sends a shard, whose data may change once this returns. When the producer's buffer is full it
   * waits for room ({@code max.block.ms}, a minute by default): not for event loops.
   *
   * @return completes when Kafka has acknowledged it, or with an {@link IOException} of one line
   */
  public CompletableFuture<Void> publish(Shard shard) {
    byte[] key = Routing.bytes(ShardKey.of(shard.id().run(), shard.id().layer()));
    return Failures.told(
        topic, sender.send(Sender.record(topic, null, key, ShardCodec.encode(shard))));
  }

  /**
   * How many partitions the topic has. It may wait for metadata ({@code max.block.ms}).
   *
   * @throws IOException with one line if they cannot be told
   */
  public int partitions() throws IOException {
    try {
      return sender.partitions(topic);
    } catch (KafkaException e) {
      throw new IOException("Kafka, " + topic + ": " + Failures.line(e), e);
    }
  }

  /** Waits until all that was published has been acknowledged or has failed. */
  public void flush() {
    sender.flush();
  }

  /** Bytes that the producer's buffer takes before {@link #publish} waits. */
  public long room() {
    return sender.room();
  }

  /** The producer's meters. */
  public Map<MetricName, ? extends Metric> metrics() {
    return sender.metrics();
  }

  /** Closes without waiting: what is under way fails. */
  public void abandon() {
    sender.abandon();
  }

  /** Waits a few seconds for what is under way. */
  @Override
  public void close() {
    sender.close();
  }
}
