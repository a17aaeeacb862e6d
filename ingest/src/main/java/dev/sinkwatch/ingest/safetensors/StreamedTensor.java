package dev.sinkwatch.ingest.safetensors;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of a stream, checked before any of its values is read.
 *
 * @param shape of the whole tensor
 * @param rows which of its rows are here
 * @param bytes of their values
 * @param dtype null: a type that is not analysed
 * @param publish see {@link Shard#publish}
 * @param leftOut why it is not passed on, one line; null: it is
 */
record StreamedTensor(
    SnapshotId id,
    Shape shape,
    RowRange rows,
    long bytes,
    @Nullable Dtype dtype,
    Hints hints,
    @Nullable String publish,
    @Nullable String leftOut) {

  static StreamedTensor of(
      SnapshotId id, Part part, TensorEntry entry, Hints hints, @Nullable String publish) {
    Dtype dtype = entry.supported().orElse(null);
    String leftOut = null;
    if (dtype == null) {
      leftOut = "its dtype is none that is analysed";
    } else if (entry.bytes() == 0) {
      leftOut = "it has no values";
    } else if (part.shape().rank() > Part.MAX_RANK) {
      leftOut = "it has " + part.shape().rank() + " dimensions, more than " + Part.MAX_RANK;
    } else if (rowBytes(part.shape(), dtype) > ShardCutter.MAX_ROW_BYTES) {
      leftOut =
          "a row of "
              + rowBytes(part.shape(), dtype)
              + " bytes fits no record, which takes "
              + ShardCutter.MAX_ROW_BYTES;
    }
    return new StreamedTensor(
        id, part.shape(), part.rows(), entry.bytes(), dtype, hints, publish, leftOut);
  }

  private static long rowBytes(Shape shape, Dtype dtype) {
    return shape.columns() * dtype.bytes();
  }

  /** Bytes of its largest shard; 0 if it is left out. */
  int shardBytes() {
    if (leftOut != null || dtype == null) {
      return 0;
    }
    long row = rowBytes(shape, dtype);
    return (int) Math.min(bytes, row * Math.max(1, ShardCutter.DEFAULT_BYTES / row));
  }

  /** The shard whose values begin so many bytes behind the tensor's first one. */
  Shard shard(long from, MemorySegment data, Dtype type, long nowMillis) {
    long row = rowBytes(shape, type);
    long first = rows.from() + from / row;
    return new Shard(
        id,
        shape,
        new RowRange(first, first + data.byteSize() / row),
        type,
        data,
        hints,
        nowMillis,
        publish);
  }
}
