package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A snapshot that counts how many of its rows are read, and of which some cannot be read.
 *
 * @param readable rows that can be read before an exception
 */
record CountedReads(Snapshot snapshot, AtomicLong rowsRead, long readable) implements Snapshot {

  static CountedReads of(Snapshot snapshot) {
    return new CountedReads(snapshot, new AtomicLong(), Long.MAX_VALUE);
  }

  static CountedReads failingAfter(long rows, Snapshot snapshot) {
    return new CountedReads(snapshot, new AtomicLong(), rows);
  }

  /** Whole passes over it, rounded down. */
  long passes() {
    return rowsRead.get() / shape().rows();
  }

  @Override
  public void scan(RowRange rows, BlockVisitor visitor) throws IOException {
    if (rowsRead.addAndGet(rows.count()) > readable) {
      throw new IOException("the disk is gone");
    }
    snapshot.scan(rows, visitor);
  }

  @Override
  public SnapshotId id() {
    return snapshot.id();
  }

  @Override
  public Shape shape() {
    return snapshot.shape();
  }

  @Override
  public Dtype dtype() {
    return snapshot.dtype();
  }

  @Override
  public Hints hints() {
    return snapshot.hints();
  }

  @Override
  public long appendedMillis() {
    return snapshot.appendedMillis();
  }
}
