package dev.sinkwatch.bench;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;

/** A snapshot at hand, in blocks of the size that clients keep their records to. */
record RawSnapshot(RawMatrix values, Shape shape, Hints hints, int attempt, long step)
    implements Snapshot {
  private static final long BLOCK_BYTES = 768 << 10;

  @Override
  public SnapshotId id() {
    return new SnapshotId("bench", attempt, "mixer.0", step);
  }

  @Override
  public Dtype dtype() {
    return values.dtype();
  }

  @Override
  public long appendedMillis() {
    return 0;
  }

  @Override
  public void scan(RowRange rows, BlockVisitor visitor) {
    long blockRows = Math.max(1, BLOCK_BYTES / (shape.columns() * dtype().bytes()));
    for (long row = rows.from(); row < rows.to(); row += blockRows) {
      long count = Math.min(blockRows, rows.to() - row);
      visitor.block(row, count, values.part(row, count));
    }
  }
}
