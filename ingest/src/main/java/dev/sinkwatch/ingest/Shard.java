package dev.sinkwatch.ingest;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a snapshot: what one Kafka record carries.
 *
 * @param id which snapshot it is a part of
 * @param shape the whole tensor's shape, not the shard's
 * @param rows which rows of the tensor seen as a matrix
 * @param dtype element type of {@code data}
 * @param data the rows' values, row-major, little-endian; exactly {@code rows x columns x bytes}
 *     long; never written to
 * @param hints what the publisher says of the tensor
 * @param appendedMillis when the broker appended it (or when it was read), milliseconds since 1970
 * @param publish names the attempt at publishing the snapshot that it is of: those of two make no
 *     whole. Null: of none, as of the ranks of one job, and goes together with any
 */
public record Shard(
    SnapshotId id,
    Shape shape,
    RowRange rows,
    Dtype dtype,
    MemorySegment data,
    Hints hints,
    long appendedMillis,
    @Nullable String publish) {

  /** Of no publish in particular. */
  public Shard(
      SnapshotId id,
      Shape shape,
      RowRange rows,
      Dtype dtype,
      MemorySegment data,
      Hints hints,
      long appendedMillis) {
    this(id, shape, rows, dtype, data, hints, appendedMillis, null);
  }

  /** Whether this shard is its whole snapshot. */
  public boolean whole() {
    return rows.from() == 0 && rows.to() == shape.rows();
  }
}
