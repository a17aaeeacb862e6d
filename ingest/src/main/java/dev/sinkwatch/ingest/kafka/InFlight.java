package dev.sinkwatch.ingest.kafka;

import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * A received record until its one end. Settlement and revocation race from different threads; the
 * state decides which of them counts, so that the ledger hears of each record exactly once.
 */
final class InFlight implements Loan {

  /** Bytes that a record is counted with once its data are released: what is remembered of it. */
  static final long RELEASED_BYTES = Loan.MIN_BYTES;

  /** Of a key so much is remembered. */
  private static final int MAX_KEY = 1024;

  /** What it takes of the budget. */
  private enum Charge {
    WHOLE,
    WAITING,
    RELEASED,
    NONE
  }

  private enum State {
    OPEN,
    /** On its way to the dead letters; only revocation can overtake that. */
    REJECTING,
    SETTLED,
    /** Unjudged: whoever owns the partition next has to see it. */
    RECALLED
  }

  /** Without the record, which it may outlive by long. */
  private static final class Progress extends AtomicReference<State> implements Loan.Fate {
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
  private final long bytes;
  private volatile ConsumerRecord<byte[], byte[]> record;
  private final AcknowledgementQueue.Entry entry;
  private final Progress state = new Progress();
  private final AtomicReference<Charge> charge = new AtomicReference<>(Charge.WHOLE);

  InFlight(
      ActivePartition partition,
      ConsumerRecord<byte[], byte[]> record,
      long bytes,
      AcknowledgementQueue.Entry entry) {
    this.partition = partition;
    boolean plain = !record.headers().iterator().hasNext();
    this.record = plain ? record : without(record.key(), record.value(), record);
    this.bytes = bytes;
    this.entry = entry;
  }

  /** Any thread; all but the first call have no effect. */
  @Override
  public void settle(Outcome outcome) {
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

  @Override
  public Loan.Fate fate() {
    return state;
  }

  @Override
  public boolean revoked() {
    return partition.revoked();
  }

  @Override
  public void waits() {
    if (charge.compareAndSet(Charge.WHOLE, Charge.WAITING)) {
      partition.held(bytes, waitingBytes());
    }
  }

  @Override
  public void goesOn() {
    if (charge.compareAndSet(Charge.WAITING, Charge.WHOLE)) {
      partition.goesOn(bytes, waitingBytes());
    }
  }

  @Override
  public long waitingBytes() {
    return Math.max(bytes, Loan.MIN_BYTES);
  }

  @Override
  public void release() {
    if (charge.compareAndSet(Charge.WHOLE, Charge.RELEASED)) {
      ConsumerRecord<byte[], byte[]> whole = record;
      record = without(start(whole.key()), null, whole);
      partition.held(bytes, RELEASED_BYTES);
    }
  }

  /** At its end. */
  void giveBack(InFlightBudget budget) {
    switch (charge.getAndSet(Charge.NONE)) {
      case WHOLE -> budget.giveBack(bytes);
      case WAITING -> budget.giveBackHeld(waitingBytes());
      case RELEASED -> budget.giveBackHeld(RELEASED_BYTES);
      case NONE -> {}
    }
  }

  /** Enough of a key to know whose it was. */
  private static byte @Nullable [] start(byte @Nullable [] key) {
    return key == null || key.length <= MAX_KEY ? key : Arrays.copyOf(key, MAX_KEY);
  }

  /** Without its headers too: each of them holds on to all that was fetched with the record. */
  private static ConsumerRecord<byte[], byte[]> without(
      byte @Nullable [] key, byte @Nullable [] value, ConsumerRecord<byte[], byte[]> record) {
    return new ConsumerRecord<>(
        record.topic(),
        record.partition(),
        record.offset(),
        record.timestamp(),
        record.timestampType(),
        record.serializedKeySize(),
        record.serializedValueSize(),
        key,
        value,
        new RecordHeaders(),
        record.leaderEpoch());
  }

  ActivePartition partition() {
    return partition;
  }

  AcknowledgementQueue.Entry entry() {
    return entry;
  }
}
