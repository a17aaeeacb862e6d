package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.Rejection;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Puts snapshots together from shards that come in any order and from several producers, and
 * settles those that will never be part of a verdict: duplicates, conflicts, stale ones, and
 * snapshots that stay incomplete. What its source took back before it was settled is as if it had
 * never been here, since it comes again. For one thread.
 */
final class SnapshotAssembler {

  /**
   * Limits of what waits for its missing rows.
   *
   * @param maxSnapshotBytes a larger snapshot is refused
   * @param maxBufferedBytes beyond it the oldest incomplete snapshot is dropped
   * @param timeoutMillis an incomplete snapshot is dropped so long after its first shard,
   *     milliseconds
   */
  record Limits(long maxSnapshotBytes, long maxBufferedBytes, long timeoutMillis) {}

  /**
   * Layers that are remembered for telling duplicates and stale shards; the longest unheard of are
   * forgotten.
   */
  private static final int MAX_LAYERS = 100_000;

  private record Layer(String run, String name) {}

  /** An incomplete snapshot, in the sequence of first shards. */
  private static final class Pending {
    final SnapshotId id;
    final long sinceMillis;
    final TreeMap<Long, Delivery> byFirstRow = new TreeMap<>();
    long rows;
    long bytes;

    /** Newer steps of the layer that were complete, each once however often it came. */
    final Set<Long> newerComplete = new HashSet<>();

    Pending(SnapshotId id, long sinceMillis) {
      this.id = id;
      this.sinceMillis = sinceMillis;
    }

    Shard any() {
      return byFirstRow.firstEntry().getValue().shard();
    }

    /** Gives up what was recalled; returns its bytes. */
    long giveUpRecalled() {
      long before = bytes;
      byFirstRow
          .values()
          .removeIf(delivery -> {
            boolean gone = delivery.fate().recalled();
            if (gone) {
              rows -= delivery.shard().rows().count();
              bytes -= delivery.shard().data().byteSize();
            }
            return gone;
          });
      return before - bytes;
    }
  }

  private final Limits limits;
  private final Map<SnapshotId, Pending> pending = new LinkedHashMap<>();
  private final Map<Layer, JudgedSteps> judged = new LinkedHashMap<>(16, 0.75f, true);
  private long bufferedBytes;

  SnapshotAssembler(Limits limits) {
    this.limits = limits;
  }

  /** Bytes of the shards that wait for the rest of their snapshot. */
  long bufferedBytes() {
    return bufferedBytes;
  }

  /** Takes a shard; returns the snapshot that it completes. */
  Optional<AssembledSnapshot> accept(Delivery delivery, long nowMillis) {
    if (delivery.fate().recalled()) {
      return Optional.empty(); // while it was on its way to us
    }
    Shard shard = delivery.shard();
    SnapshotId id = shard.id();
    JudgedSteps layer =
        judged.computeIfAbsent(new Layer(id.run(), id.layer()), name -> new JudgedSteps());
    forgetLayers();
    if (layer.supersededBy(id.attempt())) {
      dropOlderAttempts(id);
    }
    Optional<Outcome> end = layer.end(shard);
    if (end.isPresent()) {
      delivery.settle(end.get());
      return Optional.empty();
    }
    if (shard.shape().elements() > limits.maxSnapshotBytes() / shard.dtype().bytes()) {
      delivery.settle(
          rejected(
              Reason.SNAPSHOT_TOO_LARGE,
              "a snapshot of %d values of %s; analysis.max-buffer and the heap allow %d bytes"
                  .formatted(shard.shape().elements(), shard.dtype(), limits.maxSnapshotBytes())));
      return Optional.empty();
    }
    if (shard.rows().count() == 0 && shard.shape().rows() > 0) {
      delivery.settle(Outcome.Settled.IGNORED); // no rows of a tensor that has some
      return Optional.empty();
    }
    return add(delivery, nowMillis);
  }

  /** Drops what has waited too long, and what was recalled. */
  void tick(long nowMillis) {
    List.copyOf(pending.values()).forEach(this::giveUpRecalled);
    List<Pending> late =
        pending.values().stream()
            .filter(snapshot -> nowMillis - snapshot.sinceMillis >= limits.timeoutMillis())
            .toList();
    late.forEach(snapshot -> drop(snapshot, Outcome.Settled.INCOMPLETE));
  }

