package dev.sinkwatch.ingest.kafka;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads what was rejected, and sends it on its way again. For one thread. */
public final class RejectedTopic implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(500);

  /** How long a reader waits for the next record before it gives up. */
  private static final Duration PATIENCE = Topics.TIMEOUT;

  private final KafkaSettings settings;
  private final String topic;
  private final Sender sender;

  /** Of {@link Topics#REJECTED}. */
  public RejectedTopic(KafkaSettings settings) throws IOException {
    this(settings, Topics.REJECTED);
  }

  /**
   * @throws IOException with one line if Kafka does not take the settings
   */
  RejectedTopic(KafkaSettings settings, String topic) throws IOException {
    this.settings = settings.withClientId(settings.clientId() + "-replay");
    this.topic = topic;
    TlsProbe.check(settings);
    try {
      this.sender = new Sender(this.settings);
    } catch (KafkaException e) {
      throw told(e);
    }
  }

  /**
   * Hands over what lies there now, partition by partition in the order in which it was kept.
   *
   * @throws IOException with one line if the brokers cannot be reached or there is no such topic
   */
  public void read(Consumer<RejectedRecord> each) throws IOException {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            settings.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic, PATIENCE).stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .toList();
      if (partitions.isEmpty()) {
        throw new IOException(
            "Kafka at %s has no topic %s: no monitor has run there"
                .formatted(settings.bootstrapServers(), topic));
      }
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
      for (TopicPartition partition : partitions) {
        read(consumer, partition, ends.getOrDefault(partition, 0L), each);
      }
    } catch (KafkaException e) {
      throw told(e);
    }
  }

  private void read(
      KafkaConsumer<byte[], byte[]> consumer,
      TopicPartition partition,
      long end,
      Consumer<RejectedRecord> each)
      throws IOException {
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (consumer.position(partition, PATIENCE) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.offset() < end) {
          each.accept(RejectedRecord.of(record));
        }
        deadline = System.nanoTime() + PATIENCE.toNanos();
      }
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "Kafka at %s does not go on answering".formatted(settings.bootstrapServers()));
      }
    }
  }

  /**
   * Puts a record that is whole on the topic that it came from, where its key leads.
   *
   * @return completes when Kafka has acknowledged it, or with an {@link IOException} of one line
   */
  public CompletableFuture<Void> replay(RejectedRecord record) {
    return Failures.told(
        record.topic(),
        sender.send(Sender.record(record.topic(), null, record.rawKey(), record.value())));
  }

  private IOException told(KafkaException e) {
    String what = e instanceof TimeoutException ? "no broker answers" : Failures.line(e);
    return new IOException("Kafka at " + settings.bootstrapServers() + ": " + what, e);
  }

  @Override
  public void close() {
    sender.close();
  }
}
