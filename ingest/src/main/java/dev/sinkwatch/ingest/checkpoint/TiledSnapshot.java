package dev.sinkwatch.ingest.checkpoint;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A tensor in pieces that lie in several files, read block by block into one buffer. */
record TiledSnapshot(SnapshotId id, Tiling tiling, Dtype dtype) implements Snapshot {
  private static final long BUFFER_BYTES = 1 << 20;

  /** What a byte buffer takes. */
  private static final long MAX_ROW_BYTES = Integer.MAX_VALUE - 8;

  @Override
  public Shape shape() {
    return tiling.shape();
  }

  @Override
  public Hints hints() {
    return tiling.pieces().getFirst().file().said().hints();
  }

  @Override
  public long appendedMillis() {
    return tiling.pieces().stream()
        .mapToLong(piece -> piece.file().stamp().modifiedMillis())
        .max()
        .orElseThrow();
  }

  @Override
  public void scan(RowRange range, BlockVisitor visitor) throws IOException {
    long rowBytes = shape().columns() * dtype.bytes();
    if (rowBytes > MAX_ROW_BYTES) {
      throw new CheckpointException(
          tiling.pieces().getFirst().file().path(),
          "tensor %s has rows of %d bytes, of which pieces are put together up to %d"
              .formatted(tiling.name(), rowBytes, MAX_ROW_BYTES));
    }
    long blockRows = Math.min(range.count(), Math.max(1, BUFFER_BYTES / rowBytes));
    List<PieceReader> readers = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      for (Tiling.Piece piece : tiling.pieces()) {
        readers.add(new PieceReader(piece, shape(), dtype.bytes()));
      }
      MemorySegment buffer = arena.allocate(blockRows * rowBytes, Long.BYTES);
      for (long row = range.from(); row < range.to(); row += blockRows) {
        long count = Math.min(blockRows, range.to() - row);
        MemorySegment block = buffer.asSlice(0, count * rowBytes);
        for (PieceReader reader : readers) {
          reader.read(row, count, block);
          if (reader.behind(row + count)) {
            reader.close(); // so that not all ranks' files are open at once
          }
        }
        if (row + count == range.to()) {
          for (Tiling.Piece piece : tiling.pieces()) {
            piece.file().requireUnchanged(); // else pieces of two states would make a whole
          }
        }
        visitor.block(row, count, block);
      }
    } finally {
      for (PieceReader reader : readers) {
        reader.close();
      }
    }
  }
}
