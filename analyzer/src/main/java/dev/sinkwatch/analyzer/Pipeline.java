package dev.sinkwatch.analyzer;

import dev.sinkwatch.analyzer.alarm.LayerAlarms;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.LayerHistories;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Rejection;
import dev.sinkwatch.ingest.ShardSource;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The way of a shard: deliveries are assembled to snapshots on one thread; each layer's snapshots
 * are judged in order, different layers at once on a few lanes; a judged snapshot stays on loan
 * until its verdict is safe elsewhere.
 */
public final class Pipeline {
  private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);

  /** A verdict whose shards are still on loan. */
  public static final class Judged {
    private final LayerVerdict verdict;
    private final long nanos;
    private final AssembledSnapshot snapshot;

    private Judged(LayerVerdict verdict, long nanos, AssembledSnapshot snapshot) {
      this.verdict = verdict;
      this.nanos = nanos;
      this.snapshot = snapshot;
    }

    public LayerVerdict verdict() {
      return verdict;
    }

    /** Time that the analysis took, nanoseconds. */
    public long nanos() {
      return nanos;
    }

    /** Says that the verdict is safe, so that its shards need never be seen again. */
    public void safe() {
      snapshot.settle(Outcome.Settled.ANALYZED);
    }
  }

  private sealed interface Input {
    record Arrival(Delivery delivery) implements Input {}

    enum Tick implements Input {
      TICK
    }
  }

  private final LayerAnalysis analysis;
  private final PipelineSettings settings;
  private final LongSupplier clockMillis;
  private volatile long bufferedBytes;

  public Pipeline(LayerAnalysis analysis, PipelineSettings settings, LongSupplier clockMillis) {
    this.analysis = analysis;
    this.settings = settings;
    this.clockMillis = clockMillis;
  }

  /** Bytes of shards that wait for the rest of their snapshot. */
  public long bufferedBytes() {
    return bufferedBytes;
  }

  /**
   * Verdicts on what the source delivers; cold, for one subscriber; a layer's verdicts come in the
   * order of steps.
   */
  public Flux<Judged> verdicts(ShardSource source) {
    return Flux.using(
        () -> Schedulers.newParallel("judge", settings.lanes()),
        lanes ->
            snapshots(source)
                .groupBy(this::lane)
                .flatMap(lane -> judge(lane, lanes), settings.lanes()),
        Scheduler::dispose);
  }

  private Flux<AssembledSnapshot> snapshots(ShardSource source) {
    return Flux.defer(() -> {
      SnapshotAssembler assembler = new SnapshotAssembler(settings.limits());
      Sinks.Empty<Void> end = Sinks.empty();
      Flux<Input> arrivals =
          source.deliveries().<Input>map(Input.Arrival::new).doOnTerminate(end::tryEmitEmpty);
      Flux<Input> ticks =
          Flux.interval(Duration.ofSeconds(1))
              .<Input>map(second -> Input.Tick.TICK)
              .onBackpressureDrop()
              .takeUntilOther(end.asMono());
      return Flux.merge(arrivals, ticks)
          .handle((input, sink) -> take(assembler, input).ifPresent(sink::next));
    });
  }

  private Optional<AssembledSnapshot> take(SnapshotAssembler assembler, Input input) {
    long now = clockMillis.getAsLong();
    Optional<AssembledSnapshot> complete = Optional.empty();
    switch (input) {
      case Input.Arrival(Delivery delivery) -> complete = assembler.accept(delivery, now);
      case Input.Tick tick -> assembler.tick(now);
    }
    bufferedBytes = assembler.bufferedBytes();
    return complete;
  }

  private int lane(AssembledSnapshot snapshot) {
    int hash = 31 * snapshot.id().run().hashCode() + snapshot.id().layer().hashCode();
    return Math.floorMod(hash ^ (hash >>> 16), settings.lanes());
  }

  private Flux<Judged> judge(Flux<AssembledSnapshot> lane, Scheduler lanes) {
    LayerHistories histories = analysis.histories();
    return lane.publishOn(lanes, 4)
        .handle((snapshot, sink) -> {
          Judged judged = judge(snapshot, histories);
          if (judged != null) {
            sink.next(judged);
          }
        });
  }

  private @Nullable Judged judge(AssembledSnapshot snapshot, LayerHistories histories) {
    if (snapshot.revoked()) {
      snapshot.settle(Outcome.Settled.REVOKED);
      return null;
    }
    long start = System.nanoTime();
    try {
      LayerVerdict verdict = analysis.judge(snapshot, histories.of(snapshot));
      if (verdict.kind() == Kind.IGNORE) {
        snapshot.settle(Outcome.Settled.IGNORED);
        return null;
      }
      return new Judged(
          verdict.withAlarms(LayerAlarms.holding(verdict)), System.nanoTime() - start, snapshot);
    } catch (RejectedException e) {
      snapshot.settle(new Outcome.Rejected(e.rejection()));
    } catch (OutOfMemoryError e) { // what was held is free again, and the next may be smaller
      String why =
          "judging it took more than this heap of %d MiB has left"
              .formatted(Runtime.getRuntime().maxMemory() >> 20);
      LOG.error("{} of {} was not judged: {}", snapshot.shape(), snapshot.id(), why);
      snapshot.settle(new Outcome.Rejected(new Rejection(Reason.SNAPSHOT_TOO_LARGE, why)));
    } catch (IOException | RuntimeException | StackOverflowError e) {
      LOG.error("the analysis of {} failed; please report this", snapshot.id(), e);
      snapshot.settle(
          new Outcome.Rejected(new Rejection(Reason.ANALYSIS_FAILED, String.valueOf(e))));
    }
    return null;
  }
}