  /** A snapshot of which nothing is left never was there. */
  private void giveUpRecalled(Pending snapshot) {
    bufferedBytes -= snapshot.giveUpRecalled();
    if (snapshot.byFirstRow.isEmpty()) {
      pending.remove(snapshot.id);
    }
  }

  private Optional<AssembledSnapshot> add(Delivery delivery, long nowMillis) {
    Shard shard = delivery.shard();
    Pending begun = pending.get(shard.id());
    if (begun != null) {
      giveUpRecalled(begun);
    }
    Pending snapshot = pending.computeIfAbsent(shard.id(), id -> new Pending(id, nowMillis));
    Optional<Outcome> refusal = refusal(shard, snapshot);
    if (refusal.isPresent()) {
      delivery.settle(refusal.get());
      return Optional.empty();
    }
    snapshot.byFirstRow.put(shard.rows().from(), delivery);
    snapshot.rows += shard.rows().count();
    snapshot.bytes += shard.data().byteSize();
    bufferedBytes += shard.data().byteSize();
    if (snapshot.rows == shard.shape().rows()) {
      return Optional.of(complete(snapshot));
    }
    if (bufferedBytes > limits.maxBufferedBytes()) {
      List.copyOf(pending.values()).forEach(this::giveUpRecalled);
    }
    while (bufferedBytes > limits.maxBufferedBytes()) {
      drop(pending.values().iterator().next(), Outcome.Settled.INCOMPLETE);
    }
    return Optional.empty();
  }

  /** Why the shard cannot join what has come of its snapshot, if it cannot. */
  private static Optional<Outcome> refusal(Shard shard, Pending snapshot) {
    if (snapshot.byFirstRow.isEmpty()) {
      return Optional.empty();
    }
    Shard other = snapshot.any();
    if (!other.shape().equals(shard.shape()) || other.dtype() != shard.dtype()) {
      return Optional.of(
          rejected(
              Reason.CONFLICT,
              "shape %s %s, but other rows of this snapshot have %s %s"
                  .formatted(shard.shape(), shard.dtype(), other.shape(), other.dtype())));
    }
    RowRange rows = shard.rows();
    Map.Entry<Long, Delivery> before = snapshot.byFirstRow.lowerEntry(rows.to());
    if (before == null || !before.getValue().shard().rows().overlaps(rows)) {
      return Optional.empty();
    }
    Shard present = before.getValue().shard();
    if (present.rows().equals(rows) && present.data().mismatch(shard.data()) == -1) {
      return Optional.of(Outcome.Settled.DUPLICATE);
    }
    return Optional.of(
        rejected(
            Reason.CONFLICT,
            "rows %s overlap rows %s, which came before with other content"
                .formatted(rows, present.rows())));
  }

  private void dropOlderAttempts(SnapshotId id) {
    for (Pending older : List.copyOf(pending.values())) {
      if (sameLayer(older.id, id)) {
        drop(older, Outcome.Settled.STALE);
      }
    }
  }

  private static boolean sameLayer(SnapshotId a, SnapshotId b) {
    return a.layer().equals(b.layer()) && a.run().equals(b.run());
  }

  private AssembledSnapshot complete(Pending snapshot) {
    SnapshotId id = snapshot.id;
    forget(snapshot);
    List<Delivery> deliveries = new ArrayList<>(snapshot.byFirstRow.values());
    Objects.requireNonNull(judged.get(new Layer(id.run(), id.layer()))).add(id.step(), deliveries);
    for (Pending older : List.copyOf(pending.values())) {
      if (sameLayer(older.id, id)
          && older.id.step() < id.step()
          && older.newerComplete.add(id.step())
          && older.newerComplete.size() == 2) {
        drop(older, Outcome.Settled.INCOMPLETE);
      }
    }
    return new AssembledSnapshot(deliveries);
  }

  private void drop(Pending snapshot, Outcome outcome) {
    forget(snapshot);
    snapshot.byFirstRow.values().forEach(delivery -> delivery.settle(outcome));
  }

  private void forget(Pending snapshot) {
    pending.remove(snapshot.id);
    bufferedBytes -= snapshot.bytes;
  }

  private void forgetLayers() {
    Iterator<JudgedSteps> eldest = judged.values().iterator();
    while (judged.size() > MAX_LAYERS) {
      eldest.next();
      eldest.remove();
    }
  }

  private static Outcome rejected(Reason reason, String detail) {
    return new Outcome.Rejected(new Rejection(reason, detail));
  }
}
