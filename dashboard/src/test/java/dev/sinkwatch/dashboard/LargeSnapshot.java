package dev.sinkwatch.dashboard;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A mixer P = a I + (1 - a) J of any size, made row by row: its detail gain and sigma2 are a.
 *
 * @param n a power of two, so that entries are floats without rounding
 */
record LargeSnapshot(String layer, long step, int n, float gain) implements Snapshot {
  private static final int BLOCK = 8;

  @Override
  public SnapshotId id() {
    return new SnapshotId("large", 0, layer, step);
  }

  @Override
  public Shape shape() {
    return Shape.of(n, n);
  }

  @Override
  public Dtype dtype() {
    return Dtype.F32;
  }

  @Override
  public Hints hints() {
    return new Hints(Kind.DOUBLY_STOCHASTIC, null, null, null, null);
  }

  @Override
  public long appendedMillis() {
    return 0;
  }

  long bytes() {
    return 4L * n * n;
  }

  /** Some of its rows. */
  Shard shard(long from, long to) {
    float[] values = new float[Math.toIntExact((to - from) * n)];
    Arrays.fill(values, (1 - gain) / n);
    for (long i = from; i < to; i++) {
      values[Math.toIntExact((i - from) * n + i)] += gain;
    }
    return new Shard(
        id(), shape(), new RowRange(from, to), dtype(), MemorySegment.ofArray(values), hints(), 0);
  }

  @Override
  public void scan(RowRange rows, BlockVisitor visitor) {
    for (long row = rows.from(); row < rows.to(); row += BLOCK) {
      long end = Math.min(rows.to(), row + BLOCK);
      visitor.block(row, end - row, shard(row, end).data());
    }
  }
}
