package dev.sinkwatch.analyzer;

import dev.sinkwatch.analyzer.alarm.LayerAlarms;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.LayerHistories;
import dev.sinkwatch.analyzer.layer.SiteParts;
import dev.sinkwatch.analyzer.layer.StreamedLayer;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Rejection;
import dev.sinkwatch.ingest.ShardSource;
import dev.sinkwatch.ingest.SnapshotHead;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerArray;
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
 * until its verdict is safe elsewhere. Of a snapshot that is too large to wait in memory each shard
 * goes to the lane as it comes, and its data are released when the lane has looked at them.
 */
public final class Pipeline {
  private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);

  /** A verdict whose shards are still on loan. */
  public static final class Judged {
    private final LayerVerdict verdict;
    private final long nanos;
    private final List<? extends Loan> loans;

    private Judged(LayerVerdict verdict, long nanos, List<? extends Loan> loans) {
      this.verdict = verdict.withAlarms(LayerAlarms.holding(verdict));
      this.nanos = nanos;
      this.loans = loans;
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
      settle(loans, Outcome.Settled.ANALYZED);
    }
  }

  private sealed interface Input {
    record Arrival(Delivery delivery) implements Input {}

    /**
     * @param lane whose turn it is to hear of it
     */
    record Tick(int lane) implements Input {}
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

  /** Bytes of shards that wait for the rest of their snapshot or of their site. */
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
        lanes -> {
          AtomicIntegerArray ticked = new AtomicIntegerArray(settings.lanes());
          JoinRoom joins = JoinRoom.within(settings.maxBufferedBytes());
          return snapshots(source, ticked, joins)
              .groupBy(this::lane)
              .flatMap(lane -> judge(lane, lanes, ticked, joins), settings.lanes());
        },
        Scheduler::dispose);
  }

  private Flux<Assembled> snapshots(ShardSource source, AtomicIntegerArray ticked, JoinRoom joins) {
    return Flux.defer(() -> {
      SnapshotAssembler assembler =
          new SnapshotAssembler(settings.limits(), analysis::streamedBytes, joins);
      Sinks.Empty<Void> end = Sinks.empty();
      Flux<Input> arrivals =
          source.deliveries().<Input>map(Input.Arrival::new).doOnTerminate(end::tryEmitEmpty);
      Flux<Input> ticks =
          Flux.interval(Duration.ofSeconds(1).dividedBy(settings.lanes()))
              .<Input>map(tick -> new Input.Tick((int) (tick % settings.lanes())))
              .onBackpressureDrop()
              .takeUntilOther(end.asMono());
      return Flux.merge(arrivals, ticks)
          .handle((input, sink) -> take(assembler, input, ticked).ifPresent(sink::next));
    });
  }

  private Optional<Assembled> take(
      SnapshotAssembler assembler, Input input, AtomicIntegerArray ticked) {
    long now = clockMillis.getAsLong();
    Optional<Assembled> ready = Optional.empty();
    switch (input) {
      case Input.Arrival(Delivery delivery) -> ready = assembler.accept(delivery, now);
      case Input.Tick(int lane) -> {
        if (lane == 0) { // as often as a lane is, since it looks at all that waits
          assembler.tick(now);
        }
        if (ticked.getAndSet(lane, 1) == 0) { // a busy lane need not hear of each
          ready = Optional.of(new Assembled.Tick(lane));
        }
      }
    }
    bufferedBytes = assembler.bufferedBytes();
    return ready;
  }

  private int lane(Assembled item) {
    return switch (item) {
      case AssembledSnapshot snapshot -> lane(snapshot.id());
      case Assembled.Rows rows -> lane(rows.id());
      case Assembled.Tick(int lane) -> lane;
    };
  }

  /** The tensors of a site are judged on one lane. */
  private int lane(SnapshotId id) {
    int hash = 31 * id.run().hashCode() + analysis.speaker(id.layer()).hashCode();
    return Math.floorMod(hash ^ (hash >>> 16), settings.lanes());
  }

  private Flux<Judged> judge(
      Flux<Assembled> lane, Scheduler lanes, AtomicIntegerArray ticked, JoinRoom joins) {
    LayerHistories histories = analysis.histories();
    SiteJoin join = new SiteJoin(analysis, settings.snapshotTimeoutMillis() / 2, joins);
    return lane.publishOn(lanes, 4)
        .doOnNext(item -> {
          if (item instanceof Assembled.Tick(int tick)) {
            ticked.set(tick, 0);
          }
        })
        .concatMapIterable(item -> judge(item, join, histories), 1)
        .concatWith(Flux.defer(() -> Flux.fromIterable(judge(join.end(), join, histories))));
  }

  private List<Judged> judge(Assembled item, SiteJoin join, LayerHistories histories) {
    long now = clockMillis.getAsLong();
    return switch (item) {
      case AssembledSnapshot snapshot -> judge(join.accept(snapshot, now), join, histories);
      case Assembled.Rows rows -> {
        List<Judged> judged = new ArrayList<>();
        if (rows.snapshot().layer() == null && !rows.snapshot().closed()) {
          judged.addAll(judge(join.streams(rows.snapshot().head()), join, histories));
        }
        Judged whole = look(rows, histories);
        if (whole != null) {
          judged.add(whole);
        }
        yield judged;
      }
      case Assembled.Tick tick -> judge(join.tick(now), join, histories);
    };
  }

  private List<Judged> judge(
      List<AssembledSnapshot> snapshots, SiteJoin join, LayerHistories histories) {
    return snapshots.stream()
        .map(snapshot -> judge(snapshot, join.parts(), histories))
        .filter(Objects::nonNull)
        .toList();
  }

  private @Nullable Judged judge(
      AssembledSnapshot snapshot, SiteParts parts, LayerHistories histories) {
    if (snapshot.revoked()) {
      snapshot.settle(Outcome.Settled.REVOKED);
      return null;
    }
    long start = System.nanoTime();
    try {
      LayerVerdict verdict = analysis.judge(snapshot, histories.of(snapshot), parts);
      return judged(verdict, System.nanoTime() - start, snapshot.deliveries());
    } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
      snapshot.settle(failure(snapshot, e));
    }
    return null;
  }

  private static @Nullable Judged judged(
      LayerVerdict verdict, long nanos, List<? extends Loan> loans) {
    if (verdict.kind() == Kind.IGNORE) {
      settle(loans, Outcome.Settled.IGNORED);
      return null;
    }
    return new Judged(verdict, nanos, loans);
  }

  /**
   * Looks at rows of a snapshot that does not wait for the others; judges it with the last. When
   * that fails, the assembler settles what has come of it, and here only what is complete.
   */
  private @Nullable Judged look(Assembled.Rows rows, LayerHistories histories) {
    StreamedSnapshot snapshot = rows.snapshot();
    if (!snapshot.closed()) {
      long start = System.nanoTime();
      try {
        StreamedLayer layer = begun(snapshot, histories);
        Delivery delivery = rows.delivery();
        if (delivery != null) {
          layer.add(delivery.shard().rows(), delivery.shard().data());
          delivery.release();
        }
        Assembled.Complete complete = rows.complete();
        LayerVerdict verdict =
            complete == null ? null : layer.judge(complete.head(), histories.of(complete.head()));
        long nanos = snapshot.spent(System.nanoTime() - start);
        if (verdict != null && complete != null) {
          snapshot.close();
          return judged(verdict, nanos, complete.loans());
        }
        return null;
      } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
        snapshot.fail(failure(snapshot.head(), e));
      }
    }
    Outcome failure = snapshot.failure();
    if (failure != null && rows.complete() != null) {
      settle(rows.complete().loans(), failure);
    }
    return null;
  }

  private StreamedLayer begun(StreamedSnapshot snapshot, LayerHistories histories)
      throws RejectedException {
    StreamedLayer layer = snapshot.layer();
    if (layer == null) {
      layer = analysis.streamed(snapshot.head(), histories.of(snapshot.head()));
      snapshot.begin(layer);
    }
    return layer;
  }

  private static void settle(List<? extends Loan> loans, Outcome outcome) {
    loans.forEach(loan -> loan.settle(outcome));
  }

  /** How a snapshot ends on which the analysis failed. */
  private static Outcome failure(SnapshotHead snapshot, Throwable failure) {
    if (failure instanceof RejectedException rejected) {
      return new Outcome.Rejected(rejected.rejection());
    }
    if (failure
        instanceof OutOfMemoryError) { // what was held is free again, and the next may be smaller
      String why =
          "judging it took more than this heap of %d MiB has left"
              .formatted(Runtime.getRuntime().maxMemory() >> 20);
      LOG.error("{} of {} was not judged: {}", snapshot.shape(), snapshot.id(), why);
      return new Outcome.Rejected(new Rejection(Reason.SNAPSHOT_TOO_LARGE, why));
    }
    LOG.error("the analysis of {} failed; please report this", snapshot.id(), failure);
    return new Outcome.Rejected(new Rejection(Reason.ANALYSIS_FAILED, String.valueOf(failure)));
  }
}
