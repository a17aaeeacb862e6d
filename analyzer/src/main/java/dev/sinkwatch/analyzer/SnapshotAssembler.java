package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import java.util.ArrayList;
import java.util.List;
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

  private static final Optional<Outcome> DUPLICATE = Optional.of(Outcome.Settled.DUPLICATE);

  private final Admission admission;
  private final JoinRoom joins;
  private final PendingSnapshots pending = new PendingSnapshots();
  private final JudgedLayers judged = new JudgedLayers();
  private final Eviction eviction;

  /**
   * @param footprint of snapshots that do not wait
   * @param joins what waits there has its part in what may be buffered
   */
  SnapshotAssembler(AssemblyLimits limits, Admission.Footprint footprint, JoinRoom joins) {
    this.joins = joins;
    this.admission = new Admission(footprint, limits.maxSnapshotBytes(), limits.maxStreamedBytes());
    this.eviction = new Eviction(limits, pending, admission, joins);
  }

  /**
   * Bytes of the shards that wait for the rest of their snapshot or of their site, and of the sums
   * of others.
   */
  long bufferedBytes() {
    return pending.bytes() + joins.bytes() + admission.bytes();
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
    JudgedSteps layer = judged.of(id);
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
    eviction.tick(nowMillis);
  }

  private Optional<Assembled> add(Delivery delivery, long nowMillis) {
    Shard shard = delivery.shard();
    Pending begun = pending.of(shard.id());
    if (begun != null) {
      begun.heard(shard, nowMillis);
      if (begun.streamed() != null) {
        eviction.giveUpFailed(begun, nowMillis);
      } else if (begun.refusal(shard).isPresent() || begun.completedBy(shard)) {
        eviction.giveUpRecalled(begun); // it may be what comes again, and must not be judged
      }
    }
    Pending before = pending.of(shard.id());
    Pending snapshot = before;
    if (before == null) {
      snapshot = begin(delivery, nowMillis, null);
    } else if (before.supersededBy(shard)) {
      snapshot = supersede(before, delivery, nowMillis);
    }
    if (snapshot == null) {
      return Optional.empty();
    }
    Optional<Outcome> refusal = snapshot.refusal(shard);
    boolean repeated = refusal.equals(DUPLICATE);
    boolean returns = repeated && snapshot.lacksLoan(shard);
    if (refusal.isPresent() && !returns) {
      delivery.settle(refusal.get());
      if (!repeated) {
        snapshot.refuse(shard);
        dropRefused(snapshot);
        return Optional.empty();
      }
      snapshot.repeated(shard);
      return snapshot.complete() ? Optional.of(whole(snapshot, null)) : Optional.empty();
    }
    return snapshot.streamed() == null
        ? join(snapshot, delivery, nowMillis)
        : stream(snapshot, delivery, returns, nowMillis);
  }

  /**
   * What an earlier publish left is refused, and with it a snapshot as a whole whose rows are in
   * sums already. Returns what the shard goes on in; null when it ends here.
   */
  private @Nullable Pending supersede(Pending snapshot, Delivery delivery, long nowMillis) {
    snapshot.supersede(delivery.shard());
    return dropRefused(snapshot) ? begin(delivery, nowMillis, snapshot) : snapshot;
  }

  /** Rejects the rows of refused publishes; returns whether nothing is left of the snapshot. */
  private boolean dropRefused(Pending snapshot) {
    List<Part> refused = new ArrayList<>();
    pending.change(snapshot, () -> refused.addAll(snapshot.refused()));
    refused.forEach(part -> part.loan().settle(Pending.SUPERSEDED));
    if (snapshot.empty() || (snapshot.streamed() != null && !refused.isEmpty())) {
      eviction.drop(snapshot, Pending.SUPERSEDED);
      return true;
    }
    return false;
  }

  /**
   * The snapshot that a shard is the first of; null when that ends here.
   *
   * @param before the same snapshot, superseded
   */
  private @Nullable Pending begin(Delivery delivery, long nowMillis, @Nullable Pending before) {
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
    Pending snapshot =
        before == null
            ? new Pending(head, nowMillis, streamed)
            : before.anew(head, nowMillis, streamed);
    pending.add(snapshot);
    return snapshot;
  }

  /** A shard waits for the rest of its snapshot, or was the last that was missing. */
  private Optional<Assembled> join(Pending snapshot, Delivery delivery, long nowMillis) {
    put(snapshot, new Part.Waiting(delivery), delivery.shard());
    if (snapshot.complete()) {
      return Optional.of(whole(snapshot, null));
    }
    delivery.waits();
    eviction.makeRoom(snapshot, nowMillis);
    return Optional.empty();
  }

  private void put(Pending snapshot, Part part, Shard shard) {
    pending.change(snapshot, () -> snapshot.put(part, shard.publish(), shard.appendedMillis()));
  }

  /**
   * A shard goes on at once.
   *
   * @param returns whether its rows were looked at before its source took them back
   */
  private Optional<Assembled> stream(
      Pending snapshot, Delivery delivery, boolean returns, long nowMillis) {
    StreamedSnapshot streamed = Objects.requireNonNull(snapshot.streamed());
    put(snapshot, Part.Streamed.of(delivery), delivery.shard());
    if (returns) {
      delivery.release();
    }
    if (snapshot.complete()) {
      return Optional.of(whole(snapshot, returns ? null : delivery));
    }
    eviction.holdLess(nowMillis);
    return returns || streamed.closed()
        ? Optional.empty()
        : Optional.of(new Assembled.Rows(streamed, delivery, null));
  }

  /**
   * All rows have come.
   *
   * @param last those of them that were not looked at yet, if they do not wait
   */
  private Assembled whole(Pending snapshot, @Nullable Delivery last) {
    complete(snapshot);
    StreamedSnapshot streamed = snapshot.streamed();
    if (streamed != null) {
      return new Assembled.Rows(
          streamed, last, new Assembled.Complete(snapshot.head(), snapshot.loans()));
    }
    snapshot.loans().forEach(Loan::goesOn);
    return new AssembledSnapshot(
        snapshot.parts().stream().map(waiting -> ((Part.Waiting) waiting).delivery()).toList());
  }

  private void dropOlderAttempts(SnapshotId id) {
    pending
        .ofLayer(id, other -> other.attempt() < id.attempt())
        .forEach(older -> eviction.drop(older, Outcome.Settled.STALE));
  }

  private void complete(Pending snapshot) {
    SnapshotId id = snapshot.head().id();
    pending.remove(snapshot);
    judged.of(id).add(id.step(), snapshot.parts());
    for (Pending older : pending.ofLayer(id, other -> other.step() < id.step())) {
      if (older.newerComplete(id.step()) == 2) {
        eviction.drop(older, Outcome.Settled.INCOMPLETE);
      }
    }
  }
}
