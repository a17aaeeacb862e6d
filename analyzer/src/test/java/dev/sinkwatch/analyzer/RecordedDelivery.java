package dev.sinkwatch.analyzer;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A shard that remembers how it was settled, and that a test can take back. */
final class RecordedDelivery implements Delivery, Loan.Fate {
  private final Shard shard;
  @Nullable Outcome outcome;
  boolean recalled;
  boolean released;
  boolean waiting;

  RecordedDelivery(Shard shard) {
    this.shard = shard;
  }

  static RecordedDelivery shard(long step, int from, int to) {
    return shard(0, step, from, to, 0);
  }

  /** Rows of a 6 x 2 tensor of bytes that all have one value. */
  static RecordedDelivery shard(int attempt, long step, int from, int to, int value) {
    return shard(null, Shape.of(6, 2), attempt, step, from, to, value);
  }

  /** The same of a publish, at step 1. */
  static RecordedDelivery published(@Nullable String publish, int from, int to, int value) {
    return shard(publish, Shape.of(6, 2), 0, 1, from, to, value);
  }

  static RecordedDelivery shard(
      @Nullable String publish, Shape shape, int attempt, long step, int from, int to, int value) {
    byte[] data = new byte[(to - from) * 2];
    Arrays.fill(data, (byte) value);
    return new RecordedDelivery(
        new Shard(
            new SnapshotId("r", attempt, "l", step),
            shape,
            new RowRange(from, to),
            Dtype.U8,
            MemorySegment.ofArray(data),
            Hints.NONE,
            0,
            publish));
  }

  @Override
  public Shard shard() {
    return shard;
  }

  @Override
  public void settle(Outcome settled) {
    assertThat(outcome).as("settled once").isNull();
    outcome = settled;
  }

  @Override
  public Loan loan() {
    return this;
  }

  @Override
  public void waits() {
    waiting = true;
  }

  @Override
  public void goesOn() {
    waiting = false;
  }

  @Override
  public void release() {
    released = true;
  }

  @Override
  public Fate fate() {
    return this;
  }

  @Override
  public boolean settled() {
    return outcome != null;
  }

  @Override
  public boolean recalled() {
    return recalled;
  }

  Reason reason() {
    return ((Outcome.Rejected) requireNonNull(outcome)).rejection().reason();
  }
}
