package dev.sinkwatch.dashboard.upload;

import dev.sinkwatch.ingest.Shard;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** Where uploaded shards go. Safe for use by several threads. */
public interface ShardSink {

  /**
   * Sends a shard, whose data may change once this returns; it may wait for room.
   *
   * @return completes when it is safe, or with an {@link IOException} of one line
   * @throws IOException with one line if nothing can be sent
   */
  CompletableFuture<Void> publish(Shard shard) throws IOException;

  /** Whether the next shard would wait because earlier ones are not safe yet. */
  boolean full();
}
