package dev.sinkwatch.ingest.kafka;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much may be in flight, in records and in bytes. Once either is used up it counts as exhausted
 * until half of both is free again, so that intake does not stutter.
 *
 * <p>{@link #take} and {@link #exhausted} belong to one thread, the rest to any.
 */
final class InFlightBudget {
  private final long maxRecords;
  private final long maxBytes;
  private final AtomicLong records = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private boolean exhausted;

  InFlightBudget(long maxRecords, long maxBytes) {
    this.maxRecords = maxRecords;
    this.maxBytes = maxBytes;
  }

  void take(long recordBytes) {
    records.incrementAndGet();
    bytes.addAndGet(recordBytes);
  }

  void giveBack(long recordBytes) {
    records.decrementAndGet();
    bytes.addAndGet(-recordBytes);
  }

  /** Of what counts in bytes alone, since its record was given back before. */
  void giveBackReleased(long recordBytes) {
    bytes.addAndGet(-recordBytes);
  }

  boolean exhausted() {
    exhausted =
        exhausted
            ? records.get() > maxRecords / 2 || bytes.get() > maxBytes / 2
            : records.get() >= maxRecords || bytes.get() >= maxBytes;
    return exhausted;
  }

  long records() {
    return records.get();
  }

  long bytes() {
    return bytes.get();
  }
}
