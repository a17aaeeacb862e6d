package dev.sinkwatch.ingest.kafka;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much may be in flight, in records and in bytes. Once either is used up it counts as exhausted
 * until half of both is free again, so that intake does not stutter. What is held until others of
 * its snapshot have come is no record and has no part in that half: it ends only if intake goes on.
 *
 * <p>{@link #take} and {@link #exhausted} belong to one thread, the rest to any.
 */
final class InFlightBudget {
  private final long maxRecords;
  private final long maxBytes;
  private final AtomicLong records = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong held = new AtomicLong();
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

  /** A record is held, and takes so many bytes from now on. */
  void hold(long recordBytes, long heldBytes) {
    records.decrementAndGet();
    bytes.addAndGet(heldBytes - recordBytes);
    held.addAndGet(heldBytes);
  }

  /** A record that was held goes on. */
  void goOn(long recordBytes, long heldBytes) {
    held.addAndGet(-heldBytes);
    bytes.addAndGet(recordBytes - heldBytes);
    records.incrementAndGet();
  }

  void giveBackHeld(long heldBytes) {
    held.addAndGet(-heldBytes);
    bytes.addAndGet(-heldBytes);
  }

  boolean exhausted() {
    long heldNow = held.get();
    long under = bytes.get() - heldNow;
    long room = Math.max(0, maxBytes - heldNow);
    exhausted =
        exhausted
            ? records.get() > maxRecords / 2 || under > room / 2 || room == 0
            : records.get() >= maxRecords || under >= room;
    return exhausted;
  }

  long records() {
    return records.get();
  }

  long bytes() {
    return bytes.get();
  }
}
