package dev.sinkwatch.analyzer;

/**
 * What the pipeline may use.
 *
 * @param lanes layers that are judged at once, 1 or more
 * @param maxSnapshotBytes a larger snapshot is judged in one pass, as it comes
 * @param maxBufferedBytes beyond it the oldest incomplete snapshot is dropped
 * @param maxStreamedBytes most that those take together which are judged as they come; who finds no
 *     room is refused
 * @param snapshotTimeoutMillis an incomplete snapshot is dropped so long after its first shard,
 *     milliseconds
 */
public record PipelineSettings(
    int lanes,
    long maxSnapshotBytes,
    long maxBufferedBytes,
    long maxStreamedBytes,
    long snapshotTimeoutMillis) {

  SnapshotAssembler.Limits limits() {
    return new SnapshotAssembler.Limits(
        maxSnapshotBytes, maxBufferedBytes, maxStreamedBytes, snapshotTimeoutMillis);
  }
}
