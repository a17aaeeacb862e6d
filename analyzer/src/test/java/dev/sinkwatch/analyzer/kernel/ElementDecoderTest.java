package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Dtype;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ElementDecoderTest {

  @ParameterizedTest
  @CsvSource({
    // bits in hexadecimal, the value as Java writes it
    "F64, 3ff0000000000000, 1.0",
    "F64, 8000000000000000, -0.0",
    "F64, 0000000000000001, 4.9E-324",
    "F64, 7fefffffffffffff, 1.7976931348623157E308",
    "F64, fff0000000000000, -Infinity",
    "F64, 7ff8000000000000, NaN",
    "F32, 3f800000, 1.0",
    "F32, c0490fdb, -3.1415927410125732",
    "F32, 00000001, 1.401298464324817E-45",
    "F32, 007fffff, 1.1754942106924411E-38",
    "F32, 80000000, -0.0",
    "F32, 7f7fffff, 3.4028234663852886E38",
    "F32, 7f800000, Infinity",
    "F32, 7fc00000, NaN",
    "F16, 3c00, 1.0",
    "F16, c100, -2.5",
    "F16, 0001, 5.960464477539063E-8",
    "F16, 03ff, 6.097555160522461E-5",
    "F16, 7bff, 65504.0",
    "F16, fc00, -Infinity",
    "F16, 7e00, NaN",
    "BF16, 3f80, 1.0",
    "BF16, c049, -3.140625",
    "BF16, 0001, 9.183549615799121E-41",
    "BF16, 7f7f, 3.3895313892515355E38",
    "BF16, 8000, -0.0",
    "BF16, 7f80, Infinity",
    "BF16, ffc0, NaN",
    // arXiv:2209.05433, table 1
    "F8_E4M3, 38, 1.0",
    "F8_E4M3, 01, 0.001953125",
    "F8_E4M3, 07, 0.013671875",
    "F8_E4M3, 08, 0.015625",
    "F8_E4M3, 78, 256.0",
    "F8_E4M3, 7e, 448.0",
    "F8_E4M3, fe, -448.0",
    "F8_E4M3, 80, -0.0",
    "F8_E4M3, 7f, NaN",
    "F8_E4M3, ff, NaN",
    "F8_E5M2, 3c, 1.0",
    "F8_E5M2, 01, 1.52587890625E-5",
    "F8_E5M2, 03, 4.57763671875E-5",
    "F8_E5M2, 04, 6.103515625E-5",
    "F8_E5M2, 7b, 57344.0",
    "F8_E5M2, 7c, Infinity",
    "F8_E5M2, fc, -Infinity",
    "F8_E5M2, 7d, NaN",
    "F8_E5M2, fe, NaN",
    "F8_E5M2, 7f, NaN",
    "I64, 8000000000000000, -9223372036854775808",
    "I64, ffffffffffffffff, -1",
    "I64, 7fffffffffffffff, 9223372036854775807",
    "U64, ffffffffffffffff, 18446744073709551615",
    "U64, 8000000000000000, 9223372036854775808",
    // just above half a unit in the last place, which halving alone would round to even
    "U64, 8000000000000401, 9223372036854777856",
    "U64, 8000000000000400, 9223372036854775808",
    "U64, 8000000000000c00, 9223372036854779904",
    "I32, 80000000, -2147483648",
    "I32, 7fffffff, 2147483647",
    "U32, 80000000, 2147483648",
    "U32, ffffffff, 4294967295",
    "I16, 8000, -32768",
    "I16, 7fff, 32767",
    "U16, 8000, 32768",
    "U16, ffff, 65535",
    "I8, 80, -128",
    "I8, 7f, 127",
    "U8, 80, 128",
    "U8, ff, 255",
  })
  void knownBitsAreKnownValues(Dtype dtype, String bits, String value) {
    assertThat(bits).as("the test's own bits").hasSize(2 * dtype.bytes());
    assertThat(decode(dtype, bits)).isEqualTo(Double.valueOf(value));
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void elementsInTheMiddleOfAnUnalignedSegmentAreTheSame(Dtype dtype) {
    int count = 5;
    byte[] bytes = new byte[count * dtype.bytes()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (31 * i + 7);
    }
    double[] aligned = new double[count];
    ElementDecoder.decode(dtype, MemorySegment.ofArray(bytes), 0, aligned, 0, count);

    byte[] shifted = new byte[bytes.length + 3];
    System.arraycopy(bytes, 0, shifted, 3, bytes.length);
    double[] middle = new double[] {-1, -1, -1, -1};
    ElementDecoder.decode(dtype, MemorySegment.ofArray(shifted).asSlice(3), 2, middle, 0, 3);

    assertThat(Arrays.copyOf(middle, 3)).isEqualTo(Arrays.copyOfRange(aligned, 2, 5));
    assertThat(middle[3]).as("what is behind the last element").isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource({"F8_E4M3, 8, 2, 0", "F8_E5M2, 4, 6, 2"})
  void allEightBitFloatsAscendWithTheirCodes(Dtype dtype, int firstNormal, int nan, int infinite) {
    byte[] codes = new byte[256];
    for (int code = 0; code < 256; code++) {
      codes[code] = (byte) code;
    }
    double[] values = new double[256];
    ElementDecoder.decode(dtype, MemorySegment.ofArray(codes), 0, values, 0, 256);
    assertThat(Arrays.stream(values).filter(Double::isNaN).count()).isEqualTo(nan);
    assertThat(Arrays.stream(values).filter(Double::isInfinite).count()).isEqualTo(infinite);
    for (int code = 1; code < 128 && Double.isFinite(values[code]); code++) {
      assertThat(values[code]).isGreaterThan(values[code - 1]);
      assertThat(values[code + 128]).isEqualTo(-values[code]);
    }
    // subnormals and the first binade have the same spacing
    assertThat(values[firstNormal] - values[firstNormal - 1]).isEqualTo(values[1]);
    assertThat(values[firstNormal + 1] - values[firstNormal]).isEqualTo(values[1]);
  }

  private static double decode(Dtype dtype, String bits) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(Long.parseUnsignedLong(bits, 16));
    double[] value = new double[1];
    ElementDecoder.decode(dtype, MemorySegment.ofArray(bytes.array()), 0, value, 0, 1);
    return value[0];
  }
}
