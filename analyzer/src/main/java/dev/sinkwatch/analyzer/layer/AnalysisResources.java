package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.Heap;

/**
 * What the analysis may use of the machine. The shares of memory leave room for all else; panels
 * that lie unused only take what others do not use of half the heap.
 *
 * @param threads that share the rows of one large matrix, 1 or more
 * @param maxBufferBytes a snapshot that is larger is judged in one pass
 * @param workingBytes most that all judgements at one time take together; what needs more alone is
 *     refused
 * @param certifiedBytes most that certified snapshots take, which are kept for the layers' next; of
 *     each lane
 */
public record AnalysisResources(
    int threads, long maxBufferBytes, long workingBytes, long certifiedBytes) {

  /** Of a process that judges one snapshot after the other and keeps none: five eighths of it. */
  public static AnalysisResources of(int threads, long maxBufferBytes) {
    return new AnalysisResources(threads, maxBufferBytes, Heap.usableBytes() / 8 * 5, 0);
  }

  /**
   * Of a process that judges the layers of several lanes at once.
   *
   * @param threads as above
   * @param maxBufferBytes as above
   * @param lanes 1 or more
   * @param inFlightBytes what snapshots may take before they are judged; beyond a third of the heap
   *     it is not counted
   */
  public static AnalysisResources ofLanes(
      int threads, long maxBufferBytes, int lanes, long inFlightBytes) {
    return ofHeap(Heap.usableBytes(), threads, maxBufferBytes, lanes, inFlightBytes);
  }

  static AnalysisResources ofHeap(
      long heap, int threads, long maxBufferBytes, int lanes, long inFlightBytes) {
    long left = heap - Math.min(inFlightBytes, heap / 3);
    return new AnalysisResources(threads, maxBufferBytes, left / 5 * 2, left / 5 / lanes);
  }

  /**
   * Most that operators take which are watched for whether they move; of each lane, beside its
   * certified snapshots.
   */
  long frozenBytes() {
    return certifiedBytes / 4;
  }

  /**
   * Of the same process: most that all snapshots take together which are judged as they come, an
   * eighth of what others leave.
   *
   * @param inFlightBytes as above
   */
  public static long streamedBytes(long inFlightBytes) {
    long heap = Heap.usableBytes();
    return (heap - Math.min(inFlightBytes, heap / 3)) / 8;
  }

  /** All processors of this machine, for one lane. */
  static AnalysisResources ofMachine() {
    return ofLanes(Runtime.getRuntime().availableProcessors(), 512L << 20, 1, 0);
  }
}
