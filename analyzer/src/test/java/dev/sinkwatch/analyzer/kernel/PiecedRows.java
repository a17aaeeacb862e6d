package dev.sinkwatch.analyzer.kernel;

import dev.sinkwatch.ingest.Dtype;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/**
 * A matrix of any type in unaligned memory, handed over in pieces that end anywhere in a row.
 *
 * @param data its elements, from byte 1 on
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record PiecedRows(Dtype dtype, long rows, int columns, byte[] data) implements RowSource {

  private static final int[] PIECES = {1, 7, 64, 3, 1021, 130, 5000};

  static PiecedRows of(Dtype dtype, int columns, double[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(1 + values.length * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0);
    for (double value : values) {
      switch (dtype) {
        case F64 -> bytes.putDouble(value);
        case F32 -> bytes.putFloat((float) value);
        case F16 -> bytes.putShort(Float.floatToFloat16((float) value));
        case BF16 -> bytes.putShort((short) (Float.floatToRawIntBits((float) value) >> 16));
        case I8 -> bytes.put((byte) value);
        default -> throw new IllegalArgumentException(dtype.name());
      }
    }
    return new PiecedRows(dtype, values.length / columns, columns, bytes.array());
  }

  /** Of bytes as they come, but for codes that are no moderate number in any 8-bit float. */
  static PiecedRows ofCodes(Dtype dtype, int rows, int columns, Random random) {
    byte[] codes = new byte[1 + rows * columns];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) (random.nextInt(0x50) | (random.nextBoolean() ? 0x80 : 0));
    }
    return new PiecedRows(dtype, rows, columns, codes);
  }

  /** All of it, as {@link ElementDecoder} has it. */
  double[] values() {
    double[] values = new double[Math.toIntExact(rows * columns)];
    ElementDecoder.decode(dtype, segment(), 0, values, 0, values.length);
    return values;
  }

  @Override
  public void read(long first, long count, Piece piece) {
    long end = (first + count) * columns;
    int next = 0;
    for (long at = first * columns; at < end; ) {
      long elements = Math.min(end - at, PIECES[next++ % PIECES.length]);
      piece.take(segment().asSlice(at * dtype.bytes(), elements * dtype.bytes()), elements);
      at += elements;
    }
  }

  private MemorySegment segment() {
    return MemorySegment.ofArray(data).asSlice(1);
  }
}
