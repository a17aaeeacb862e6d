package dev.sinkwatch.dashboard.canary;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sinkwatch.analyzer.verdict.VerdictJson;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.PartitionTail;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes known mixers, a round of them at a time, where training jobs publish theirs, and reads
 * the verdicts on them from the topic, as anybody could: whichever monitor of the group judges
 * them. Works on two threads of its own; all methods are safe for use by several threads.
 */
public final class Canary implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Canary.class);

  /** Verdicts of other runs share the partition; more than this of them need not be held. */
  private static final int READ_RECORDS = 500;

  private static final long READ_BYTES = 8 << 20;

  /** So long clients that have just been started may take to learn where the partitions are. */
  private static final Duration START_PATIENCE = Duration.ofSeconds(5);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  private final KafkaSettings kafka;
  private final CanarySettings settings;
  private final CanaryListener listener;
  private final CanaryNews news;
  private final CanaryLedger ledger;
  private final String run = CanaryRun.fresh();
  private final byte[] keyPrefix = (run + "/").getBytes(UTF_8);
  private final Thread thread = Thread.ofPlatform().name("canary").daemon().unstarted(this::work);
  private volatile boolean stopped;
  private long step;
  private int partitions;
  private List<CanaryLayer> layers = List.of();

  /**
   * @param kafka as the monitor's
   * @param listener hears what becomes of each
   */
  public Canary(KafkaSettings kafka, CanarySettings settings, CanaryListener listener) {
    this.kafka = kafka.withClientId(kafka.clientId() + "-canary");
    this.settings = settings;
    this.listener = listener;
    this.news = new CanaryNews(settings.timeout());
    this.ledger = new CanaryLedger(settings.timeout(), List.of(listener, news));
  }

  /** Begins with the first round; returns at once. */
  public void start() {
    thread.start();
  }

  /** Those that have not come to an end yet. */
  public int inFlight() {
    return ledger.inFlight();
  }

  private void work() {
    while (!stopped) {
      long start = System.nanoTime();
      try (PartitionTail verdicts = tail();
          ShardPublisher publisher = new ShardPublisher(publishing())) {
        while (!stopped) {
          start = System.nanoTime();
          round(publisher, verdicts);
          news.tell();
          restUntil(start + settings.interval().toNanos());
        }
        boolean _ = Thread.interrupted(); // it would disturb the closing
        publisher.abandon();
      } catch (IOException e) { // its settings are such that Kafka's clients do not begin
        refuse(layers.size(), CanaryFailure.of(e), String.valueOf(e.getMessage()));
        news.tell();
        restUntil(start + settings.interval().toNanos());
      }
    }
  }

  private PartitionTail tail() throws IOException {
    return PartitionTail.open(
        kafka.withInFlight(READ_RECORDS, READ_BYTES),
        Topics.VERDICTS,
        run,
        Duration.ofMillis(Math.clamp(settings.timeout().toMillis() / 10, 50, 1000)),
        new PartitionTail.Reader() {
          @Override
          public void received(byte @Nullable [] key, byte @Nullable [] value) {
            verdict(key, value);
          }

          @Override
          public void readToEnd(long nanos) {
            ledger.readToEnd(nanos);
          }
        });
  }

  /** What Kafka does not take within the timeout has failed, and is not tried any longer. */
  private KafkaSettings publishing() {
    long millis = settings.timeout().toMillis();
    long block = Math.max(settings.interval().toMillis(), START_PATIENCE.toMillis());
    Map<String, String> own = new HashMap<>(kafka.passThrough());
    own.put("delivery.timeout.ms", Long.toString(Math.min(millis, Integer.MAX_VALUE)));
    own.put("request.timeout.ms", Long.toString(Math.min(millis / 2, 30_000)));
    own.put("max.block.ms", Long.toString(Math.min(millis / 2, block)));
    own.put("linger.ms", "0");
    return kafka.withPassThrough(own);
  }

  private void round(ShardPublisher publisher, PartitionTail verdicts) {
    try {
      if (verdicts.awaitPlace(START_PATIENCE)) {
        plan(publisher.partitions());
        publish(publisher);
      } else {
        refuse(
            layers.size(),
            CanaryFailure.VERDICTS_UNREADABLE,
            Topics.VERDICTS + ": its end is not known yet");
      }
    } catch (IOException e) {
      refuse(layers.size(), CanaryFailure.of(e), String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // told to stop
    }
    step++;
  }

  private void plan(int now) {
    if (now != partitions) {
      partitions = now;
      layers = CanaryLayer.of(run, now);
      layers.forEach(layer -> listener.watched(layer.partition()));
    }
  }

  private void publish(ShardPublisher publisher) {
    for (int i = 0; i < layers.size() && !stopped; i++) {
      CompletableFuture<Void> sent = publish(layers.get(i), publisher);
      if (sent.isCompletedExceptionally()
          && CanaryFailure.of(sent.exceptionNow()) == CanaryFailure.TIMEOUT) {
        // the call itself has waited, as the others would one after the other
        refuse(layers.size() - i - 1, CanaryFailure.TIMEOUT, line(sent.exceptionNow()));
        return;
      }
    }
  }

  /** So many could not even be tried; one if it is not known yet how many there are. */
  private void refuse(int canaries, CanaryFailure reason, String line) {
    for (int i = 0; i < Math.max(canaries, layers.isEmpty() ? 1 : 0); i++) {
      ledger.refuse(reason, line);
    }
  }

  private CompletableFuture<Void> publish(CanaryLayer layer, ShardPublisher publisher) {
    SnapshotId id = new SnapshotId(run, 0, layer.name(), step);
    KnownMixer mixer = layer.mixer(step);
    if (!ledger.send(id, layer.partition(), mixer, System.nanoTime())) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> sent =
        CompletableFuture.allOf(
            layer.shards(id, mixer).stream()
                .map(publisher::publish)
                .toArray(CompletableFuture<?>[]::new));
    var _ =
        sent.whenComplete((_, failure) -> {
          if (failure == null) {
            ledger.acknowledged(id, System.nanoTime());
          } else {
            ledger.failed(id, CanaryFailure.of(failure), line(failure));
          }
        });
    return sent;
  }

  /** What {@link ShardPublisher} says, which comes wrapped. */
  private static String line(Throwable failure) {
    Throwable told =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return String.valueOf(told.getMessage());
  }

  private void verdict(byte @Nullable [] key, byte @Nullable [] value) {
    if (key == null || value == null || !own(key)) {
      return;
    }
    long nanos = System.nanoTime();
    try {
      ledger.verdict(VerdictJson.readLayer(value), nanos);
    } catch (IOException e) {
      LOG.warn("{}, on a canary: {}", Topics.VERDICTS, e.getMessage());
    }
  }

  private boolean own(byte[] key) {
    return key.length > keyPrefix.length
        && Arrays.equals(key, 0, keyPrefix.length, keyPrefix, 0, keyPrefix.length);
  }

  private void restUntil(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos - System.nanoTime());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // told to stop
    }
  }

  /** Stops at once; what is under way then counts neither as lost nor as failed. */
  @Override
  public void close() {
    stopped = true;
    ledger.close();
    thread.interrupt();
    try {
      boolean _ = thread.join(CLOSE_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
