package dev.sinkwatch.ingest.checkpoint;

import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.safetensors.Carrier;
import dev.sinkwatch.ingest.safetensors.Fields;
import dev.sinkwatch.ingest.safetensors.SafetensorsHeader;
import dev.sinkwatch.ingest.safetensors.TensorEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A safetensors file whose header was read and checked, and has as many bytes as its header says.
 *
 * @param path absolute
 * @param stamp what the file was when its header was read
 * @param said what its metadata says
 * @param tensors those that belong to the checkpoint, in the order of their offsets
 * @param dataStart where the offsets count from
 * @param sharding where its tensors lie in the whole ones; null when they are whole
 */
public record TensorFile(
    Path path,
    Stamp stamp,
    Said said,
    List<TensorEntry> tensors,
    long dataStart,
    @Nullable ShardingInfo sharding) {

  /** The {@code sinkwatch.*} fields of a file's metadata; they hold for all of its tensors. */
  public record Said(Optional<String> run, OptionalLong step, OptionalInt attempt, Hints hints) {}

  public TensorFile {
    tensors = List.copyOf(tensors);
  }

  /**
   * Reads a file's header.
   *
   * @throws CheckpointException if it is no safetensors file, or not a whole one
   */
  static TensorFile open(Path path) throws CheckpointException {
    if (Files.exists(path) && !Files.isRegularFile(path)) { // opening a pipe may wait for ever
      throw new CheckpointException(path, "neither a file nor a directory");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      Stamp stamp = Stamp.of(path);
      ByteBuffer prefix = read(channel, 0, SafetensorsHeader.PREFIX_BYTES);
      int headerBytes;
      SafetensorsHeader header;
      try {
        headerBytes =
            SafetensorsHeader.length(prefix, Carrier.FILE, OptionalLong.of(stamp.bytes()));
        ByteBuffer json = read(channel, SafetensorsHeader.PREFIX_BYTES, headerBytes);
        header = SafetensorsHeader.parse(json, Carrier.FILE, OptionalLong.empty());
      } catch (RejectedException e) {
        throw new CheckpointException(
            path, Diagnosis.of(read(channel, 0, Diagnosis.BYTES), stamp.bytes(), e.rejection()));
      }
      long dataStart = (long) SafetensorsHeader.PREFIX_BYTES + headerBytes;
      if (stamp.bytes() - dataStart != header.dataBytes()) {
        throw new CheckpointException(
            path, Diagnosis.otherSize(stamp.bytes(), dataStart, header.dataBytes()));
      }
      String info = header.metadata().get(ShardingInfo.KEY);
      return new TensorFile(
          path,
          stamp,
          said(path, header),
          header.tensors(),
          dataStart,
          info == null ? null : ShardingInfo.read(path, info));
    } catch (IOException e) {
      throw CheckpointException.of(path, e);
    }
  }

  /**
   * That it is still the file whose header was read. Asked before its values are read, and before
   * the last of them go on: a training job may write to it meanwhile, and of what is half old and
   * half new nothing is true.
   *
   * @throws CheckpointException when it was written to, replaced, or is gone
   */
  void requireUnchanged() throws CheckpointException {
    Stamp now;
    try {
      now = Stamp.of(path);
    } catch (IOException e) {
      throw CheckpointException.of(path, e);
    }
    if (!now.equals(stamp)) {
      throw new CheckpointException(path, "the file changed since its header was read");
    }
  }

  /** This file, of which only some tensors belong to the checkpoint. */
  TensorFile with(List<TensorEntry> some) {
    return new TensorFile(path, stamp, said, some, dataStart, sharding);
  }

  private static Said said(Path path, SafetensorsHeader header) throws CheckpointException {
    try {
      Fields fields = new Fields(header.metadata());
      return new Said(fields.run(), fields.step(), fields.attempt(), fields.hints());
    } catch (RejectedException e) {
      throw new CheckpointException(path, e.rejection().detail());
    }
  }

  private static ByteBuffer read(FileChannel channel, long position, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        break;
      }
    }
    return buffer.flip();
  }
}
