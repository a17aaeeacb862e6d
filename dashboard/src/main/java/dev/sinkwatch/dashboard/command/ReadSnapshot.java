package dev.sinkwatch.dashboard.command;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;

/** A snapshot that tells a progress bar which pass over it is being made. */
final class ReadSnapshot implements Snapshot {

  /** Passes that a large matrix usually takes; how many it will be nobody knows before. */
  private static final int USUAL_PASSES = 18;

  private final Snapshot snapshot;
  private final ProgressBar bar;
  private long read;
  private long told;

  ReadSnapshot(Snapshot snapshot, ProgressBar bar) {
    this.snapshot = snapshot;
    this.bar = bar;
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

  @Override
  public void scan(RowRange range, BlockVisitor visitor) throws IOException {
    snapshot.scan(
        range,
        (firstRow, rows, data) -> {
          told(data.byteSize());
          visitor.block(firstRow, rows, data);
        });
  }

  /** Several threads may read at once. */
  private synchronized void told(long amount) {
    long pass = read / Math.max(1, bytes()) + 1;
    read += amount;
    tell(amount / USUAL_PASSES);
    bar.show(id().layer() + ", pass " + pass);
  }

  /** All that is to be done with it is done. */
  synchronized void done() {
    tell(bytes());
  }

  private void tell(long amount) {
    long rest = Math.min(amount, bytes() - told);
    told += rest;
    bar.add(rest);
  }

  private long bytes() {
    return shape().elements() * dtype().bytes();
  }
}
