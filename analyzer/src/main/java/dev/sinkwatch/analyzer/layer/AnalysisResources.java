package dev.sinkwatch.analyzer.layer;

/**
 * What the analysis may use of the machine.
 *
 * @param threads that share the rows of one large matrix, 1 or more
 * @param maxBufferBytes a snapshot that is larger is judged in one pass
 * @param panelBytes most that the panels of one matrix may take, as floats, to be kept from pass to
 *     pass; the panels of a larger one are made anew in each
 * @param certifiedBytes most that certified snapshots take, which are kept for the layers' next
 */
public record AnalysisResources(
    int threads, long maxBufferBytes, long panelBytes, long certifiedBytes) {

  /**
   * A share of this process.
   *
   * @param threads as above
   * @param maxBufferBytes as above
   */
  public static AnalysisResources of(int threads, long maxBufferBytes) {
    long heap = Runtime.getRuntime().maxMemory();
    return new AnalysisResources(threads, maxBufferBytes, heap * 2 / 5, heap / 4);
  }

  /** All processors of this machine. */
  static AnalysisResources ofMachine() {
    return of(Runtime.getRuntime().availableProcessors(), 512L << 20);
  }
}
