package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts snapshots together from shards that come in any order and from several producers, and
 * settles those that will never be part of a verdict: duplicates, conflicts, stale ones, and
 * snapshots that stay incomplete. Shards of snapshots that are too large to wait go on at once, and
 * only what they were is remembered. What its source took back before it was settled is as if it
 * had never been here, since it comes again; rows that were looked at need not be looked at again.
 * For one thread.
 */
final class SnapshotAssembler {

  /**
   * Limits of what waits for its missing rows.
   *
   * @param maxSnapshotBytes a larger snapshot does not wait
   * @param maxBufferedBytes beyond it the oldest incomplete snapshot is dropped
   * @param maxStreamedBytes most that the sums of those take that do not wait
   * @param timeoutMillis an incomplete snapshot is dropped so long after its first shard,
   *     milliseconds
   */
  record Limits(
      long maxSnapshotBytes, long maxBufferedBytes, long maxStreamedBytes, long timeoutMillis) {}

  /**
   * Layers that are remembered for telling duplicates and stale shards; the longest unheard of are
   * forgotten.
   */
  private static final int MAX_LAYERS = 100_000;

  private static final Optional<Outcome> DUPLICATE = Optional.of(Outcome.Settled.DUPLICATE);

  private record Layer(String run, String name) {
    static Layer of(SnapshotId id) {
      return new Layer(id.run(), id.layer());
    }
  }

  private final Limits limits;
  private final Admission admission;
  private final JoinRoom joins;

  /** In the sequence of first shards. */
  private final Map<SnapshotId, Pending> pending = new LinkedHashMap<>();

  /** The same of each layer, of which few wait at once. */
  private final Map<Layer, List<Pending>> ofLayer = new HashMap<>();

  private final Map<Layer, JudgedSteps> judged = new LinkedHashMap<>(16, 0.75f, true);
  private long bufferedBytes;

  /**
   * @param footprint of snapshots that do not wait
   * @param joins what waits there has its part in what may be buffered
   */
  SnapshotAssembler(Limits limits, Admission.Footprint footprint, JoinRoom joins) {
    this.limits = limits;
    this.joins = joins;
    this.admission = new Admission(footprint, limits.maxSnapshotBytes(), limits.maxStreamedBytes());
  }

  /**
   * Bytes of the shards that wait for the rest of their snapshot or of their site, and of the sums
   * of others.
   */
  long bufferedBytes() {
    return bufferedBytes + joins.bytes() + admission.bytes();
  }

  /** Takes a shard; returns the snapshot that it completes, or the rows that do not wait. */
  Optional<Assembled> accept(Delivery delivery, long nowMillis) {
    if (delivery.fate().recalled()) {
      return Optional.empty(); // while it was on its way to us
    }
    Shard shard = delivery.shard();
    SnapshotId id = shard.id();
    if (shard.hints().kind() == Kind.IGNORE) {
      delivery.settle(Outcome.Settled.IGNORED); // whose publisher says so need not be whole
      return Optional.empty();
    }
    JudgedSteps layer = judged.computeIfAbsent(Layer.of(id), name -> new JudgedSteps());
    forgetLayers();
    if (layer.supersededBy(id.attempt())) {
      dropOlderAttempts(id);
    }
    Optional<Outcome> end = layer.end(shard);
    if (end.isPresent()) {
      delivery.settle(end.get());
      return Optional.empty();
    }
    if (shard.rows().count() == 0 && shard.shape().rows() > 0) {
      delivery.settle(Outcome.Settled.IGNORED); // no rows of a tensor that has some
      return Optional.empty();
    }
    return add(delivery, nowMillis);
  }

  /** Drops what has waited too long, what cannot go on, and what was recalled. */
  void tick(long nowMillis) {
    for (Pending snapshot : List.copyOf(pending.values())) {
      giveUpRecalled(snapshot);
      giveUpFailed(snapshot, nowMillis);
    }
    admission.forgetRefused(nowMillis - limits.timeoutMillis());
    List<Pending> late =
        pending.values().stream()
            .filter(snapshot -> nowMillis - snapshot.sinceMillis() >= limits.timeoutMillis())
            .toList();
    late.forEach(snapshot -> drop(snapshot, Outcome.Settled.INCOMPLETE));
  }

  /** A snapshot of which nothing is left never was there. */
  private void giveUpRecalled(Pending snapshot) {
    bufferedBytes -= snapshot.giveUpRecalled();
    if (snapshot.empty()) {
      forget(snapshot);
    }
  }

  private void giveUpFailed(Pending snapshot, long nowMillis) {
    StreamedSnapshot streamed = snapshot.streamed();
    Outcome failure = streamed == null ? null : streamed.failure();
    if (failure != null) {
      admission.refuse(snapshot.head().id(), failure, nowMillis);
      drop(snapshot, failure);
    }
  }

  private Optional<Assembled> add(Delivery delivery, long nowMillis) {
    Shard shard = delivery.shard();
    Pending begun = pending.get(shard.id());
    if (begun != null && begun.streamed() != null) {
      giveUpFailed(begun, nowMillis);
    } else if (begun != null && (begun.refusal(shard).isPresent() || begun.completedBy(shard))) {
      giveUpRecalled(begun); // it may be what comes again, and must not be judged
    }
    Pending snapshot = pending.get(shard.id());
    if (snapshot == null) {
      snapshot = begin(delivery, nowMillis);
    }
    if (snapshot == null) {
      return Optional.empty();
    }
    Optional<Outcome> refusal = snapshot.refusal(shard);
    boolean returns = refusal.equals(DUPLICATE) && snapshot.lacksLoan(shard);
    if (refusal.isPresent() && !returns) {
      delivery.settle(refusal.get());
      return Optional.empty();
    }
    return snapshot.streamed() == null
        ? join(snapshot, delivery, nowMillis)
        : stream(snapshot, snapshot.streamed(), delivery, returns);
  }

