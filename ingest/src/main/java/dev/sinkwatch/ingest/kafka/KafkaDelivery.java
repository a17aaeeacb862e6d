package dev.sinkwatch.ingest.kafka;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Shard;

/** A shard on loan from a partition. */
record KafkaDelivery(Shard shard, InFlight inFlight) implements Delivery {

  @Override
  public Loan loan() {
    return inFlight;
  }

  @Override
  public void settle(Outcome outcome) {
    inFlight.settle(outcome);
  }

  @Override
  public boolean revoked() {
    return inFlight.revoked();
  }

  @Override
  public Fate fate() {
    return inFlight.fate();
  }

  @Override
  public void waits() {
    inFlight.waits();
  }

  @Override
  public long waitingBytes() {
    return inFlight.waitingBytes();
  }

  @Override
  public void goesOn() {
    inFlight.goesOn();
  }

  @Override
  public void release() {
    inFlight.release();
  }
}
