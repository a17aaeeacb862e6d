package dev.sinkwatch.ingest;

/**
 * Which snapshot: all values of one layer at one step of one attempt of a run.
 *
 * @param run one training job, {@code [A-Za-z0-9][A-Za-z0-9._-]{0,127}}
 * @param attempt a restart of the run, counted from 0; a higher one supersedes the lower
 * @param layer one named tensor of the model, 1 to 256 characters, none of them a control character
 * @param step the optimizer step at which it was taken, 0 or more
 */
public record SnapshotId(String run, int attempt, String layer, long step) {}
