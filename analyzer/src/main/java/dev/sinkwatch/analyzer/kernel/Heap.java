package dev.sinkwatch.analyzer.kernel;

/** The heap as what grows with the matrices may use it. */
public final class Heap {

  /** Classes, clients of Kafka, metrics and the page, whatever is judged; bytes. */
  private static final long FIXED_BYTES = 48L << 20;

  private Heap() {}

  /** Bytes for shards, panels and certified snapshots together. */
  public static long usableBytes() {
    return usableBytes(Runtime.getRuntime().maxMemory());
  }

  static long usableBytes(long heapBytes) {
    return Math.max(heapBytes - FIXED_BYTES, heapBytes / 2);
  }
}
