package dev.sinkwatch.ingest.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** A producer of bytes whose answers, all of them, come as futures. Safe for several threads. */
final class Sender implements AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

  private final Producer<byte[], byte[]> producer;

  Sender(KafkaSettings settings) {
    this.producer =
        new KafkaProducer<>(
            settings.producer(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * Completes when Kafka has acknowledged it, or with Kafka's exception. The call itself may wait
   * for metadata or for room in the buffer.
   */
  CompletableFuture<Void> send(ProducerRecord<byte[], byte[]> record) {
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    try {
      var _ =
          producer.send(
              record,
              (_, failure) -> {
                if (failure == null) {
                  acknowledged.complete(null);
                } else {
                  acknowledged.completeExceptionally(failure);
                }
              });
    } catch (RuntimeException e) {
      acknowledged.completeExceptionally(e);
    }
    return acknowledged;
  }

  // Kafka's classes carry no nullness; null partitions, keys and values are ordinary in it
  @SuppressWarnings("NullAway")
  static ProducerRecord<byte[], byte[]> record(
      String topic, @Nullable Integer partition, byte @Nullable [] key, byte @Nullable [] value) {
    return new ProducerRecord<>(topic, partition, key, value);
  }

  /** May wait for metadata. */
  int partitions(String topic) {
    return producer.partitionsFor(topic).size();
  }

  void flush() {
    producer.flush();
  }

  /** Bytes that the buffer takes before a record waits. */
  long room() {
    for (Map.Entry<MetricName, ? extends Metric> entry : producer.metrics().entrySet()) {
      if (entry.getKey().name().equals("buffer-available-bytes")
          && entry.getValue().metricValue() instanceof Number bytes) {
        return bytes.longValue();
      }
    }
    return Long.MAX_VALUE;
  }

  Map<MetricName, ? extends Metric> metrics() {
    return producer.metrics();
  }

  /** Closes without waiting: what is under way fails. */
  void abandon() {
    producer.close(Duration.ZERO);
  }

  @Override
  public void close() {
    producer.close(CLOSE_TIMEOUT);
  }
}
