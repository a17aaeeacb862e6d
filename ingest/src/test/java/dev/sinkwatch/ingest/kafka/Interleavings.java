package dev.sinkwatch.ingest.kafka;

import dev.sinkwatch.ingest.Ledger;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.Rejection;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;

/**
 * The acknowledgement queue, and a record that is settled, rejected and revoked at once, under
 * interleavings of threads that Lincheck chooses one by one. A program of its own, since Lincheck
 * rewrites classes while they run, those of other tests too.
 */
final class Interleavings {
  private static final boolean LONG = Boolean.getBoolean("sinkwatch.long");
  private static final int RECORDS = 4;

  /** What the queue promises, for one thread. */
  public static class Prefix {
    private final BitSet done = new BitSet();
    private int received = 2;

    public int receive() {
      return received < RECORDS ? ++received : received;
    }

    public void complete(int index) {
      if (index < received) {
        done.set(index);
      }
    }

    public long committable() {
      return done.nextClearBit(0);
    }

    public int pending() {
      return received - done.nextClearBit(0);
    }
  }

  /** The queue itself: one thread receives and commits, any completes. */
  public static class Shared {
    private final AcknowledgementQueue queue = new AcknowledgementQueue();
    private final AtomicReferenceArray<AcknowledgementQueue.@Nullable Entry> entries =
        new AtomicReferenceArray<>(RECORDS);
    private int received;

    public Shared() {
      receive();
      receive();
    }

    @Operation(nonParallelGroup = "poll")
    public final int receive() {
      if (received < RECORDS) {
        entries.set(received, queue.add(received, Optional.empty()));
        received++;
      }
      return received;
    }

    @Operation
    public void complete(@Param(gen = IntGen.class, conf = "0:3") int index) {
      AcknowledgementQueue.Entry entry = entries.get(index);
      if (entry != null) {
        queue.complete(entry);
      }
    }

    @Operation(nonParallelGroup = "poll")
    public long committable() {
      OffsetAndMetadata offset = queue.committable();
      return offset == null ? 0 : offset.offset();
    }

    @Operation(nonParallelGroup = "poll")
    public int pending() {
      return queue.pending();
    }
  }

  /** A record in flight: whatever is done to it, it has one end, and gives its budget back once. */
  public static class Ending {
    private final Ledger ledger = new Ledger();
    private final InFlightBudget budget = new InFlightBudget(10, 1000);
    private final CompletableFuture<Void> kept = new CompletableFuture<>();
    private final ActivePartition partition =
        new ActivePartition(
            new TopicPartition("weights", 0), ledger, budget, (_, _) -> kept, () -> {});
    private final InFlight inFlight =
        partition.receive(new ConsumerRecord<>("weights", 0, 0, new byte[1], new byte[8]));

    @Operation
    public void settle() {
      inFlight.settle(Outcome.Settled.ANALYZED);
    }

    @Operation
    public void reject() {
      inFlight.settle(new Outcome.Rejected(new Rejection(Reason.CONFLICT, "other rows")));
    }

    @Operation
    public void keep() {
      kept.complete(null);
    }

    /** Not by the partition, whose set has an order that is another each time. */
    @Operation(nonParallelGroup = "poll")
    public void revoke() {
      inFlight.revoke();
    }

    /** After all of them. */
    @Validate
    public void hasOneEndAtMost() {
      Ledger.Reading reading = ledger.read();
      long ended = reading.outcomes().values().stream().mapToLong(Long::longValue).sum();
      boolean settled = inFlight.fate().settled();
      boolean recalled = inFlight.fate().recalled();
      boolean committable = partition.uncommitted() != null;
      if (ended + reading.inFlight() != 1
          || ended != (settled ? 1 : 0) + (recalled ? 1 : 0)
          || budget.records() != reading.inFlight()
          || committable != settled) {
        throw new IllegalStateException(
            reading
                + ", settled "
                + settled
                + ", recalled "
                + recalled
                + ", to commit "
                + committable
                + ", budget "
                + budget.records());
      }
    }
  }

  private Interleavings() {}

  /** Ends with an exception, and the interleaving that led to it, when one is forbidden. */
  public static void main(String[] arguments) {
    theQueueDoesWhatOneThreadWouldSee();
    aRecordHasOneEnd();
  }

  private static void aRecordHasOneEnd() {
    new ModelCheckingOptions()
        .iterations(LONG ? 100 : 8)
        .invocationsPerIteration(LONG ? 1_000 : 200)
        .threads(2)
        .actorsBefore(0) // what ends it must not have ended it before
        .actorsPerThread(2)
        .actorsAfter(0)
        .check(Ending.class);
  }

  private static void theQueueDoesWhatOneThreadWouldSee() {
    new ModelCheckingOptions()
        .iterations(LONG ? 100 : 10)
        .invocationsPerIteration(LONG ? 1_000 : 500)
        .threads(3)
        .actorsPerThread(3)
        .sequentialSpecification(Prefix.class)
        .check(Shared.class);
  }
}
