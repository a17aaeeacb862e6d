package dev.sinkwatch.dashboard.monitor;

import dev.sinkwatch.dashboard.silence.Silence;
import dev.sinkwatch.dashboard.silence.SilenceException;
import dev.sinkwatch.dashboard.silence.Silences;
import dev.sinkwatch.ingest.kafka.FeedEvent;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.RecordFeed;
import dev.sinkwatch.ingest.kafka.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * Reads the silences of all monitors off the state topic, whoever owns the runs that they are of,
 * and tells when others stand than before.
 */
final class SilencesFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SilencesFeed.class);

  /** What is older is over: no silence lasts longer than 30 days. */
  private static final Duration REPLAY = Duration.ofDays(31);

  /** At once, as far as somebody at a page can tell. */
  private static final long TICK_MILLIS = 250;

  private static final int RECORDS = 100;
  private static final long BYTES = 16 << 20;

  private final KafkaSettings kafka;
  private final Silences silences;
  private final List<Consumer<List<Silence>>> listeners;
  private final Scheduler thread;
  private final Sinks.Empty<Void> read = Sinks.empty();
  private volatile @Nullable RecordFeed feed;
  private boolean readOnce;
  private @Nullable Disposable running;
  private @Nullable Disposable ticking;

  /**
   * @param listeners hear on that thread which silences stand, whenever others do than before
   * @param thread one thread
   */
  SilencesFeed(
      KafkaSettings kafka,
      Silences silences,
      List<Consumer<List<Silence>>> listeners,
      Scheduler thread) {
    this.kafka = kafka.withClientId(kafka.clientId() + "-silences").withInFlight(RECORDS, BYTES);
    this.silences = silences;
    this.listeners = List.copyOf(listeners);
    this.thread = thread;
  }

  void start(Retry retry) {
    running = Flux.defer(this::events).doOnNext(this::take).retryWhen(retry).subscribe();
    ticking =
        thread.schedulePeriodically(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Completes on the thread when all silences that there were are known. */
  Mono<Void> read() {
    return read.asMono();
  }

  private Flux<FeedEvent> events() {
    RecordFeed fresh = RecordFeed.ofTheRest(kafka, Topics.STATE, REPLAY);
    fresh.except(Set.of());
    feed = fresh;
    return fresh.events();
  }

  private void take(FeedEvent event) {
    if (!(event instanceof FeedEvent.Received received)) {
      return;
    }
    String id = SilenceRecords.id(received.key());
    byte[] value = received.value();
    if (id == null) {
      return; // what is remembered of a run
    }
    try {
      if (value == null) {
        silences.heard(id);
      } else {
        silences.heard(id, value);
      }
    } catch (SilenceException e) {
      LOG.warn("{} offset {} is passed by: {}", Topics.STATE, received.offset(), e.getMessage());
    }
  }

  private void tick() {
    RecordFeed now = feed;
    readOnce |= now != null && now.caughtUp();
    if (!readOnce) {
      return;
    }
    if (silences.tick()) {
      List<Silence> standing = silences.standing();
      listeners.forEach(listener -> listener.accept(standing));
    }
    var _ = read.tryEmitEmpty(); // but for the first time it is
  }

  @Override
  public void close() {
    if (running != null) {
      running.dispose();
    }
    if (ticking != null) {
      ticking.dispose();
    }
    RecordFeed now = feed;
    if (now != null) {
      now.close();
    }
  }
}
