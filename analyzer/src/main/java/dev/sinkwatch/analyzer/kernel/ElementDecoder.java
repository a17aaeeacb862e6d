package dev.sinkwatch.analyzer.kernel;

import dev.sinkwatch.ingest.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Little-endian elements of any {@link Dtype} to doubles. Every floating-point type converts
 * exactly; 64-bit integers round to the nearest double. Stateless.
 *
 * <p>8-bit floats as in Micikevicius et al., "FP8 Formats for Deep Learning", arXiv:2209.05433,
 * table 1.
 */
public final class ElementDecoder {
  private static final ValueLayout.OfDouble F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort B16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt B32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong B64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfByte B8 = ValueLayout.JAVA_BYTE;

  /** Elements of 16 bits that are converted at once, while they are in the nearest cache. */
  static final int SCRATCH = 4096;

  private static final double[] E4M3 = table(4, 7, true);
  private static final double[] E5M2 = table(5, 15, false);
  private static final float[] FLOAT_E4M3 = floats(E4M3);
  private static final float[] FLOAT_E5M2 = floats(E5M2);

  private ElementDecoder() {}

  /** Whether a float holds every value of that type exactly. */
  public static boolean fitsFloat(Dtype dtype) {
    return switch (dtype) {
      case F64, I64, U64, I32, U32 -> false;
      case F32, F16, BF16, F8_E4M3, F8_E5M2, I16, U16, I8, U8 -> true;
    };
  }

  /**
   * Decodes {@code count} elements.
   *
   * @param first index of the first element in {@code data}
   * @param target receives them from its index {@code at} on
   */
  public static void decode(
      Dtype dtype, MemorySegment data, long first, double[] target, int at, int count) {
    long from = first * dtype.bytes();
    switch (dtype) {
      case F64 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = data.get(F64, from + 8L * i);
        }
      }
      case F32 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = data.get(F32, from + 4L * i);
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = Float.float16ToFloat(data.get(B16, from + 2L * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = Float.intBitsToFloat(data.get(B16, from + 2L * i) << 16);
        }
      }
      case F8_E4M3 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = E4M3[data.get(B8, from + i) & 0xff];
        }
      }
      case F8_E5M2 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = E5M2[data.get(B8, from + i) & 0xff];
        }
      }
      case I64 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = (double) data.get(B64, from + 8L * i);
        }
      }
      case U64 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = unsigned(data.get(B64, from + 8L * i));
        }
      }
      case I32 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = data.get(B32, from + 4L * i);
        }
      }
      case U32 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = Integer.toUnsignedLong(data.get(B32, from + 4L * i));
        }
      }
      case I16 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = data.get(B16, from + 2L * i);
        }
      }
      case U16 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = Short.toUnsignedInt(data.get(B16, from + 2L * i));
        }
      }
      case I8 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = data.get(B8, from + i);
        }
      }
      case U8 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = Byte.toUnsignedInt(data.get(B8, from + i));
        }
      }
    }
  }

  /**
   * Decodes {@code count} elements of a type that {@linkplain #fitsFloat fits}.
   *
   * @param first index of the first element in {@code data}
   * @param target receives them from its index {@code at} on
   * @param scratch overwritten with anything; {@link #SCRATCH} suffice
   */
  static void decode(
      Dtype dtype,
      MemorySegment data,
      long first,
      float[] target,
      int at,
      int count,
      short[] scratch) {
    long from = first * dtype.bytes();
    switch (dtype) {
      case F32 -> MemorySegment.copy(data, F32, from, target, at, count);
      case F16 -> halves(data, from, target, at, count, scratch);
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = Float.intBitsToFloat(data.get(B16, from + 2L * i) << 16);
        }
      }
      case F8_E4M3 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = FLOAT_E4M3[data.get(B8, from + i) & 0xff];
        }
      }
      case F8_E5M2 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = FLOAT_E5M2[data.get(B8, from + i) & 0xff];
        }
      }
      case I16 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = data.get(B16, from + 2L * i);
        }
      }
      case U16 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = Short.toUnsignedInt(data.get(B16, from + 2L * i));
        }
      }
      case I8 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = data.get(B8, from + i);
        }
      }
      case U8 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = Byte.toUnsignedInt(data.get(B8, from + i));
        }
      }
      case F64, I64, U64, I32, U32 ->
          throw new IllegalArgumentException(dtype + " does not fit a float");
    }
  }

  /** Through an array of shorts, which the compiler converts with vector instructions. */
  private static void halves(
      MemorySegment data, long from, float[] target, int at, int count, short[] shorts) {
    for (int done = 0; done < count; done += shorts.length) {
      int now = Math.min(shorts.length, count - done);
      MemorySegment.copy(data, B16, from + 2L * done, shorts, 0, now);
      for (int i = 0; i < now; i++) {
        target[at + done + i] = Float.float16ToFloat(shorts[i]);
      }
    }
  }

  private static double unsigned(long bits) {
    // the lowest bit is kept sticky so that halving does not round twice
    return bits >= 0 ? (double) bits : 2.0 * (double) ((bits >>> 1) | (bits & 1));
  }

  private static double[] table(int exponentBits, int bias, boolean finiteOnly) {
    int mantissaBits = 7 - exponentBits;
    int topExponent = (1 << exponentBits) - 1;
    int topMantissa = (1 << mantissaBits) - 1;
    double[] values = new double[256];
    for (int code = 0; code < 256; code++) {
      int exponent = (code >> mantissaBits) & topExponent;
      int mantissa = code & topMantissa;
      double fraction = (double) mantissa / (1 << mantissaBits);
      double value =
          exponent == 0
              ? Math.scalb(fraction, 1 - bias)
              : Math.scalb(1 + fraction, exponent - bias);
      if (exponent == topExponent) {
        if (finiteOnly) {
          value = mantissa == topMantissa ? Double.NaN : value;
        } else {
          value = mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        }
      }
      values[code] = code < 128 ? value : -value;
    }
    return values;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
