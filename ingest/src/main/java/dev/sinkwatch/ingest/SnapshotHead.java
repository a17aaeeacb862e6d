package dev.sinkwatch.ingest;

/** What is known of a snapshot beside its values. */
public interface SnapshotHead {

  SnapshotId id();

  Shape shape();

  Dtype dtype();

  Hints hints();

  /** Oldest append time of its shards (or when it was read), milliseconds since 1970. */
  long appendedMillis();
}
