package dev.sinkwatch.ingest.checkpoint;

import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Reads what one piece has of a block of rows of the whole tensor, which is seen as a matrix. The
 * file is opened when the first row of it is wanted. For one thread.
 */
final class PieceReader implements AutoCloseable {
  private final Tiling.Piece piece;
  private final int width;
  private final Shape whole;
  private final Shape part;
  private @Nullable FileChannel channel;
  private ByteBuffer held = ByteBuffer.allocate(0);

  /**
   * @param width bytes of a value
   */
  PieceReader(Tiling.Piece piece, Shape whole, int width) {
    this.piece = piece;
    this.whole = whole;
    this.part = piece.tensor().shape();
    this.width = width;
  }

  /** Whether nothing of the rows from that one on is in it. */
  boolean behind(long row) {
    long most = 0;
    for (int d = 0; d < whole.rank() - 1; d++) {
      most = most * whole.dimension(d) + piece.offsets().get(d) + part.dimension(d) - 1;
    }
    return row > most;
  }

  /** Fills in what it has of the rows {@code [first, first + rows)}. */
  void read(long first, long rows, MemorySegment block) throws IOException {
    for (long i = 0; i < rows; ) {
      long own = own(first + i);
      if (own < 0) {
        i++;
        continue;
      }
      long run = 1; // rows of the whole that lie one behind the other here too
      while (i + run < rows && own(first + i + run) == own + run) {
        run++;
      }
      copy(own, run, block, i);
      i += run;
    }
  }

  /** The piece's own row that is part of that row of the whole; -1 when it has nothing of it. */
  private long own(long row) {
    long own = 0;
    long stride = 1;
    long rest = row;
    for (int d = whole.rank() - 2; d >= 0; d--) {
      long at = rest % whole.dimension(d) - piece.offsets().get(d);
      rest /= whole.dimension(d);
      if (at < 0 || at >= part.dimension(d)) {
        return -1;
      }
      own += at * stride;
      stride *= part.dimension(d);
    }
    return own;
  }

  private void copy(long own, long run, MemorySegment block, long to) throws IOException {
    long partBytes = part.columns() * width;
    long wholeBytes = whole.columns() * width;
    long position = piece.file().dataStart() + piece.tensor().begin() + own * partBytes;
    if (partBytes == wholeBytes) {
      read(position, block.asSlice(to * wholeBytes, run * wholeBytes).asByteBuffer());
      return;
    }
    int bytes = Math.toIntExact(run * partBytes);
    if (held.capacity() < bytes) {
      held = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
    held.clear().limit(bytes);
    read(position, held);
    MemorySegment rows = MemorySegment.ofBuffer(held.flip());
    long column = piece.offsets().getLast() * width;
    for (long i = 0; i < run; i++) {
      MemorySegment.copy(rows, i * partBytes, block, (to + i) * wholeBytes + column, partBytes);
    }
  }

  private void read(long position, ByteBuffer into) throws IOException {
    FileChannel open = open();
    long at = position;
    while (into.hasRemaining()) {
      int read = open.read(into, at);
      if (read < 0) {
        throw new CheckpointException(
            piece.file().path(), "the file became shorter while it was read");
      }
      at += read;
    }
  }

  private FileChannel open() throws IOException {
    FileChannel open = channel;
    if (open == null) {
      TensorFile file = piece.file();
      try {
        open = FileChannel.open(file.path(), StandardOpenOption.READ);
        channel = open;
        file.requireUnchanged();
      } catch (IOException e) {
        throw CheckpointException.of(file.path(), e);
      }
    }
    return open;
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
      channel = null;
    }
  }
}
