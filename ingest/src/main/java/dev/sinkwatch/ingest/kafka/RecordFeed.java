package dev.sinkwatch.ingest.kafka;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * A share of a topic's partitions as a log to rebuild state from: each begins with the records of a
 * recent span of time again, nothing is acknowledged. The share is a member's of a group, or all
 * that {@link #except} leaves. All methods are safe for use by several threads.
 */
public final class RecordFeed implements AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(8);

  private final KafkaSettings settings;
  private final String topic;
  private final Duration replay;
  private final @Nullable PartitionChoice choice;
  private final AtomicBoolean subscribed = new AtomicBoolean();
  private volatile @Nullable Running running;

  private record Running(Consumer<byte[], byte[]> consumer, FeedIntake intake) {}

  /**
   * @param settings with a group of its own: members of one group share the partitions
   * @param replay how far back an assigned partition begins
   */
  public RecordFeed(KafkaSettings settings, String topic, Duration replay) {
    this(settings, topic, replay, null);
  }

  private RecordFeed(
      KafkaSettings settings, String topic, Duration replay, @Nullable PartitionChoice choice) {
    this.settings = settings;
    this.topic = topic;
    this.replay = replay;
    this.choice = choice;
  }

  /** Of those partitions that {@link #except} leaves, beside all groups. */
  public static RecordFeed ofTheRest(KafkaSettings settings, String topic, Duration replay) {
    return new RecordFeed(settings, topic, replay, new PartitionChoice());
  }

  /**
   * Reads all partitions but these from now on; of a feed of the rest, which reads none before.
   * Partitions that were read before go on where they were.
   */
  public void except(Set<Integer> partitions) {
    if (choice == null) {
      throw new IllegalStateException("a group decides which partitions this feed reads");
    }
    choice.except(partitions);
    Running now = running;
    if (now != null) {
      now.intake().loop().signal();
    }
  }

  /**
   * Cold, for one subscriber, honouring demand; emitted on one thread, which must not be blocked.
   * It ends only with an {@link IOException} of one line: settings that Kafka does not take,
   * missing rights.
   */
  public Flux<FeedEvent> events() {
    return Flux.create(sink -> {
      if (subscribed.compareAndSet(false, true)) {
        start(sink);
      } else {
        sink.error(new IllegalStateException("a feed goes to one subscriber only"));
      }
    });
  }

  private void start(FluxSink<FeedEvent> sink) {
    Consumer<byte[], byte[]> consumer;
    try {
      consumer =
          new KafkaConsumer<>(
              settings
                  .withClientId(settings.clientId() + (choice == null ? "-feed" : "-rest"))
                  .consumer(),
              new ByteArrayDeserializer(),
              new ByteArrayDeserializer());
    } catch (KafkaException e) {
      sink.error(new IOException(topic + ": " + Failures.line(e), e));
      return;
    }
    FeedIntake intake = new FeedIntake(consumer, topic, choice, replay, sink);
    running = new Running(consumer, intake);
    sink.onRequest(_ -> intake.loop().signal());
    sink.onDispose(intake.loop()::stop);
    intake.loop().start();
  }

  /**
   * Whether partitions have been assigned and of each everything that was there at assignment has
   * been emitted.
   */
  public boolean caughtUp() {
    Running now = running;
    return now != null && now.intake().caughtUp();
  }

  /** The consumer's meters; empty before subscription. */
  public Map<MetricName, ? extends Metric> metrics() {
    Running now = running;
    return now == null ? Map.of() : now.consumer().metrics();
  }

  /** Leaves the group and completes the flux; waits some seconds for that. */
  @Override
  public void close() {
    Running now = running;
    if (now != null) {
      now.intake().loop().stop();
      try {
        boolean _ = now.intake().loop().awaitEnd(CLOSE_TIMEOUT);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
