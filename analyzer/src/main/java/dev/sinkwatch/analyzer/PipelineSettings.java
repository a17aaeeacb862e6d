package dev.sinkwatch.analyzer;

/**
 * What the pipeline may use.
 *
 * @param lanes layers that are judged at once, 1 or more
 * @param maxSnapshotBytes a larger snapshot is judged in one pass, as it comes
 * @param maxBufferedBytes beyond it the oldest incomplete snapshot is dropped
 * @param maxHeldBytes most that all shards take that wait or were looked at, so that intake goes on
 * @param maxStreamedBytes most that those take together which are judged as they come; who finds no
 *     room is refused
 * @param snapshotTimeoutMillis an incomplete snapshot is dropped so long after its first shard,
 *     milliseconds
 */
public record PipelineSettings(
    int lanes,
    long maxSnapshotBytes,
    long maxBufferedBytes,
    long maxHeldBytes,
    long maxStreamedBytes,
    long snapshotTimeoutMillis) {

  /** With no more for shards that were looked at than for those that wait. */
  public PipelineSettings(
      int lanes,
      long maxSnapshotBytes,
      long maxBufferedBytes,
      long maxStreamedBytes,
      long snapshotTimeoutMillis) {
    this(
        lanes,
        maxSnapshotBytes,
        maxBufferedBytes,
        maxBufferedBytes,
        maxStreamedBytes,
        snapshotTimeoutMillis);
  }

  AssemblyLimits limits() {
    return new AssemblyLimits(
        maxSnapshotBytes, maxBufferedBytes, maxHeldBytes, maxStreamedBytes, snapshotTimeoutMillis);
  }
}
