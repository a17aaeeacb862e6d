package dev.sinkwatch.ingest.kafka;

import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;

/**
 * The acknowledgement queue under interleavings of three threads that Lincheck chooses one by one.
 * A program of its own, since Lincheck rewrites classes while they run, those of other tests too.
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

  private Interleavings() {}

  /** Ends with an exception, and the interleaving that led to it, when one is forbidden. */
  public static void main(String[] arguments) {
    theQueueDoesWhatOneThreadWouldSee();
  }

  private static void theQueueDoesWhatOneThreadWouldSee() {
    new ModelCheckingOptions()
        .iterations(LONG ? 100 : 10)
        .invocationsPerIteration(LONG ? 10_000 : 500)
        .threads(3)
        .actorsPerThread(3)
        .sequentialSpecification(Prefix.class)
        .check(Shared.class);
  }
}
