package dev.sinkwatch.ingest.safetensors;

import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.Snapshot;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Cuts a snapshot into shards of whole rows, one in memory at a time. */
public final class ShardCutter implements Snapshot.BlockVisitor {

  /** Data that fits a record of Kafka's default size together with its header. */
  public static final int DEFAULT_BYTES = 768 * 1024;

  /** What the weights topic takes as one record, less the header: the longest row that travels. */
  public static final int MAX_ROW_BYTES = (2 << 20) - (64 << 10);

  private final Snapshot snapshot;
  private final @Nullable String publish;
  private final Consumer<Shard> shards;
  private final long rowBytes;
  private final long rowsPerShard;
  private MemorySegment data;
  private long from;
  private long to;

  private ShardCutter(
      Snapshot snapshot, @Nullable String publish, int maxBytes, Consumer<Shard> shards) {
    this.snapshot = snapshot;
    this.publish = publish;
    this.shards = shards;
    this.rowBytes = snapshot.shape().columns() * snapshot.dtype().bytes();
    this.rowsPerShard = Math.max(1, maxBytes / rowBytes);
    this.data = buffer();
  }

  /**
   * Reads the snapshot once and passes its shards on in the order of their rows.
   *
   * @param maxBytes bytes of data a shard may have; a row that has more is a shard of its own
   * @param shards owns each shard's data, which nothing else refers to
   * @throws IOException if the snapshot cannot be read, or one row fits no array
   */
  public static void cut(Snapshot snapshot, int maxBytes, Consumer<Shard> shards)
      throws IOException {
    cut(snapshot, null, maxBytes, shards);
  }

  /**
   * The same of a publish that the shards name.
   *
   * @param publish see {@link Shard#publish}
   */
  public static void cut(
      Snapshot snapshot, @Nullable String publish, int maxBytes, Consumer<Shard> shards)
      throws IOException {
    if (snapshot.shape().elements() == 0) {
      shards.accept(
          shard(
              snapshot,
              publish,
              new RowRange(0, snapshot.shape().rows()),
              MemorySegment.ofArray(new byte[0])));
      return;
    }
    long rowBytes = snapshot.shape().columns() * snapshot.dtype().bytes();
    if (rowBytes > Integer.MAX_VALUE - 8) {
      throw new IOException("one row of the tensor has " + rowBytes + " bytes, too many to send");
    }
    snapshot.scan(new ShardCutter(snapshot, publish, maxBytes, shards));
  }

  @Override
  public void block(long firstRow, long rows, MemorySegment block) {
    long read = 0;
    while (read < rows) {
      long count = Math.min(rows - read, data.byteSize() / rowBytes - (to - from));
      MemorySegment.copy(block, read * rowBytes, data, (to - from) * rowBytes, count * rowBytes);
      read += count;
      to += count;
      if ((to - from) * rowBytes == data.byteSize()) {
        shards.accept(shard(snapshot, publish, new RowRange(from, to), data));
        from = to;
        data = buffer();
      }
    }
  }

  private MemorySegment buffer() {
    long rows = Math.min(rowsPerShard, snapshot.shape().rows() - from);
    return MemorySegment.ofArray(new byte[(int) (rows * rowBytes)]);
  }

  private static Shard shard(
      Snapshot snapshot, @Nullable String publish, RowRange rows, MemorySegment data) {
    return new Shard(
        snapshot.id(),
        snapshot.shape(),
        rows,
        snapshot.dtype(),
        data,
        snapshot.hints(),
        snapshot.appendedMillis(),
        publish);
  }
}
