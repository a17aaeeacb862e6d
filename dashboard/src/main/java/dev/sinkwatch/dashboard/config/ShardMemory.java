package dev.sinkwatch.dashboard.config;

import dev.sinkwatch.analyzer.kernel.Heap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bytes of shards that a monitor holds at once: as configured, or what a small heap leaves them.
 *
 * @param ingestBytes received and on their way
 * @param bufferBytes of snapshots that wait for rows, and so of the largest snapshot
 */
record ShardMemory(long ingestBytes, long bufferBytes) {
  private static final Logger LOG = LoggerFactory.getLogger(ShardMemory.class);

  static ShardMemory of(Configuration configuration) throws ConfigException {
    ShardMemory wanted =
        new ShardMemory(
            configuration.size(Setting.INGEST_MAX_BYTES),
            configuration.size(Setting.ANALYSIS_MAX_BUFFER));
    ShardMemory fitting = wanted.within(Heap.usableBytes());
    Setting buffer = Setting.ANALYSIS_MAX_BUFFER;
    boolean said = !configuration.text(buffer).equals(buffer.defaultText());
    if (said && fitting.bufferBytes() < wanted.bufferBytes()) {
      LOG.warn(
          "a heap of {} MiB takes snapshots of up to {} MiB, not {} as {} says; a larger heap with"
              + " SINKWATCH_JAVA_OPTS=-Xmx...",
          Runtime.getRuntime().maxMemory() >> 20,
          fitting.bufferBytes() >> 20,
          wanted.bufferBytes() >> 20,
          buffer.key());
    }
    return fitting;
  }

  /**
   * Within a third of the heap, of which a fifth is what a client fetches ahead; of the rest the
   * buffer takes two thirds at most.
   */
  ShardMemory within(long heapBytes) {
    long most = heapBytes / 15 * 4;
    long buffer = Math.min(bufferBytes, most / 3 * 2);
    return new ShardMemory(Math.min(ingestBytes, most - buffer), buffer);
  }

  /** A snapshot's shards stay in flight until it is whole. */
  long inFlightBytes() {
    return ingestBytes + bufferBytes;
  }

  /** Of these so many may be kept for the rest of their snapshots: intake has the others. */
  long heldBytes() {
    return bufferBytes + ingestBytes / 2;
  }
}
