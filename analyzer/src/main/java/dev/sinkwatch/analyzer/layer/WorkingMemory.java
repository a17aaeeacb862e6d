package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import java.util.concurrent.Semaphore;

/**
 * The memory that judgements share. Each reserves what it needs at most before it begins, once, and
 * waits until so much is free, in the order of asking: so a lane may have all of it while the
 * others judge small layers, and the figures do not depend on what the others do. Safe for use by
 * several threads.
 */
final class WorkingMemory {
  private static final long UNIT = 1 << 16;

  private final long maxBytes;
  private final Semaphore free;

  /** Memory that is given back at the end of a judgement. */
  final class Reservation implements AutoCloseable {
    private final int units;

    private Reservation(int units) {
      this.units = units;
    }

    @Override
    public void close() {
      free.release(units);
    }
  }

  /**
   * @param maxBytes most that is reserved at one time
   */
  WorkingMemory(long maxBytes) {
    this.maxBytes = maxBytes;
    this.free = new Semaphore(units(maxBytes), true);
  }

  long maxBytes() {
    return maxBytes;
  }

  /**
   * Waits for memory.
   *
   * @param what is to be judged, as a message says it
   * @throws RejectedException when there is never so much
   */
  Reservation reserve(long bytes, String what) throws RejectedException {
    if (bytes > maxBytes) {
      throw new RejectedException(
          Reason.SNAPSHOT_TOO_LARGE,
          "judging %s takes %d MiB of memory; of this heap of %d MiB, %d are for that"
              .formatted(what, mebibytes(bytes), heap(), maxBytes >> 20));
    }
    int units = units(bytes);
    if (units > 0) { // what takes next to nothing need not queue
      free.acquireUninterruptibly(units); // whoever has some does not wait for more
    }
    return new Reservation(units);
  }

  private static int units(long bytes) {
    return (int) Math.min(Integer.MAX_VALUE, bytes / UNIT);
  }

  private static long mebibytes(long bytes) {
    return (bytes >> 20) + 1;
  }

  private static long heap() {
    return Runtime.getRuntime().maxMemory() >> 20;
  }
}
