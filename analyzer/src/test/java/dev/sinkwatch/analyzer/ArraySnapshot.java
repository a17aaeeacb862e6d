package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A snapshot at hand, read in blocks of a few rows. */
public record ArraySnapshot(
    SnapshotId id, Shape shape, Dtype dtype, Hints hints, MemorySegment data, long appendedMillis)
    implements Snapshot {

  private static final int ROWS_A_BLOCK = 7;

  public static ArraySnapshot of(String layer, Shape shape, double[] values) {
    return of(layer, 0, shape, values);
  }

  public static ArraySnapshot of(String layer, long step, Shape shape, double[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(values);
    return new ArraySnapshot(
        new SnapshotId("r", 0, layer, step),
        shape,
        Dtype.F64,
        Hints.NONE,
        MemorySegment.ofArray(bytes.array()),
        0);
  }

  public ArraySnapshot with(Hints other) {
    return new ArraySnapshot(id, shape, dtype, other, data, appendedMillis);
  }

  ArraySnapshot at(long step) {
    SnapshotId later = new SnapshotId(id.run(), id.attempt(), id.layer(), step);
    return new ArraySnapshot(later, shape, dtype, hints, data, appendedMillis);
  }

  @Override
  public void scan(RowRange rows, BlockVisitor visitor) {
    long bytes = shape.columns() * dtype.bytes();
    for (long row = rows.from(); row < rows.to(); row += ROWS_A_BLOCK) {
      long count = Math.min(ROWS_A_BLOCK, rows.to() - row);
      visitor.block(row, count, data.asSlice(row * bytes, count * bytes));
    }
  }
}
