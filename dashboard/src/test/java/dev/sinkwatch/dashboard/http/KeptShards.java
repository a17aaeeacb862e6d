package dev.sinkwatch.dashboard.http;

import dev.sinkwatch.dashboard.upload.ShardSink;
import dev.sinkwatch.dashboard.upload.UploadListener;
import dev.sinkwatch.dashboard.upload.UploadOutcome;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Shard;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Takes uploaded shards, at once or when it is told to, and remembers which and what of them. */
final class KeptShards implements ShardSink, UploadListener {

  /** One of them, without its data. */
  record Kept(String run, String layer, long step, String rows, Hints hints) {}

  /** One that waits. */
  private record Held(CompletableFuture<Void> acknowledged, long bytes) {}

  final List<Kept> kept = new CopyOnWriteArrayList<>();
  final List<String> ends = new CopyOnWriteArrayList<>();
  final AtomicLong received = new AtomicLong();
  private final List<Held> held = new CopyOnWriteArrayList<>();
  private volatile boolean holding;
  private volatile @Nullable Throwable failing;
  volatile boolean full;

  /** From now on none is acknowledged. */
  void hold() {
    holding = true;
  }

  /** From now on none is taken, as the publisher tells it. */
  void fail(Throwable cause) {
    failing = cause;
  }

  long heldBytes() {
    return held.stream().mapToLong(Held::bytes).sum();
  }

  /** Acknowledges all, those that still come too. */
  void release() {
    holding = false;
    held.forEach(one -> one.acknowledged().complete(null));
  }

  @Override
  public CompletableFuture<Void> publish(Shard shard) {
    Throwable cause = failing;
    if (cause != null) {
      return CompletableFuture.failedFuture(
          new IOException("Kafka, topic: " + cause.getMessage(), cause));
    }
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    kept.add(
        new Kept(
            shard.id().run(),
            shard.id().layer(),
            shard.id().step(),
            shard.rows().toString(),
            shard.hints()));
    if (holding) {
      held.add(new Held(acknowledged, shard.data().byteSize()));
    } else {
      acknowledged.complete(null);
    }
    return acknowledged;
  }

  @Override
  public boolean full() {
    return full;
  }

  @Override
  public void received(long bytes) {
    received.addAndGet(bytes);
  }

  @Override
  public void ended(UploadOutcome outcome, String reason) {
    ends.add(outcome.wireName() + (reason.isEmpty() ? "" : " " + reason));
  }
}
