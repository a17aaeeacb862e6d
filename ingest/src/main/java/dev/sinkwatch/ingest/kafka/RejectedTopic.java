package dev.sinkwatch.ingest.kafka;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;

/** Reads what was rejected, and sends it on its way again. For one thread. */
public final class RejectedTopic implements AutoCloseable {
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
      throw TopicReader.told(settings, e);
    }
  }

  /**
   * Hands over what lies there now, partition by partition in the order in which it was kept.
   *
   * @throws IOException with one line if the brokers cannot be reached or there is no such topic
   */
  public void read(Consumer<RejectedRecord> each) throws IOException {
    try (TopicReader reader = new TopicReader(settings)) {
      if (reader.partitions(topic) == 0) {
        throw new IOException(
            "Kafka at %s has no topic %s: no monitor has run there"
                .formatted(settings.bootstrapServers(), topic));
      }
      reader.read(topic, record -> each.accept(RejectedRecord.of(record)));
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

  @Override
  public void close() {
    sender.close();
  }
}
