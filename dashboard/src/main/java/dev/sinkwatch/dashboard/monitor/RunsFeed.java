package dev.sinkwatch.dashboard.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sinkwatch.analyzer.verdict.VerdictJson;
import dev.sinkwatch.dashboard.runs.RunBook;
import dev.sinkwatch.ingest.kafka.FeedEvent;
import dev.sinkwatch.ingest.kafka.RecordFeed;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * Brings verdicts into a book of runs, one after another on one thread; those of the owned
 * partitions, or those of all others. What follows from the owned ones, verdicts on chains and what
 * is to be remembered, goes back to the topics. A partition that comes in begins with its last
 * verdicts again, which rebuilds what was known of its runs; nothing that follows from those is
 * published a second time.
 */
final class RunsFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunsFeed.class);

  /** Events that wait for their turn; with its matrix a verdict takes some 160 KiB at most. */
  private static final int WAITING = 64;

  /** Which verdicts come in. */
  enum Share {
    OWNED,
    /** All others: they are shown as well, but somebody else speaks for them. */
    REST
  }

  private sealed interface Input {
    /**
     * @param waiting of the same feed
     */
    record Event(FeedEvent event, AtomicLong waiting) implements Input {}

    /** A feed begins. */
    enum Begin implements Input {
      BEGIN
    }

    enum Tick implements Input {
      TICK
    }
  }

  private final Share share;
  private final OwnedPartitions owned;
  private final Supplier<RecordFeed> feeds;
  private final RunsMemory memory;
  private final RunBook book;
  private final RunsPublisher publisher;
  private final Scheduler thread;
  private volatile @Nullable RecordFeed feed;

  /** Events that were read and not yet taken in. */
  private AtomicLong waiting = new AtomicLong();

  /** Whether none waited once since the newest partition came to us. */
  private boolean takenIn;

  private @Nullable Disposable running;

  /** When each partition came to us: what is older has been said before. */
  private final Map<Integer, Long> sinceMillis = new HashMap<>();

  /**
   * @param feeds gives a feed that nobody has subscribed to yet
   * @param thread one thread, the same for both shares, since the books' listeners are the same
   */
  RunsFeed(
      Share share,
      OwnedPartitions owned,
      Supplier<RecordFeed> feeds,
      RunsMemory memory,
      RunBook book,
      RunsPublisher publisher,
      Scheduler thread) {
    this.share = share;
    this.owned = owned;
    this.feeds = feeds;
    this.thread = thread;
    this.memory = memory;
    this.book = book;
    this.publisher = publisher;
  }

  /**
   * @param first what is to be known before any verdict is taken in
   */
  void start(Retry retry, Mono<Void> first) {
    Flux<Input> events = Flux.defer(this::events).delaySubscription(first);
    Flux<Input> ticks =
        Flux.interval(Duration.ofSeconds(1))
            .filter(second -> caughtUp()) // else old verdicts would meet today's clock
            .<Input>map(second -> Input.Tick.TICK)
            .onBackpressureDrop();
    running =
        Flux.merge(events, ticks)
            .publishOn(thread, WAITING)
            .doOnNext(this::take)
            .retryWhen(retry)
            .subscribe();
  }

  private synchronized Flux<Input> events() {
    RecordFeed fresh = feeds.get();
    AtomicLong itsOwn = new AtomicLong(); // an event of the feed before does not count for this one
    waiting = itsOwn;
    takenIn = false;
    feed = fresh;
    if (share == Share.REST && owned.known()) {
      fresh.except(owned.now());
    }
    return Flux.concat(
        Flux.just(Input.Begin.BEGIN), fresh.events().map(event -> waits(event, itsOwn)));
  }

  private synchronized Input waits(FeedEvent event, AtomicLong itsOwn) {
    itsOwn.incrementAndGet();
    if (event instanceof FeedEvent.Assigned(var partitions) && !partitions.isEmpty()) {
      takenIn = false;
    }
    return new Input.Event(event, itsOwn);
  }

  /** Of the rest: on the runs' thread, who owns partitions has changed. */
  void except(Set<Integer> partitions) {
    book.revoked(partitions); // before their owner's share brings them in
    synchronized (this) { // else a feed that begins may be told what was so before
      if (feed != null) {
        feed.except(partitions);
      }
    }
  }

  /** Whether the last verdicts of all owned partitions have been read again and taken in. */
  synchronized boolean caughtUp() {
    RecordFeed now = feed;
    if (now == null || !now.caughtUp()) {
      return false;
    }
    if (waiting.get() == 0) {
      takenIn = true; // new ones may wait from here on
    }
    return takenIn;
  }

  Map<MetricName, ? extends Metric> kafkaMetrics() {
    RecordFeed now = feed;
    return now == null ? Map.of() : now.metrics();
  }

  private void take(Input input) {
    try {
      takeIn(input);
    } catch (OutOfMemoryError e) {
      // as it stands it would end the thread, and nobody downstream would hear of it
      throw new IllegalStateException("no memory for a verdict", e);
    }
  }

  private void takeIn(Input input) {
    switch (input) {
      case Input.Event(FeedEvent event, AtomicLong itsOwn) -> {
        take(event);
        itsOwn.decrementAndGet();
      }
      case Input.Begin begin -> begin();
      case Input.Tick tick -> {
        if (share == Share.OWNED) {
          publisher.readAll(); // there are no ticks before
        }
        book.tick(
            System.currentTimeMillis(),
            share == Share.OWNED ? publisher.ofNew() : RunBook.Keeper.SILENT);
      }
    }
  }

  private void take(FeedEvent event) {
    switch (event) {
      case FeedEvent.Assigned(var partitions) -> {
        LOG.debug("verdicts of partitions {} come in, {}", partitions, share);
        if (share == Share.OWNED) {
          owned.add(partitions);
        }
        long now = System.currentTimeMillis();
        partitions.forEach(partition -> sinceMillis.put(partition, now));
        if (!partitions.isEmpty()) {
          // before the verdicts, which go on from it
          memory.recollect(partitions, book);
        }
      }
      case FeedEvent.Revoked(var partitions) -> {
        book.revoked(partitions);
        if (share == Share.OWNED) {
          publisher.drop(partitions);
          owned.remove(partitions);
        }
      }
      case FeedEvent.Received received -> {
        byte[] value = received.value();
        boolean mine = share == Share.OWNED || !owned.now().contains(received.partition());
        if (mine && value != null) {
          take(received, value);
        }
      }
    }
  }

  /** A feed before may have lost its partitions when nobody listened any more. */
  private void begin() {
    if (share == Share.OWNED && owned.known()) {
      Set<Integer> before = owned.now();
      book.revoked(before);
      publisher.drop(before);
      owned.remove(before);
    }
  }

  private void take(FeedEvent.Received received, byte[] value) {
    byte[] key = received.key();
    try {
      if (key == null || !RunsPublisher.chain(key)) {
        book.accept(
            VerdictJson.readLayer(value),
            received.partition(),
            received.timestampMillis(),
            keeper(received));
      } else if (share == Share.OWNED && again(received)) {
        publisher.told(received.partition(), new String(key, UTF_8), value);
      }
    } catch (IOException e) {
      LOG.warn("{}: {}", place(received), e.getMessage());
    } catch (RuntimeException e) {
      // the feed would begin anew, come to the same record, and so for ever
      LOG.error("{} was passed by; please report this", place(received), e);
    }
  }

  private RunBook.Keeper keeper(FeedEvent.Received received) {
    if (share == Share.REST) {
      return RunBook.Keeper.SILENT;
    }
    return again(received) ? publisher.ofOld(received.partition()) : publisher.ofNew();
  }

  /** Whether it was written before the partition came to us. */
  private boolean again(FeedEvent.Received received) {
    return received.timestampMillis() < sinceMillis.getOrDefault(received.partition(), 0L);
  }

  private static String place(FeedEvent.Received received) {
    return "%s partition %d offset %d"
        .formatted(Topics.VERDICTS, received.partition(), received.offset());
  }

  @Override
  public void close() {
    if (running != null) {
      running.dispose();
    }
    RecordFeed now = feed;
    if (now != null) {
      now.close();
    }
  }
}
