package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The vector kernel's loops over rows against its twin of plain loops. */
class KernelTest {
  private static final Kernel VECTOR = new VectorKernel();
  private static final Kernel SCALAR = new ScalarKernel(VECTOR.lanes());

  /** Around the multiples of every vector's, tile's and block's width. */
  private static final int[] COLUMNS = {
    1, 2, 3, 7, 15, 16, 17, 31, 33, 63, 64, 65, 127, 129, 255, 257, 511, 512, 513, 1000, 1023, 4099
  };

  private static final int AT = 5;
  private static final float UNTOUCHED = 42;

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void decodeGivesTheBitsOfTheDecoderWhereverTheElementsLie(Dtype dtype) {
    if (!ElementDecoder.fitsFloat(dtype)) {
      return;
    }
    Random random = new Random(1);
    for (int columns : COLUMNS) {
      for (int first = 0; first < 3; first++) {
        byte[] bytes = new byte[3 + (first + columns) * dtype.bytes()];
        random.nextBytes(bytes);
        for (int offset : new int[] {0, 1, 3}) {
          MemorySegment heap = MemorySegment.ofArray(bytes).asSlice(offset);
          float[] expected = decoded(SCALAR, dtype, heap, first, columns);
          assertDecoded(expected, dtype, heap, first, columns);
          assertSame(decoded(VECTOR, dtype, heap, first, columns), expected, "on the heap");
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment outside =
                arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
            MemorySegment slice = outside.asSlice(offset);
            assertSame(decoded(SCALAR, dtype, slice, first, columns), expected, "off the heap");
            assertSame(decoded(VECTOR, dtype, slice, first, columns), expected, "off the heap");
          }
        }
      }
    }
  }

  private static float[] decoded(
      Kernel kernel, Dtype dtype, MemorySegment data, int first, int count) {
    float[] target = new float[AT + count + 1];
    Arrays.fill(target, UNTOUCHED);
    kernel.decode(dtype, data, first, target, AT, count, new short[64]);
    return target;
  }

  /** As the decoder to doubles has it, and nothing beside it touched. */
  private static void assertDecoded(
      float[] actual, Dtype dtype, MemorySegment data, int first, int count) {
    double[] wide = new double[count];
    ElementDecoder.decode(dtype, data, first, wide, 0, count);
    for (int i = 0; i < count; i++) {
      assertThat((double) actual[AT + i])
          .as("%s, element %d", dtype, i)
          .isEqualTo(Double.valueOf(wide[i]));
    }
    for (int i = 0; i < AT; i++) {
      assertThat(actual[i]).isEqualTo(UNTOUCHED);
    }
    assertThat(actual[AT + count]).isEqualTo(UNTOUCHED);
  }

  @ParameterizedTest
  @EnumSource(Fill.class)
  void sumsAgree(Fill fill) {
    Random random = new Random(2);
    for (int columns : COLUMNS) {
      float[] rows = fill.of(4 * columns, random);
      double[] before = random.doubles(columns, -1, 1).toArray();
      double[] expectedColumns = before.clone();
      double[] expected = new double[8];
      SCALAR.sums(rows, columns, expectedColumns, expected);

      double[] actualColumns = before.clone();
      double[] actual = filled(8);
      VECTOR.sums(rows, columns, actualColumns, actual);
      assertSums(actual, actualColumns, expected, expectedColumns, rows, columns);

      double[] wide = doubles(rows);
      actualColumns = before.clone();
      actual = filled(8);
      VECTOR.sums(wide, columns, actualColumns, actual);
      assertSums(actual, actualColumns, expected, expectedColumns, rows, columns);

      actualColumns = before.clone();
      actual = filled(8);
      SCALAR.sums(wide, columns, actualColumns, actual);
      assertThat(actual).isEqualTo(expected);
      assertThat(actualColumns).isEqualTo(expectedColumns);
    }
  }

  private static void assertSums(
      double[] actual,
      double[] actualColumns,
      double[] expected,
      double[] expectedColumns,
      float[] rows,
      int columns) {
    for (int r = 0; r < 4; r++) {
      double magnitudes = 0;
      for (int j = 0; j < columns; j++) {
        magnitudes += Math.abs(rows[r * columns + j]);
      }
      assertClose(actual[r], expected[r], 1e-12 * magnitudes, columns);
      assertClose(actual[4 + r], expected[4 + r], 1e-12 * expected[4 + r], columns);
    }
    for (int j = 0; j < columns; j++) {
      double magnitudes = 1;
      for (int r = 0; r < 4; r++) {
        magnitudes += Math.abs(rows[r * columns + j]);
      }
      assertClose(actualColumns[j], expectedColumns[j], 1e-12 * magnitudes, columns);
    }
  }

  @ParameterizedTest
  @EnumSource(Fill.class)
  void distancesAgree(Fill fill) {
    Random random = new Random(3);
    for (int columns : COLUMNS) {
      // with what must not be read before and behind it
      float[] rows = new float[AT + columns + 1];
      Arrays.fill(rows, Float.NaN);
      System.arraycopy(fill.of(columns, random), 0, rows, AT, columns);
      double uniform = 1.0 / columns;
      double[] expected = new double[4];
      SCALAR.distances(doubles(rows), AT, columns, uniform, expected);
      double[] actual = filled(4);
      VECTOR.distances(doubles(rows), AT, columns, uniform, actual);
      assertDistances(actual, expected, rows, columns);
      assertClose(
          SCALAR.fromShift(rows, AT, columns, uniform), expected[0], 1e-12 * expected[0], columns);
      assertClose(
          VECTOR.fromShift(rows, AT, columns, uniform), expected[0], 1e-12 * expected[0], columns);
      for (Kernel kernel : new Kernel[] {SCALAR, VECTOR}) {
        double logs = kernel.weightLogs(rows, AT, columns);
        if (expected[3] > 0) {
          assertThat(logs).as("%s, %d columns", kernel.name(), columns).isNaN();
        } else if (Double.isFinite(expected[1]) && expected[1] >= columns * Kernel.TINY) {
          // no one asks for that of others
          assertClose(logs, expected[2], 1e-10 * magnitudes(rows, columns), columns);
        }
      }
    }
  }

  private static void assertDistances(
      double[] actual, double[] expected, float[] rows, int columns) {
    assertClose(actual[0], expected[0], 1e-12 * expected[0], columns);
    assertClose(actual[1], expected[1], 1e-12 * expected[1], columns);
    boolean negative = false;
    for (int j = AT; j < AT + columns; j++) {
      negative |= rows[j] < 0;
    }
    if (Double.isFinite(expected[1])) { // no one asks for the entropy of what is not finite
      assertClose(actual[2], expected[2], 1e-11 * magnitudes(rows, columns), columns);
    }
    assertThat(actual[3]).as("an entry below 0").isEqualTo(negative ? 1 : 0);
    assertThat(expected[3]).isEqualTo(negative ? 1 : 0);
  }

  private static double magnitudes(float[] rows, int columns) {
    double magnitudes = 0;
    for (int j = AT; j < AT + columns; j++) {
      double w = Math.abs((double) rows[j]);
      magnitudes += w > 0 ? Math.abs(w * Math.log(w)) : 0;
    }
    return magnitudes;
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {1e-280, 1e-100, 1e-38, 1e-3, 0.7071, 0.99999, 1.00001, 1.4143, 1e9, 1e300})
  void logarithmsOfWeightsAreThoseOfTheLibraryAtEveryMagnitude(double magnitude) {
    Random random = new Random(4);
    double[] row = new double[64];
    for (int trial = 0; trial < 200; trial++) {
      // one weight at a time, so that none hides behind another
      double w = magnitude * (0.7 + 0.8 * random.nextDouble());
      Arrays.fill(row, 0);
      row[random.nextInt(row.length)] = random.nextBoolean() ? w : -w;
      double[] figures = new double[4];
      VECTOR.distances(row, 0, row.length, 0, figures);
      double exact = w * Math.log(w);
      assertThat(Math.abs(figures[2] - exact))
          .as("%s ln", w)
          .isLessThanOrEqualTo(1e-11 * Math.abs(exact));
    }
  }

  /** As figures agree that are shown: to 1e-9 relative, or what a row's largest weight is worth. */
  @ParameterizedTest
  @ValueSource(floats = {1e-20f, 1e-3f, 0.3f, 0.7071f, 0.95f, 0.9999f, 1.02f, 1.4143f, 1e9f})
  void logarithmsOfFloatsAreThoseOfTheLibraryAtEveryMagnitude(float magnitude) {
    Random random = new Random(4);
    float[] row = new float[64];
    for (int trial = 0; trial < 2000; trial++) {
      float w = magnitude * (1 + 0.1f * random.nextFloat());
      // the same everywhere, so that no errors of opposite signs cancel
      Arrays.fill(row, w);
      double log = Math.log(w);
      assertThat(Math.abs(VECTOR.weightLogs(row, 0, row.length) / row.length / w - log))
          .as("ln %s", w)
          .isLessThanOrEqualTo(5e-11 * Math.max(Math.abs(log), Math.min(1, 80 * Math.abs(log))));
    }
  }

  @ParameterizedTest
  @EnumSource(Fill.class)
  void packGivesTheSameBits(Fill fill) {
    Random random = new Random(5);
    for (int columns : COLUMNS) {
      float[] rows = fill.of(4 * columns, random);
      for (float shift : new float[] {0, 1f / columns, -3.5f}) {
        float[] expected = new float[Panel.floats(columns, VECTOR.lanes())];
        Arrays.fill(expected, UNTOUCHED);
        float[] actual = expected.clone();
        int strip = random.nextInt(Panel.STRIPS);
        SCALAR.pack(rows, columns, shift, expected, strip);
        VECTOR.pack(rows, columns, shift, actual, strip);
        assertSame(actual, expected, columns + " columns");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Fill.class)
  void squaredDistancesAgree(Fill fill) {
    Random random = new Random(6);
    int unit = 4 * VECTOR.lanes();
    for (int count : new int[] {unit, 2 * unit, 3 * unit, 31 * unit, 128 * unit}) {
      for (int at : new int[] {0, unit}) {
        float[] a = fill.of(at + count, random);
        float[] b = Fill.GAUSSIAN.of(at + count, random);
        double expected = SCALAR.squaredDistance(a, b, at, count);
        double actual = VECTOR.squaredDistance(a, b, at, count);
        assertClose(actual, expected, 1e-12 * expected, count);
        assertThat(VECTOR.squaredDistance(b, b, at, count)).isZero();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Fill.class)
  void sumsOfLanesHaveTheSameBits(Fill fill) {
    Random random = new Random(7);
    for (int trial = 0; trial < 100; trial++) {
      float[] lanes = fill.of(AT + VECTOR.lanes(), random);
      assertThat(VECTOR.sum(lanes, AT)).isEqualTo(Float.valueOf(SCALAR.sum(lanes, AT)));
    }
  }

  /** What must be overwritten. */
  private static double[] filled(int length) {
    double[] a = new double[length];
    Arrays.fill(a, UNTOUCHED);
    return a;
  }

  private static double[] doubles(float[] a) {
    double[] wide = new double[a.length];
    Arrays.setAll(wide, i -> a[i]);
    return wide;
  }

  private static void assertClose(double actual, double expected, double tolerance, int columns) {
    if (Double.isFinite(expected)) {
      assertThat(Math.abs(actual - expected))
          .as("%s at %d columns, expected %s", actual, columns, expected)
          .isLessThanOrEqualTo(tolerance);
    } else {
      assertThat(actual).as("%d columns", columns).isEqualTo(Double.valueOf(expected));
    }
  }

  private static void assertSame(float[] actual, float[] expected, String where) {
    assertThat(Arrays.mismatch(actual, expected)).as(where).isEqualTo(-1);
  }
}
