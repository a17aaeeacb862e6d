package dev.sinkwatch.analyzer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Shard;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A delivery that remembers what it was settled as, and that nobody takes back. */
record LentShard(Shard shard, AtomicReference<@Nullable Outcome> end)
    implements Delivery, Loan.Fate {

  LentShard(Shard shard) {
    this(shard, new AtomicReference<>());
  }

  @Override
  public void settle(Outcome outcome) {
    assertThat(end.compareAndSet(null, outcome)).as("settled once").isTrue();
  }

  @Nullable Outcome outcome() {
    return end.get();
  }

  @Override
  public Loan loan() {
    return this;
  }

  @Override
  public void release() {}

  @Override
  public Fate fate() {
    return this;
  }

  @Override
  public boolean settled() {
    return outcome() != null;
  }

  @Override
  public boolean recalled() {
    return false;
  }
}
