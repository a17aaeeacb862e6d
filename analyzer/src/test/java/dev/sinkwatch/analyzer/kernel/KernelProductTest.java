package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The loops that products are made of: the twins' bits, and what they multiply to. */
class KernelProductTest {
  private static final Kernel VECTOR = new VectorKernel();
  private static final int L = VECTOR.lanes();
  private static final Kernel SCALAR = new ScalarKernel(L);
  private static final int STRIP = Panel.TILES * 4 * L;
  private static final int BLOCK = Panel.STRIPS * STRIP;

  @ParameterizedTest
  @EnumSource(Fill.class)
  void leftGivesTheSameBits(Fill fill) {
    Random random = new Random(1);
    float[] panel = fill.of(2 * BLOCK, random);
    float[] quad = Fill.GAUSSIAN.of(2 * STRIP, random);
    float[] vector = Fill.GAUSSIAN.of(2 * STRIP / 4, random);
    for (int strip = 0; strip < 2 * Panel.STRIPS; strip++) {
      int quadAt = strip / Panel.STRIPS * STRIP;
      float[] expected = Fill.GAUSSIAN.of(3 * 16 * L, random);
      float[] actual = expected.clone();
      SCALAR.left(panel, strip * STRIP, quad, quadAt, expected, 16 * L);
      VECTOR.left(panel, strip * STRIP, quad, quadAt, actual, 16 * L);
      assertSame(actual, expected);
      expected = Fill.GAUSSIAN.of(3 * 4 * L, random);
      actual = expected.clone();
      SCALAR.leftOne(panel, strip * STRIP, vector, quadAt / 4, expected, 4 * L);
      VECTOR.leftOne(panel, strip * STRIP, vector, quadAt / 4, actual, 4 * L);
      assertSame(actual, expected);
    }
  }

