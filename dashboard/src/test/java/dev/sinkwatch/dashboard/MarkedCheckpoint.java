package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sinkwatch.ingest.Shard;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Safetensors files of any size that take little disk: one tensor of zeros, but for the first value
 * of each shard that it is cut into, which tells the writing that it is of.
 */
final class MarkedCheckpoint {
  private static final int COLUMNS = 1024;

  /** Of a shard: as many as fit 768 KiB. */
  private static final int ROWS = 192;

  static final long SHARD_BYTES = 4L * COLUMNS * ROWS;

  private MarkedCheckpoint() {}

  /** The header of a file of so many shards; no data yet. */
  static void begin(Path file, String layer, int shards) throws IOException {
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    String json =
        "{\"%s\":{\"dtype\":\"F32\",\"shape\":[%d,%d],\"data_offsets\":[0,%d]}}"
            .formatted(layer, (long) shards * ROWS, COLUMNS, shards * SHARD_BYTES);
    byte[] header = (json + " ".repeat(7 - (json.length() + 7) % 8)).getBytes(US_ASCII);
    ByteBuffer document =
        ByteBuffer.allocate(8 + header.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header);
    Files.write(file, document.array());
  }

  /** Writes the shards {@code [from, to)}, behind what is there or over it. */
  static void write(Path file, int from, int to, float mark) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      long start = 8 + Long.reverseBytes(open.readLong());
      byte[] value = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(mark).array();
      for (int shard = from; shard < to; shard++) {
        open.seek(start + shard * SHARD_BYTES);
        open.write(value);
      }
      open.setLength(Math.max(open.length(), start + to * SHARD_BYTES));
    }
  }

  /** Which writing a shard is of. */
  static float mark(Shard shard) {
    return shard.data().get(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
  }
}
