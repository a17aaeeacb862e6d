package dev.sinkwatch.ingest.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A producer of bytes whose answers, all of them, come as futures. After a failure that Kafka's
 * idempotent producer does not get over, as a failed login is while it begins, the next record goes
 * to a new one: whoever tries again is not kept from it for ever. Safe for several threads.
 */
final class Sender implements AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

  private final KafkaSettings settings;
  private volatile Producer<byte[], byte[]> producer;
  private volatile @Nullable Producer<byte[], byte[]> spent;
  private boolean closed;

  Sender(KafkaSettings settings) {
    this.settings = settings;
    this.producer = made();
  }

  private Producer<byte[], byte[]> made() {
    return new KafkaProducer<>(
        settings.producer(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** One that may go on, as far as is known. */
  private Producer<byte[], byte[]> usable() {
    return producer.equals(spent) ? replaced() : producer;
  }

  private synchronized Producer<byte[], byte[]> replaced() {
    Producer<byte[], byte[]> before = producer;
    if (!closed && before.equals(spent)) {
      producer = made();
      before.close(Duration.ZERO);
    }
    return producer;
  }

  /** Takes note of a failure; it may be told on the producer's own thread. */
  private void failed(Producer<byte[], byte[]> used, Throwable failure) {
    // a plain one is how the producer says that it failed before
    if (failure instanceof AuthenticationException
        || failure instanceof ClusterAuthorizationException
        || failure instanceof OutOfOrderSequenceException
        || failure instanceof InvalidProducerEpochException
        || failure.getClass() == KafkaException.class) {
      spent = used;
    }
  }

  /**
   * Completes when Kafka has acknowledged it, or with Kafka's exception. The call itself may wait
   * for metadata or for room in the buffer.
   */
  CompletableFuture<Void> send(ProducerRecord<byte[], byte[]> record) {
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    Producer<byte[], byte[]> used = producer;
    try {
      Producer<byte[], byte[]> now = usable();
      used = now;
      var _ =
          now.send(
              record,
              (_, failure) -> {
                if (failure == null) {
                  acknowledged.complete(null);
                } else {
                  failed(now, failure);
                  acknowledged.completeExceptionally(failure);
                }
              });
    } catch (RuntimeException e) {
      failed(used, e);
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
    Producer<byte[], byte[]> used = usable();
    try {
      return used.partitionsFor(topic).size();
    } catch (RuntimeException e) {
      failed(used, e);
      throw e;
    }
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
    close(Duration.ZERO);
  }

  @Override
  public void close() {
    close(CLOSE_TIMEOUT);
  }

  private void close(Duration patience) {
    synchronized (this) {
      closed = true;
    }
    producer.close(patience);
  }
}
