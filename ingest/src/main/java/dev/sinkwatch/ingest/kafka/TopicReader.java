package dev.sinkwatch.ingest.kafka;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads what lies on a topic now, partition by partition from the first record to the last, without
 * a group. For one thread.
 */
final class TopicReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(500);

  /** How long it waits for the next record before it gives up. */
  private static final Duration PATIENCE = Topics.TIMEOUT;

  private final KafkaSettings settings;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /**
   * @throws IOException with one line if Kafka does not take the settings
   */
  TopicReader(KafkaSettings settings) throws IOException {
    this.settings = settings;
    try {
      this.consumer =
          new KafkaConsumer<>(
              settings.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    } catch (KafkaException e) {
      throw told(settings, e);
    }
  }

  /**
   * How many partitions a topic has; 0 if there is no such topic.
   *
   * @throws IOException with one line if the brokers cannot be reached or refuse
   */
  int partitions(String topic) throws IOException {
    try {
      return consumer.partitionsFor(topic, PATIENCE).size();
    } catch (KafkaException e) {
      throw told(settings, e);
    }
  }

  /**
   * Hands the records over.
   *
   * @throws IOException with one line if the brokers cannot be reached or refuse
   */
  void read(String topic, Consumer<ConsumerRecord<byte[], byte[]>> each) throws IOException {
    try {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic, PATIENCE).stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .toList();
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
      for (TopicPartition partition : partitions) {
        read(partition, ends.getOrDefault(partition, 0L), each);
      }
    } catch (KafkaException e) {
      throw told(settings, e);
    }
  }

  private void read(
      TopicPartition partition, long end, Consumer<ConsumerRecord<byte[], byte[]>> each)
      throws IOException {
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (consumer.position(partition, PATIENCE) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.offset() < end) {
          each.accept(record);
        }
        deadline = System.nanoTime() + PATIENCE.toNanos();
      }
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "Kafka at %s does not go on answering".formatted(settings.bootstrapServers()));
      }
    }
  }

  static IOException told(KafkaSettings settings, KafkaException e) {
    String what = e instanceof TimeoutException ? "no broker answers" : Failures.line(e);
    return new IOException("Kafka at " + settings.bootstrapServers() + ": " + what, e);
  }

  @Override
  public void close() {
    boolean interrupted = Thread.interrupted(); // the client would take it for a failure to close
    consumer.close(CloseOptions.timeout(Duration.ZERO)); // it is in no group that would miss it
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