  /** The snapshot that a shard is the first of; null when that ends here. */
  private @Nullable Pending begin(Delivery delivery, long nowMillis) {
    ShardHead head = ShardHead.of(delivery.shard());
    StreamedSnapshot streamed = null;
    Optional<Outcome> refused = admission.refused(head.id());
    if (refused.isPresent()) {
      delivery.settle(refused.get());
      return null;
    }
    if (admission.large(head)) {
      switch (admission.admit(head, nowMillis)) {
        case Admission.Verdict.Begins(StreamedSnapshot begun) -> streamed = begun;
        case Admission.Verdict.Ends(Outcome outcome) -> {
          delivery.settle(outcome);
          return null;
        }
      }
    }
    Pending snapshot = new Pending(head, nowMillis, streamed);
    pending.put(head.id(), snapshot);
    ofLayer.computeIfAbsent(Layer.of(head.id()), name -> new ArrayList<>()).add(snapshot);
    return snapshot;
  }

  /** A shard waits for the rest of its snapshot, or was the last that was missing. */
  private Optional<Assembled> join(Pending snapshot, Delivery delivery, long nowMillis) {
    Part part = new Part.Waiting(delivery);
    long before = snapshot.bytes();
    snapshot.put(part, delivery.shard().appendedMillis());
    bufferedBytes += snapshot.bytes() - before; // nothing more where it came in place of another
    if (snapshot.complete()) {
      complete(snapshot);
      snapshot.loans().forEach(Loan::goesOn);
      return Optional.of(
          new AssembledSnapshot(
              snapshot.parts().stream()
                  .map(waiting -> ((Part.Waiting) waiting).delivery())
                  .toList()));
    }
    delivery.waits();
    if (snapshot.bytes() > limits.maxBufferedBytes()) {
      tooMany(snapshot, nowMillis);
      return Optional.empty();
    }
    if (bufferedBytes > limits.maxBufferedBytes() - joins.bytes()) {
      List.copyOf(pending.values()).forEach(this::giveUpRecalled);
    }
    while (bufferedBytes > limits.maxBufferedBytes() - joins.bytes()) {
      drop(oldestThatWaits(), Outcome.Settled.INCOMPLETE);
    }
    return Optional.empty();
  }

  private void tooMany(Pending snapshot, long nowMillis) {
    Outcome tooMany = admission.tooManyShards(snapshot);
    admission.refuse(snapshot.head().id(), tooMany, nowMillis);
    drop(snapshot, tooMany);
  }

  private Pending oldestThatWaits() {
    return pending.values().stream()
        .filter(snapshot -> snapshot.streamed() == null)
        .findFirst()
        .orElseThrow();
  }

  /**
   * A shard goes on at once.
   *
   * @param returns whether its rows were looked at before its source took them back
   */
  private Optional<Assembled> stream(
      Pending snapshot, StreamedSnapshot streamed, Delivery delivery, boolean returns) {
    snapshot.put(Part.Streamed.of(delivery), delivery.shard().appendedMillis());
    if (returns) {
      delivery.release();
    }
    Assembled.Complete all = null;
    if (snapshot.complete()) {
      complete(snapshot);
      all = new Assembled.Complete(snapshot.head(), snapshot.loans());
    }
    return returns && all == null
        ? Optional.empty()
        : Optional.of(new Assembled.Rows(streamed, returns ? null : delivery, all));
  }

  private void dropOlderAttempts(SnapshotId id) {
    for (Pending older : ofLayer(id)) {
      if (older.head().id().attempt() < id.attempt()) {
        drop(older, Outcome.Settled.STALE);
      }
    }
  }

  private List<Pending> ofLayer(SnapshotId id) {
    return List.copyOf(ofLayer.getOrDefault(Layer.of(id), List.of()));
  }

  private void remove(Pending snapshot) {
    SnapshotId id = snapshot.head().id();
    pending.remove(id);
    bufferedBytes -= snapshot.bytes();
    ofLayer.computeIfPresent(
        Layer.of(id),
        (name, waiting) -> {
          waiting.remove(snapshot);
          return waiting.isEmpty() ? null : waiting;
        });
  }

  private void complete(Pending snapshot) {
    SnapshotId id = snapshot.head().id();
    remove(snapshot);
    Objects.requireNonNull(judged.get(Layer.of(id))).add(id.step(), snapshot.parts());
    for (Pending older : ofLayer(id)) {
      if (older.head().id().step() < id.step() && older.newerComplete(id.step()) == 2) {
        drop(older, Outcome.Settled.INCOMPLETE);
      }
    }
  }

  private void drop(Pending snapshot, Outcome outcome) {
    forget(snapshot);
    snapshot.loans().forEach(loan -> loan.settle(outcome));
  }

  private void forget(Pending snapshot) {
    remove(snapshot);
    StreamedSnapshot streamed = snapshot.streamed();
    if (streamed != null) {
      streamed.close();
    }
  }

  private void forgetLayers() {
    Iterator<JudgedSteps> eldest = judged.values().iterator();
    while (judged.size() > MAX_LAYERS) {
      eldest.next();
      eldest.remove();
    }
  }
}
