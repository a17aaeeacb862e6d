package dev.sinkwatch.bench;

import dev.sinkwatch.analyzer.kernel.ElementDecoder;
import dev.sinkwatch.analyzer.spectrum.Matrix;
import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Values at hand as a record of Kafka brings them: little-endian bytes, row-major. */
final class RawMatrix {
  private final Dtype dtype;
  private final int rows;
  private final int columns;
  private final MemorySegment data;

  private RawMatrix(Dtype dtype, int rows, int columns, byte[] bytes) {
    this.dtype = dtype;
    this.rows = rows;
    this.columns = columns;
    this.data = MemorySegment.ofArray(bytes);
  }

  static RawMatrix read(Path file, Dtype dtype, int rows, int columns) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    long expected = (long) rows * columns * dtype.bytes();
    if (bytes.length != expected) {
      throw new IOException(file + " has " + bytes.length + " bytes, not " + expected);
    }
    return new RawMatrix(dtype, rows, columns, bytes);
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
    return new RawMatrix(dtype, rows, columns, bytes);
  }

  Dtype dtype() {
    return dtype;
  }

  int rows() {
    return rows;
  }

  int columns() {
    return columns;
  }

  MemorySegment data() {
    return data;
  }

  /** Decodes row {@code i}. */
  void row(int i, double[] target) {
    ElementDecoder.decode(dtype, data, (long) i * columns, target, columns);
  }

  /** As the spectrum reads it. */
  Matrix asMatrix() {
    return new Matrix() {
      @Override
      public long rows() {
        return rows;
      }

      @Override
      public int columns() {
        return columns;
      }

      @Override
      public void scan(RowVisitor visitor) {
        double[] row = new double[columns];
        for (int i = 0; i < rows; i++) {
          row(i, row);
          visitor.row(i, row);
        }
      }
    };
  }
}
