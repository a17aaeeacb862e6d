package dev.sinkwatch.ingest.checkpoint;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.safetensors.TensorEntry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/**
 * A tensor in a file, read block by block into one buffer. Not mapped: a file that shrinks under a
 * mapping takes the process with it, and mapped pages count as the process's memory.
 */
record FileSnapshot(SnapshotId id, TensorFile file, TensorEntry tensor, Dtype dtype)
    implements Snapshot {
  private static final long BUFFER_BYTES = 1 << 20;
  private static final long READ_BYTES = 1 << 30;

  @Override
  public Shape shape() {
    return tensor.shape();
  }

  @Override
  public Hints hints() {
    return file.said().hints();
  }

  @Override
  public long appendedMillis() {
    return file.stamp().modifiedMillis();
  }

  @Override
  public void scan(RowRange range, BlockVisitor visitor) throws IOException {
    try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      file.requireUnchanged();
      long rowBytes = shape().columns() * dtype.bytes();
      long blockRows = Math.min(range.count(), Math.max(1, BUFFER_BYTES / rowBytes));
      MemorySegment buffer = arena.allocate(blockRows * rowBytes, Long.BYTES);
      long position = file.dataStart() + tensor.begin();
      for (long row = range.from(); row < range.to(); row += blockRows) {
        long count = Math.min(blockRows, range.to() - row);
        MemorySegment block = buffer.asSlice(0, count * rowBytes);
        read(channel, position + row * rowBytes, block);
        if (row + count == range.to()) {
          file.requireUnchanged(); // else rows of two states would make a whole
        }
        visitor.block(row, count, block);
      }
    } catch (IOException e) {
      throw CheckpointException.of(file.path(), e);
    }
  }

  private void read(FileChannel channel, long position, MemorySegment block) throws IOException {
    for (long at = 0; at < block.byteSize(); at += READ_BYTES) {
      ByteBuffer part =
          block.asSlice(at, Math.min(READ_BYTES, block.byteSize() - at)).asByteBuffer();
      while (part.hasRemaining()) {
        if (channel.read(part, position + at + part.position()) < 0) {
          throw new CheckpointException(file.path(), "the file became shorter while it was read");
        }
      }
    }
  }
}
