package dev.sinkwatch.bench;

import dev.sinkwatch.analyzer.kernel.ElementDecoder;
import dev.sinkwatch.analyzer.kernel.RowSource;
import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * Values at hand, little-endian and row-major: in an array, as a record of Kafka brings them, or
 * outside the heap, as the file of a checkpoint is mapped.
 */
record RawMatrix(Dtype dtype, long rows, int columns, MemorySegment data) implements RowSource {

  static RawMatrix read(Path file, Dtype dtype, int rows, int columns) throws IOException {
    return new RawMatrix(dtype, rows, columns, MemorySegment.ofArray(Files.readAllBytes(file)))
        .checked(file);
  }

  static RawMatrix map(Path file, Dtype dtype, int rows, int columns) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long bytes = channel.size();
      return new RawMatrix(
              dtype,
              rows,
              columns,
              channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes, Arena.ofAuto()))
          .checked(file);
    }
  }

  private RawMatrix checked(Path file) throws IOException {
    long expected = rows * columns * dtype.bytes();
    if (data.byteSize() != expected) {
      throw new IOException(file + " has " + data.byteSize() + " bytes, not " + expected);
    }
    return this;
  }

  /** Normal values of standard deviation 1, as F32, BF16 or F16. */
  static RawMatrix normal(Dtype dtype, int rows, int columns, long seed) {
    byte[] bytes = new byte[Math.multiplyExact(Math.multiplyExact(rows, columns), dtype.bytes())];
    ByteBuffer target = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(seed);
    while (target.hasRemaining()) {
      float value = (float) random.nextGaussian();
      switch (dtype) {
        case F32 -> target.putFloat(value);
        case BF16 -> target.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
        case F16 -> target.putShort(Float.floatToFloat16(value));
        default -> throw new IllegalArgumentException("no random " + dtype);
      }
    }
    return new RawMatrix(dtype, rows, columns, MemorySegment.ofArray(bytes));
  }

  /** The same values outside the heap. */
  RawMatrix outside() {
    MemorySegment copy = Arena.ofAuto().allocate(data.byteSize());
    return new RawMatrix(dtype, rows, columns, copy.copyFrom(data));
  }

  @Override
  public void read(long first, long count, Piece piece) {
    piece.take(part(first, count), count * columns);
  }

  /** The bytes of some rows. */
  MemorySegment part(long first, long count) {
    long rowBytes = (long) columns * dtype.bytes();
    return data.asSlice(first * rowBytes, count * rowBytes);
  }

  /** All values. */
  double[] decoded() {
    double[] values = new double[Math.toIntExact(rows * columns)];
    decode(values);
    return values;
  }

  /** Decodes as many values as the target holds. */
  void decode(double[] target) {
    ElementDecoder.decode(dtype, data, 0, target, 0, target.length);
  }
}