  @ParameterizedTest
  @EnumSource(Fill.class)
  void rightGivesTheSameBits(Fill fill) {
    Random random = new Random(2);
    float[] panel = Fill.GAUSSIAN.of(2 * BLOCK, random);
    float[] y = fill.of(2 * Panel.ROWS * 4, random);
    for (int block = 0; block < 2; block++) {
      for (int tile = 0; tile < Panel.TILES; tile += 4) {
        int at = block * BLOCK + tile * 4 * L;
        int quadAt = block * STRIP + tile * 4 * L;
        float[] expected = Fill.GAUSSIAN.of(2 * STRIP, random);
        float[] actual = expected.clone();
        SCALAR.right(panel, at, y, Panel.ROWS * 4, expected, quadAt);
        VECTOR.right(panel, at, y, Panel.ROWS * 4, actual, quadAt);
        assertSame(actual, expected);
        expected = Fill.GAUSSIAN.of(2 * STRIP / 4, random);
        actual = expected.clone();
        SCALAR.rightOne(panel, at, y, Panel.ROWS, expected, quadAt / 4);
        VECTOR.rightOne(panel, at, y, Panel.ROWS, actual, quadAt / 4);
        assertSame(actual, expected);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Fill.class)
  void combineGivesTheSameBits(Fill fill) {
    Random random = new Random(3);
    float[] h = Fill.GAUSSIAN.of(16, random);
    for (int tiles : new int[] {0, 1, 2, 31, 32, 64}) {
      float[] source = fill.of((tiles + 1) * 4 * L, random);
      float[] expected = Fill.GAUSSIAN.of(source.length, random);
      float[] actual = expected.clone();
      SCALAR.combine(expected, source, tiles, h);
      VECTOR.combine(actual, source, tiles, h);
      assertSame(actual, expected);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16, 32})
  void plainLoopsMultiplyAtEveryWidth(int lanes) {
    for (int columns : new int[] {1, 7, 31, 65, 129, 513, 1000, 2049}) {
      multiply(new ScalarKernel(lanes), columns);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 15, 16, 17, 63, 129, 511, 512, 513, 1023, 4099})
  void vectorsMultiply(int columns) {
    multiply(VECTOR, columns);
  }

  /** Packs 16 rows, multiplies with four vectors and with one, and with the transposes of that. */
  private static void multiply(Kernel kernel, int columns) {
    Random random = new Random(columns);
    int lanes = kernel.lanes();
    int strip = Panel.TILES * 4 * lanes;
    int blocks = Panel.blocks(columns, lanes);
    float[] a = Fill.GAUSSIAN.of(Panel.ROWS * columns, random);
    float shift = 0.5f;
    float[] panel = new float[Panel.floats(columns, lanes)];
    Arrays.fill(panel, Float.NaN);
    for (int s = 0; s < Panel.STRIPS; s++) {
      float[] rows = Arrays.copyOfRange(a, s * 4 * columns, (s + 1) * 4 * columns);
      kernel.pack(rows, columns, shift, panel, s);
    }
    float[] v = Fill.GAUSSIAN.of(4 * columns, random);
    float[] quad = new float[blocks * strip];
    float[] one = new float[blocks * strip / 4];
    for (int j = 0; j < columns; j++) {
      for (int c = 0; c < 4; c++) {
        quad[index(j, c, lanes)] = v[4 * j + c];
      }
      one[j] = v[4 * j];
    }
    float[] partial = new float[Panel.ROWS * 4 * lanes];
    float[] onePartial = new float[Panel.ROWS * lanes];
    for (int b = 0; b < blocks; b++) {
      for (int s = 0; s < Panel.STRIPS; s++) {
        int at = (b * Panel.STRIPS + s) * strip;
        kernel.left(panel, at, quad, b * strip, partial, s * 16 * lanes);
        kernel.leftOne(panel, at, one, b * strip / 4, onePartial, s * 4 * lanes);
      }
    }
    float[] y = new float[Panel.ROWS * 4];
    float[] oneY = new float[Panel.ROWS];
    for (int i = 0; i < Panel.ROWS; i++) {
      for (int c = 0; c < 4; c++) {
        y[4 * i + c] = kernel.sum(partial, (4 * i + c) * lanes);
        double exact = 0;
        double magnitudes = 0;
        for (int j = 0; j < columns; j++) {
          double product = (double) (a[i * columns + j] - shift) * v[4 * j + c];
          exact += product;
          magnitudes += Math.abs(product);
        }
        assertNear(y[4 * i + c], exact, magnitudes);
      }
      oneY[i] = kernel.sum(onePartial, i * lanes);
      assertThat(oneY[i]).as("one vector of four").isEqualTo(y[4 * i]);
    }
    float[] z = new float[quad.length];
    float[] oneZ = new float[one.length];
    for (int b = 0; b < blocks; b++) {
      for (int t = 0; t < Panel.TILES; t += 4) {
        int at = b * Panel.STRIPS * strip + t * 4 * lanes;
        kernel.right(panel, at, y, 0, z, b * strip + t * 4 * lanes);
        kernel.rightOne(panel, at, oneY, 0, oneZ, b * strip / 4 + t * lanes);
      }
    }
    for (int j = 0; j < one.length; j++) {
      for (int c = 0; c < 4; c++) {
        double exact = 0;
        double magnitudes = 0;
        for (int i = 0; i < Panel.ROWS && j < columns; i++) {
          double product = (double) (a[i * columns + j] - shift) * y[4 * i + c];
          exact += product;
          magnitudes += Math.abs(product);
        }
        assertNear(z[index(j, c, lanes)], exact, magnitudes);
      }
      assertThat(oneZ[j]).as("one vector of four").isEqualTo(z[index(j, 0, lanes)]);
    }
  }

  private static int index(int i, int c, int lanes) {
    return (i / lanes * 4 + c) * lanes + i % lanes;
  }

  private static void assertNear(float actual, double exact, double magnitudes) {
    assertThat(Math.abs(actual - exact))
        .as("%s, exactly %s", actual, exact)
        .isLessThanOrEqualTo(1e-6 * magnitudes);
  }

  private static void assertSame(float[] actual, float[] expected) {
    assertThat(Arrays.mismatch(actual, expected)).isEqualTo(-1);
  }
}
