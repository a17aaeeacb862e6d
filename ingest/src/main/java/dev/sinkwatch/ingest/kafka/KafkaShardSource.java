package dev.sinkwatch.ingest.kafka;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Ledger;
import dev.sinkwatch.ingest.ShardSource;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * The shards of a topic, each at least once, to one member of a consumer group.
 *
 * <ul>
 *   <li>One thread owns the consumer and emits; a subscriber that blocks it blocks the group's next
 *       rebalance, so work belongs on another scheduler.
 *   <li>A record is acknowledged once it and all before it in its partition are settled. A rejected
 *       one is settled once its copy lies with the {@link DeadLetters}.
 *   <li>What Kafka deleted before it was received is counted as expired, unless the settings ask
 *       for another reset of offsets than to the earliest.
 *   <li>A topic that is deleted and made anew is read from its beginning, likewise.
 *   <li>Above the settings' limits on what is in flight, partitions pause; polling goes on. One
 *       poll may exceed the limits.
 *   <li>On revocation a delivery says so by {@link Delivery#revoked()}; after a short grace it ends
 *       as revoked and whoever owns the partition next sees it again.
 *   <li>Cancelling commits what is settled and leaves the group, without waiting; {@link #close}
 *       waits.
 * </ul>
 *
 * <p>All methods are safe for use by several threads.
 */
public final class KafkaShardSource implements ShardSource, AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(8);

  private final KafkaSettings settings;
  private final Ledger ledger;
  private final DeadLetters deadLetters;
  private final String topic;
  private final AtomicBoolean subscribed = new AtomicBoolean();
  private volatile @Nullable Running running;

  private record Running(Consumer<byte[], byte[]> consumer, ShardIntake intake) {}

  /**
   * @param ledger counts every record of the topic and its outcome
   * @param deadLetters must stay open as long as the source
   */
  public KafkaShardSource(
      KafkaSettings settings, Ledger ledger, DeadLetters deadLetters, String topic) {
    this.settings = settings;
    this.ledger = ledger;
    this.deadLetters = deadLetters;
    this.topic = topic;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Its error is an {@link IOException} whose message is one line: settings that Kafka does not
   * take, missing rights.
   */
  @Override
  public Flux<Delivery> deliveries() {
    return Flux.create(sink -> {
      if (subscribed.compareAndSet(false, true)) {
        start(sink);
      } else {
        sink.error(new IllegalStateException("shards go to one subscriber only"));
      }
    });
  }

  private void start(FluxSink<Delivery> sink) {
    KafkaSettings own = settings.withClientId(settings.clientId() + "-shards");
    Properties properties = own.consumer();
    boolean resets = OffsetReset.takeOver(properties);
    @Nullable Consumer<byte[], byte[]> consumer = null;
    @Nullable TopicIdentity identity;
    try {
      consumer =
          new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
      identity = resets ? new TopicIdentity(Admin.create(own.admin()), topic) : null;
    } catch (KafkaException e) {
      if (consumer != null) {
        consumer.close();
      }
      sink.error(new IOException(topic + ": " + Failures.line(e), e));
      return;
    }
    ShardIntake intake =
        new ShardIntake(consumer, topic, settings, ledger, deadLetters, sink, identity);
    running = new Running(consumer, intake);
    sink.onRequest(_ -> intake.loop().signal());
    sink.onDispose(intake.loop()::stop);
    intake.loop().start();
  }

  /** Records written and not yet polled, by assigned partition; about a second old. */
  public Map<TopicPartition, Long> lagByPartition() {
    Running now = running;
    return now == null ? Map.of() : now.intake().lag().records();
  }

  /** Records written and not yet polled, of all assigned partitions. */
  public long lagRecords() {
    return lagByPartition().values().stream().mapToLong(Long::longValue).sum();
  }

  /** Age of the last polled record in the partition that is furthest behind; 0 without lag. */
  public double lagSeconds() {
    Running now = running;
    return now == null ? 0 : now.intake().lag().seconds();
  }

  /**
   * Whether the group has assigned it its share of the partitions, which may be none if that has
   * stood for some seconds.
   */
  public boolean assigned() {
    Running now = running;
    return now != null && now.intake().assigned();
  }

  /** The consumer's meters; empty before subscription. */
  public Map<MetricName, ? extends Metric> metrics() {
    Running now = running;
    return now == null ? Map.of() : now.consumer().metrics();
  }

  /** The consumer, for a meter binder that wants it whole: it may call {@code metrics()} only. */
  public Optional<Consumer<?, ?>> consumer() {
    Running now = running;
    return now == null ? Optional.empty() : Optional.of(now.consumer());
  }

  /**
   * Commits what is settled, leaves the group, and completes the flux; waits some seconds for that.
   */
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
