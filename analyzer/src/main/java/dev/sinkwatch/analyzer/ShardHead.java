package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotHead;
import dev.sinkwatch.ingest.SnapshotId;

/** What a shard says of its snapshot, without the shard. */
record ShardHead(SnapshotId id, Shape shape, Dtype dtype, Hints hints, long appendedMillis)
    implements SnapshotHead {

  static ShardHead of(Shard shard) {
    return new ShardHead(
        shard.id(), shard.shape(), shard.dtype(), shard.hints(), shard.appendedMillis());
  }

  /** The same with the oldest append time of both. */
  ShardHead since(long otherMillis) {
    return new ShardHead(id, shape, dtype, hints, Math.min(appendedMillis, otherMillis));
  }
}
