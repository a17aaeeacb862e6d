package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;
import java.util.List;

/**
 * A snapshot whose shards are all here, on loan until they are settled.
 *
 * @param deliveries its shards by ascending rows, one or more, without gaps or overlaps
 */
record AssembledSnapshot(List<Delivery> deliveries) implements Snapshot, Assembled {

  @Override
  public SnapshotId id() {
    return first().id();
  }

  @Override
  public Shape shape() {
    return first().shape();
  }

  @Override
  public Dtype dtype() {
    return first().dtype();
  }

  @Override
  public Hints hints() {
    return first().hints();
  }

  @Override
  public long appendedMillis() {
    return deliveries.stream()
        .mapToLong(delivery -> delivery.shard().appendedMillis())
        .min()
        .orElseThrow();
  }

  @Override
  public void scan(RowRange rows, BlockVisitor visitor) {
    long rowBytes = shape().columns() * dtype().bytes();
    for (Delivery delivery : deliveries) {
      Shard shard = delivery.shard();
      long from = Math.max(rows.from(), shard.rows().from());
      long to = Math.min(rows.to(), shard.rows().to());
      if (from < to) {
        long skipped = (from - shard.rows().from()) * rowBytes;
        visitor.block(from, to - from, shard.data().asSlice(skipped, (to - from) * rowBytes));
      }
    }
  }

  /**
   * Whether the source lost all of it to another member, who will judge it. Of a snapshot in
   * several partitions a part may be left, which nobody else will see.
   */
  boolean revoked() {
    return deliveries.stream().allMatch(Delivery::revoked);
  }

  /** Bytes that it takes while it waits for others. */
  long waitingBytes() {
    return deliveries.stream().mapToLong(Part.Waiting::bytes).sum();
  }

  void settle(Outcome outcome) {
    deliveries.forEach(delivery -> delivery.settle(outcome));
  }

  private Shard first() {
    return deliveries.getFirst().shard();
  }
}
