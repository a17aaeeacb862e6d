package dev.sinkwatch.analyzer.truth;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.SnapshotId;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Values as a type stores them, and what they are then: the truth is that of the rounded values.
 * Written apart from the analyzer's decoder.
 */
@SuppressWarnings("ArrayRecordComponent") // test data, never compared
record Stored(Dtype dtype, byte[] bytes, double[] values) {

  /** Rounds values to a type: to the nearest, ties to even; integers as Java's casts do. */
  static Stored as(Dtype dtype, double[] wanted) {
    ByteBuffer bytes =
        ByteBuffer.allocate(wanted.length * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    double[] values = new double[wanted.length];
    for (int i = 0; i < wanted.length; i++) {
      values[i] = put(dtype, wanted[i], bytes);
    }
    return new Stored(dtype, bytes.array(), values);
  }

  ArraySnapshot snapshot(SnapshotId id, Shape shape, Kind kind) {
    return new ArraySnapshot(
        id, shape, dtype, new Hints(kind, null, null, null, null), MemorySegment.ofArray(bytes), 0);
  }

  ArraySnapshot snapshot(Shape shape, Kind kind) {
    return snapshot(new SnapshotId("r", 0, "w", 0), shape, kind);
  }

  @SuppressWarnings("LongDoubleConversion") // rounding to a double is what is meant
  private static double put(Dtype dtype, double wanted, ByteBuffer bytes) {
    return switch (dtype) {
      case F64 -> {
        bytes.putDouble(wanted);
        yield wanted;
      }
      case F32 -> {
        bytes.putFloat((float) wanted);
        yield (float) wanted;
      }
      case F16 -> {
        short half = Float.floatToFloat16((float) wanted);
        bytes.putShort(half);
        yield Float.float16ToFloat(half);
      }
      case BF16 -> {
        int bits = Float.floatToIntBits((float) wanted);
        boolean finite = Double.isFinite(wanted);
        int upper = finite ? (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16 : bits >>> 16;
        bytes.putShort((short) upper);
        yield Float.intBitsToFloat(upper << 16);
      }
      case F8_E4M3, F8_E5M2 -> {
        int code = nearest(dtype, wanted);
        bytes.put((byte) code);
        yield eightBits(dtype, code);
      }
      case I64, U64 -> {
        bytes.putLong((long) wanted);
        yield (double) (long) wanted;
      }
      case I32 -> {
        bytes.putInt((int) wanted);
        yield (int) wanted;
      }
      case U32 -> {
        bytes.putInt((int) (long) wanted);
        yield (long) wanted & 0xffffffffL;
      }
      case I16 -> {
        bytes.putShort((short) wanted);
        yield (short) wanted;
      }
      case U16 -> {
        bytes.putShort((short) wanted);
        yield (int) wanted & 0xffff;
      }
      case I8 -> {
        bytes.put((byte) wanted);
        yield (byte) wanted;
      }
      case U8 -> {
        bytes.put((byte) wanted);
        yield (int) wanted & 0xff;
      }
    };
  }

  private static int nearest(Dtype dtype, double wanted) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int code = 0; code < 256; code++) {
      double value = eightBits(dtype, code);
      if (Double.compare(value, wanted) == 0 || (Double.isNaN(value) && Double.isNaN(wanted))) {
        return code;
      }
      if (Math.abs(value - wanted) < least) {
        least = Math.abs(value - wanted);
        best = code;
      }
    }
    return best;
  }

  /** 1.m 2^(e - bias), as the formats are defined. */
  private static double eightBits(Dtype dtype, int code) {
    boolean e4m3 = dtype == Dtype.F8_E4M3;
    int mantissaBits = e4m3 ? 3 : 2;
    int e = (code & 0x7f) >> mantissaBits;
    int m = code & ((1 << mantissaBits) - 1);
    double sign = code < 128 ? 1 : -1;
    if (e4m3 ? (code & 0x7f) == 0x7f : e == 31 && m > 0) {
      return Double.NaN;
    }
    if (!e4m3 && e == 31) {
      return sign * Double.POSITIVE_INFINITY;
    }
    double significand = (e > 0 ? 1 : 0) + Math.scalb((double) m, -mantissaBits);
    return sign * Math.scalb(significand, Math.max(e, 1) - (e4m3 ? 7 : 15));
  }
}
