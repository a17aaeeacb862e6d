package dev.sinkwatch.ingest.kafka;

import dev.sinkwatch.ingest.Rejection;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where records go that cannot be judged, with their key and value (cut to fit 1 MiB) and, as
 * headers in ASCII, {@code reason}, {@code topic}, {@code partition}, {@code offset} and {@code
 * size} of the original, and {@code detail}, a line for people in UTF-8. Of what was released
 * before there is no value. A failing broker is tried again until it accepts: a rejected record is
 * not lost.
 *
 * <p>Safe for use by several threads; it never blocks them.
 */
public final class DeadLetters implements AutoCloseable {
  static final String REASON = "reason";
  static final String TOPIC = "topic";
  static final String PARTITION = "partition";
  static final String OFFSET = "offset";
  static final String SIZE = "size";
  static final String DETAIL = "detail";

  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

  /** Brokers take records of 1 MiB by default, headers included. */
  private static final int MAX_BYTES = (1 << 20) - (16 << 10);

  static final int MAX_KEY_BYTES = 64 << 10;
  private static final int MAX_DETAIL_CHARACTERS = 1000;
  private static final long RETRY_MILLIS = 1000;

  private final String topic;
  private final Sender producer;
  // a send may wait for metadata or for buffer, which neither poll loop nor analyzer may
  private final ScheduledThreadPoolExecutor sender;
  private final Set<Letter> open = ConcurrentHashMap.newKeySet();

  private static final class Letter {
    private final ConsumerRecord<byte[], byte[]> original;
    private final Rejection rejection;
    private final CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    private int maxBytes = MAX_BYTES;

    private Letter(ConsumerRecord<byte[], byte[]> original, Rejection rejection) {
      this.original = original;
      this.rejection = rejection;
    }
  }

  /** To {@link Topics#REJECTED}. */
  public DeadLetters(KafkaSettings settings) {
    this(settings, Topics.REJECTED);
  }

  public DeadLetters(KafkaSettings settings, String topic) {
    this.topic = topic;
    this.producer = new Sender(settings.withClientId(settings.clientId() + "-rejected"));
    this.sender =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name("sinkwatch-rejected").daemon().unstarted(task));
    sender.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Completes when Kafka has acknowledged the copy; cancelled if this is closed before. */
  CompletableFuture<Void> send(ConsumerRecord<byte[], byte[]> original, Rejection rejection) {
    Letter letter = new Letter(original, rejection);
    open.add(letter);
    attempt(letter, 0);
    return letter.acknowledged;
  }

  private void attempt(Letter letter, long delayMillis) {
    try {
      var _ = sender.schedule(() -> attemptNow(letter), delayMillis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      abandon(letter);
    }
  }

  private void attemptNow(Letter letter) {
    var _ = producer.send(copy(letter)).whenComplete((_, failure) -> answered(letter, failure));
  }

  private void answered(Letter letter, @Nullable Throwable failure) {
    if (failure == null) {
      open.remove(letter);
      letter.acknowledged.complete(null);
    } else if (sender.isShutdown()) {
      abandon(letter);
    } else if (failure instanceof RecordTooLargeException && letter.maxBytes > 0) {
      letter.maxBytes /= 2;
      attempt(letter, 0);
    } else {
      LOG.warn(
          "{}-{}@{} is not yet on {}, trying again: {}",
          letter.original.topic(),
          letter.original.partition(),
          letter.original.offset(),
          topic,
          Failures.line(failure));
      attempt(letter, RETRY_MILLIS);
    }
  }

  private void abandon(Letter letter) {
    open.remove(letter);
    letter.acknowledged.completeExceptionally(new CancellationException("closed"));
  }

  private ProducerRecord<byte[], byte[]> copy(Letter letter) {
    ConsumerRecord<byte[], byte[]> original = letter.original;
    byte @Nullable [] key = cut(original.key(), Math.min(letter.maxBytes, MAX_KEY_BYTES));
    byte @Nullable [] value =
        cut(original.value(), letter.maxBytes - (key == null ? 0 : key.length));
    ProducerRecord<byte[], byte[]> copy = Sender.record(topic, null, key, value);
    String detail = letter.rejection.detail();
    header(copy, REASON, letter.rejection.reason().wireName());
    header(copy, TOPIC, original.topic());
    header(copy, PARTITION, Integer.toString(original.partition()));
    header(copy, OFFSET, Long.toString(original.offset()));
    byte @Nullable [] all = original.value();
    int released = Math.max(0, original.serializedValueSize());
    header(copy, SIZE, Integer.toString(all == null ? released : all.length));
    header(copy, DETAIL, detail.substring(0, Math.min(detail.length(), MAX_DETAIL_CHARACTERS)));
    return copy;
  }

  private static void header(ProducerRecord<?, ?> record, String name, String value) {
    var _ = record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  private static byte @Nullable [] cut(byte @Nullable [] bytes, int max) {
    return bytes == null || bytes.length <= max ? bytes : Arrays.copyOf(bytes, max);
  }

  /** The producer's meters. */
  public Map<MetricName, ? extends Metric> metrics() {
    return producer.metrics();
  }

  /** Waits a few seconds for what is under way, then gives the rest up unacknowledged. */
  @Override
  public void close() {
    sender.shutdown();
    producer.close();
    open.forEach(this::abandon);
  }
}
