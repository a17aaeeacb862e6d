package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.SnapshotId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The incomplete snapshots, in the sequence of their first shards and by layer, and what their
 * shards take. For one thread.
 */
final class PendingSnapshots {
  private final Map<SnapshotId, Pending> byId = new LinkedHashMap<>();

  /** Of each layer few wait at once. */
  private final Map<Layer, List<Pending>> byLayer = new HashMap<>();

  private long bytes;
  private long lookedAt;

  /** Bytes of the shards that wait. */
  long bytes() {
    return bytes;
  }

  /** Bytes of all shards that are held: those that wait, and the loans of those looked at. */
  long heldBytes() {
    return bytes + lookedAt * Loan.MIN_BYTES;
  }

  @Nullable Pending of(SnapshotId id) {
    return byId.get(id);
  }

  List<Pending> all() {
    return List.copyOf(byId.values());
  }

  /** Those of the same layer with such an identity. */
  List<Pending> ofLayer(SnapshotId id, Predicate<SnapshotId> which) {
    return byLayer.getOrDefault(Layer.of(id), List.of()).stream()
        .filter(snapshot -> which.test(snapshot.head().id()))
        .toList();
  }

  void add(Pending snapshot) {
    SnapshotId id = snapshot.head().id();
    byId.put(id, snapshot);
    byLayer.computeIfAbsent(Layer.of(id), layer -> new ArrayList<>()).add(snapshot);
    count(snapshot, 1);
  }

  /** Does something to a snapshot that may change which rows it has. */
  void change(Pending snapshot, Runnable something) {
    count(snapshot, -1);
    something.run();
    count(snapshot, 1);
  }

  void remove(Pending snapshot) {
    SnapshotId id = snapshot.head().id();
    byId.remove(id);
    count(snapshot, -1);
    byLayer.computeIfPresent(
        Layer.of(id),
        (layer, waiting) -> {
          waiting.remove(snapshot);
          return waiting.isEmpty() ? null : waiting;
        });
  }

  private void count(Pending snapshot, int times) {
    bytes += snapshot.bytes() * times;
    if (snapshot.streamed() != null) {
      lookedAt += (long) snapshot.count() * times;
    }
  }

  /** The first of those whose shards wait. */
  Pending oldestThatWaits() {
    return byId.values().stream()
        .filter(snapshot -> snapshot.streamed() == null)
        .findFirst()
        .orElseThrow();
  }

  /** The one of which most shards have been looked at. */
  Optional<Pending> inMostShards() {
    return byId.values().stream()
        .filter(snapshot -> snapshot.streamed() != null)
        .max(Comparator.comparingInt(Pending::count));
  }
}
