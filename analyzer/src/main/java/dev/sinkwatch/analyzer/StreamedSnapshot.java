package dev.sinkwatch.analyzer;

import dev.sinkwatch.analyzer.layer.StreamedLayer;
import dev.sinkwatch.ingest.Outcome;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot that is too large to wait in memory and is judged as its shards come. The assembler
 * knows which have come and how they end, the layer's lane what they add up to; each tells the
 * other here when there is nothing more to do.
 */
final class StreamedSnapshot {
  private final ShardHead head;
  private final AtomicLong room;
  private final long bytes;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile @Nullable Outcome failure;
  private @Nullable StreamedLayer layer;
  private long nanos;

  /**
   * @param bytes that its sums take
   * @param room what all such sums take, these until it is closed
   */
  StreamedSnapshot(ShardHead head, long bytes, AtomicLong room) {
    this.head = head;
    this.bytes = bytes;
    this.room = room;
    room.addAndGet(bytes);
  }

  ShardHead head() {
    return head;
  }

  /** Nobody needs its sums any more; any thread, any number of times. */
  void close() {
    if (closed.compareAndSet(false, true)) {
      room.addAndGet(-bytes);
    }
  }

  boolean closed() {
    return closed.get();
  }

  /** Its lane cannot go on: so its shards end. */
  void fail(Outcome outcome) {
    failure = outcome;
    close();
  }

  @Nullable Outcome failure() {
    return failure;
  }

  /** For the lane alone; null before its first rows. */
  @Nullable StreamedLayer layer() {
    return layer;
  }

  void begin(StreamedLayer begun) {
    layer = begun;
  }

  /** Adds time that was spent on it; returns all of it. For the lane alone. */
  long spent(long more) {
    nanos += more;
    return nanos;
  }
}
