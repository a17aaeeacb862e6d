package dev.sinkwatch.ingest.kafka;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Outcome;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A received record until its one end. Settlement and revocation race from different threads; the
 * state decides which of them counts, so that the ledger hears of each record exactly once.
 */
final class InFlight {

  private enum State {
    OPEN,
    /** On its way to the dead letters; only revocation can overtake that. */
    REJECTING,
    SETTLED,
    /** Unjudged: whoever owns the partition next has to see it. */
    RECALLED
  }

  /** Without the record, which it may outlive by long. */
  private static final class Progress extends AtomicReference<State> implements Delivery.Fate {
    private static final long serialVersionUID = 1;

    Progress() {
      super(State.OPEN);
    }

    @Override
    public boolean settled() {
      return get() == State.SETTLED;
    }

    @Override
    public boolean recalled() {
      return get() == State.RECALLED;
    }
  }

  private final ActivePartition partition;
  private final ConsumerRecord<byte[], byte[]> record;
  private final long bytes;
  private final AcknowledgementQueue.Entry entry;
  private final Progress state = new Progress();

  InFlight(
      ActivePartition partition,
      ConsumerRecord<byte[], byte[]> record,
      long bytes,
      AcknowledgementQueue.Entry entry) {
    this.partition = partition;
    this.record = record;
    this.bytes = bytes;
    this.entry = entry;
  }

  /** Any thread; all but the first call have no effect. */
  void settle(Outcome outcome) {
    switch (outcome) {
      case Outcome.Rejected rejected -> reject(rejected);
      case Outcome.Settled settled -> {
        boolean counts = settled != Outcome.Settled.REVOKED;
        if (state.compareAndSet(State.OPEN, counts ? State.SETTLED : State.RECALLED)) {
          partition.closed(this, settled, counts);
        }
      }
    }
  }

  private void reject(Outcome.Rejected rejected) {
    if (state.compareAndSet(State.OPEN, State.REJECTING)) {
      var _ =
          partition
              .keep(record, rejected.rejection())
              .thenRun(() -> {
                if (state.compareAndSet(State.REJECTING, State.SETTLED)) {
                  partition.closed(this, rejected, true);
                }
              });
    }
  }

  void revoke() {
    if (state.compareAndSet(State.OPEN, State.RECALLED)
        || state.compareAndSet(State.REJECTING, State.RECALLED)) {
      partition.closed(this, Outcome.Settled.REVOKED, false);
    }
  }

  Delivery.Fate fate() {
    return state;
  }

  boolean revoked() {
    return partition.revoked();
  }

  ActivePartition partition() {
    return partition;
  }

  long bytes() {
    return bytes;
  }

  AcknowledgementQueue.Entry entry() {
    return entry;
  }
}
