package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.Outcome;
import java.util.List;
import java.util.Optional;

/**
 * Ends incomplete snapshots: those that wait for too long, that cannot go on or that their source
 * took back, and where more is held than may be, some of the others. For one thread.
 */
final class Eviction {
  private final AssemblyLimits limits;
  private final PendingSnapshots pending;
  private final Admission admission;
  private final JoinRoom joins;

  /**
   * @param pending what may end here
   * @param joins what waits there has its part in what may be held
   */
  Eviction(AssemblyLimits limits, PendingSnapshots pending, Admission admission, JoinRoom joins) {
    this.limits = limits;
    this.pending = pending;
    this.admission = admission;
    this.joins = joins;
  }

  /** Ends all whose time it is. */
  void tick(long nowMillis) {
    for (Pending snapshot : pending.all()) {
      giveUpRecalled(snapshot);
      giveUpFailed(snapshot, nowMillis);
    }
    admission.forgetRefused(nowMillis - limits.timeoutMillis());
    List<Pending> late =
        pending.all().stream()
            .filter(snapshot -> nowMillis - snapshot.sinceMillis() >= limits.timeoutMillis())
            .toList();
    late.forEach(snapshot -> drop(snapshot, Outcome.Settled.INCOMPLETE));
  }

  /** A snapshot of which nothing is left never was there. */
  void giveUpRecalled(Pending snapshot) {
    pending.change(snapshot, snapshot::giveUpRecalled);
    if (snapshot.empty()) {
      forget(snapshot);
    }
  }

  void giveUpFailed(Pending snapshot, long nowMillis) {
    StreamedSnapshot streamed = snapshot.streamed();
    Outcome failure = streamed == null ? null : streamed.failure();
    if (failure != null) {
      refuse(snapshot, failure, nowMillis);
    }
  }

  /** Where too much waits, since a shard of that snapshot came, others end, or it does itself. */
  void makeRoom(Pending snapshot, long nowMillis) {
    if (snapshot.bytes() > limits.maxBufferedBytes()) {
      refuse(snapshot, admission.tooManyShards(snapshot), nowMillis);
      return;
    }
    if (pending.bytes() > limits.maxBufferedBytes() - joins.bytes()) {
      pending.all().forEach(this::giveUpRecalled);
    }
    // but for one that waits alone, which has all of the buffer
    while (pending.bytes() > limits.maxBufferedBytes() - joins.bytes()
        && pending.bytes() > snapshot.bytes()) {
      drop(pending.oldestThatWaits(), Outcome.Settled.INCOMPLETE);
    }
    holdLess(nowMillis);
  }

  /** Where shards that were looked at are so many that intake would stop, the cause of it ends. */
  void holdLess(long nowMillis) {
    while (pending.heldBytes() + joins.bytes() > limits.maxHeldBytes()) {
      Optional<Pending> most = pending.inMostShards();
      if (most.isEmpty()) {
        return; // what waits has its own limit
      }
      refuse(most.get(), admission.tooManyShards(most.get()), nowMillis);
    }
  }

  /** What else comes of it ends in the same way. */
  private void refuse(Pending snapshot, Outcome outcome, long nowMillis) {
    admission.refuse(snapshot.head().id(), outcome, nowMillis);
    drop(snapshot, outcome);
  }

  /** All that has come of a snapshot ends so. */
  void drop(Pending snapshot, Outcome outcome) {
    forget(snapshot);
    snapshot.loans().forEach(loan -> loan.settle(outcome));
  }

  private void forget(Pending snapshot) {
    pending.remove(snapshot);
    StreamedSnapshot streamed = snapshot.streamed();
    if (streamed != null) {
      streamed.close();
    }
  }
}
