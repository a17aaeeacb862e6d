package dev.sinkwatch.analyzer;

/**
 * Limits of what waits for its missing rows.
 *
 * @param maxSnapshotBytes a larger snapshot does not wait
 * @param maxBufferedBytes beyond it the oldest incomplete snapshot is dropped
 * @param maxHeldBytes most that the shards of all take that wait or were looked at; beyond it the
 *     one in most shards is refused
 * @param maxStreamedBytes most that the sums of those take that do not wait
 * @param timeoutMillis an incomplete snapshot is dropped so long after its first shard,
 *     milliseconds
 */
record AssemblyLimits(
    long maxSnapshotBytes,
    long maxBufferedBytes,
    long maxHeldBytes,
    long maxStreamedBytes,
    long timeoutMillis) {}
