package dev.sinkwatch.dashboard.upload;

import dev.sinkwatch.analyzer.kernel.Heap;

/**
 * What uploads may take.
 *
 * @param uploads at once
 * @param memoryBytes of headers and shards of all of them
 * @param windowBytes that one upload has on its way to Kafka, which has not acknowledged them
 * @param stallMillis for which a client may send nothing while it is waited for
 * @param leastBytesPerSecond that a client must send on average once it is waited for longer
 * @param kafkaMillis for which Kafka may acknowledge nothing while it is waited for
 */
public record UploadLimits(
    int uploads,
    long memoryBytes,
    long windowBytes,
    long stallMillis,
    long leastBytesPerSecond,
    long kafkaMillis) {

  private static final int UPLOADS = 16;
  private static final long WINDOW_BYTES = 4 << 20;
  private static final long STALL_MILLIS = 10_000;
  private static final long LEAST_BYTES_PER_SECOND = 16 << 10;
  private static final long KAFKA_MILLIS = 30_000;

  /** The share of the heap that uploads have. */
  private static final int OF_HEAP = 16;

  /** As this process can afford them. */
  public static UploadLimits ofHeap() {
    return new UploadLimits(
        UPLOADS,
        Heap.usableBytes() / OF_HEAP,
        WINDOW_BYTES,
        STALL_MILLIS,
        LEAST_BYTES_PER_SECOND,
        KAFKA_MILLIS);
  }
}
