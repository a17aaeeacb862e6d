package dev.sinkwatch.ingest.kafka;

import dev.sinkwatch.ingest.Ledger;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Rejection;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * One assignment of one partition to us, from assignment to revocation; assigned again it is
 * another object. {@link #receive}, {@link #skippedTo}, {@link #revoke} and the fields of commits
 * and lag belong to the poll thread; the rest is for any.
 */
final class ActivePartition {
  private final TopicPartition id;
  private final Ledger ledger;
  private final InFlightBudget budget;
  private final BiFunction<ConsumerRecord<byte[], byte[]>, Rejection, CompletableFuture<Void>>
      deadLetters;
  private final Runnable settledSignal;
  private final AcknowledgementQueue acknowledgements = new AcknowledgementQueue();
  private final Set<InFlight> open = ConcurrentHashMap.newKeySet();
  private volatile boolean revoked;

  private @Nullable OffsetAndMetadata committed;
  private long nextOffset = -1;
  private long lastTimestamp = -1;

  /**
   * @param deadLetters completes when a rejected record is safe
   * @param settledSignal told, on the settling thread, that budget came free
   */
  ActivePartition(
      TopicPartition id,
      Ledger ledger,
      InFlightBudget budget,
      BiFunction<ConsumerRecord<byte[], byte[]>, Rejection, CompletableFuture<Void>> deadLetters,
      Runnable settledSignal) {
    this.id = id;
    this.ledger = ledger;
    this.budget = budget;
    this.deadLetters = deadLetters;
    this.settledSignal = settledSignal;
  }

  TopicPartition id() {
    return id;
  }

  /** A record came in and is in flight from now on. */
  InFlight receive(ConsumerRecord<byte[], byte[]> record) {
    long bytes =
        Math.max(0, record.serializedKeySize()) + (long) Math.max(0, record.serializedValueSize());
    ledger.received(bytes);
    budget.take(bytes);
    nextOffset = record.offset() + 1;
    lastTimestamp = record.timestamp();
    InFlight inFlight =
        new InFlight(
            this, record, bytes, acknowledgements.add(record.offset(), record.leaderEpoch()));
    open.add(inFlight);
    return inFlight;
  }

  /** Called once for each record in flight. */
  void closed(InFlight inFlight, Outcome outcome, boolean acknowledge) {
    open.remove(inFlight);
    if (acknowledge) {
      acknowledgements.complete(inFlight.entry());
    }
    ledger.settled(outcome);
    inFlight.giveBack(budget);
    settledSignal.run();
  }

  /** A record in flight waits for others, or its data are not needed any more. */
  void held(long bytes, long heldBytes) {
    budget.hold(bytes, heldBytes);
    settledSignal.run();
  }

  /** A record in flight waits no more. */
  void goesOn(long bytes, long heldBytes) {
    budget.goOn(bytes, heldBytes);
  }

  /** What lies before that offset and was not received is gone, and keeps no commit back. */
  void skippedTo(long offset) {
    acknowledgements.complete(acknowledgements.add(offset - 1, Optional.empty()));
    nextOffset = offset;
  }

  /** The offset of the first record that is not settled, or {@code Long.MAX_VALUE}. */
  long firstPending() {
    return acknowledgements.firstPending();
  }

  CompletableFuture<Void> keep(ConsumerRecord<byte[], byte[]> record, Rejection rejection) {
    return deadLetters.apply(record, rejection);
  }

  /** What comes in from now on is not ours; what is in flight may still be settled for a while. */
  void markRevoked() {
    revoked = true;
  }

  boolean revoked() {
    return revoked;
  }

  boolean idle() {
    return open.isEmpty();
  }

  /** Whatever is still in flight ends as revoked; settling it later has no effect. */
  void revoke() {
    revoked = true;
    open.forEach(InFlight::revoke);
  }

  /** What to commit that has not been, or null. */
  @Nullable OffsetAndMetadata uncommitted() {
    OffsetAndMetadata committable = acknowledgements.committable();
    return committable == null || committable.equals(committed) ? null : committable;
  }

  void committed(OffsetAndMetadata offset) {
    committed = offset;
  }

  /** The offset after the last record received or skipped, or -1 before the first. */
  long nextOffset() {
    return nextOffset;
  }

  /** When the last received record was appended, milliseconds since 1970, or -1 before it. */
  long lastTimestamp() {
    return lastTimestamp;
  }
}
