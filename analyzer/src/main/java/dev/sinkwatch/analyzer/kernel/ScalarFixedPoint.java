package dev.sinkwatch.analyzer.kernel;

import java.util.Arrays;

/** The plain loops over {@link StoredPanel.Fixed}, the twins of {@link VectorFixedPoint}. */
final class ScalarFixedPoint {
  private ScalarFixedPoint() {}

  /** The row of a panel that its float at {@code i} belongs to. */
  private static int row(int i, int lanes) {
    int strip = Panel.TILES * 4 * lanes;
    return i / strip % Panel.STRIPS * 4 + i / lanes % 4;
  }

  /** Where the number of the float at {@code i} is, in words. */
  private static int word(int i, int lanes) {
    return i / (2 * lanes) * lanes + i % lanes;
  }

  /** The number at {@code i} of a panel. */
  private static float number(int[] words, int i, int lanes) {
    int word = words[word(i, lanes)];
    return i / lanes % 2 == 0 ? (short) word : word >> 16;
  }

  /** As many numbers as there is room for, from those of the strip at {@code at} on. */
  static void numbers(int[] strip, int at, float[] values, int lanes) {
    for (int i = 0; i < values.length; i++) {
      values[i] = number(strip, 2 * at + i, lanes);
    }
  }

  static void right(int[] block, int at, float[] y, int yAt, float[] quad, int quadAt, int lanes) {
    int strip = Panel.TILES * 4 * lanes;
    for (int row = 0; row < Panel.ROWS; row++) {
      int a = 2 * at + row / 4 * strip + row % 4 * lanes;
      for (int t = 0; t < 4; t++) {
        for (int c = 0; c < 4; c++) {
          float factor = y[yAt + 4 * row + c];
          int z = quadAt + (4 * t + c) * lanes;
          for (int l = 0; l < lanes; l++) {
            float number = number(block, a + t * 4 * lanes + l, lanes);
            quad[z + l] = Math.fma(number, factor, quad[z + l]);
          }
        }
      }
    }
  }

  static void largest(float[] panel, float[] most, int lanes) {
    Arrays.fill(most, 0);
    for (int i = 0; i < panel.length; i++) {
      int row = row(i, lanes);
      most[row] = Math.max(most[row], Math.abs(panel[i])); // NaN stays
    }
  }

  static void fix(
      float[] panel,
      float[] perStep,
      float[] steps,
      int[] words,
      float[] errors,
      float[] squares,
      float[] columnLosses,
      int lanes) {
    int strip = Panel.TILES * 4 * lanes;
    Arrays.fill(errors, 0);
    Arrays.fill(squares, 0);
    for (int i = 0; i < panel.length; i++) {
      int row = row(i, lanes);
      float shifted = Math.fma(panel[i], perStep[row], FixedPoint.MIDDLE);
      int bits = Float.floatToRawIntBits(shifted) & 0xffff;
      int word = word(i, lanes);
      words[word] = i / lanes % 2 == 0 ? bits : words[word] | bits << 16;
      float minus = FixedPoint.MIDDLE - shifted;
      float error = Math.fma(panel[i], perStep[row], minus);
      errors[row] = Math.fma(error, error, errors[row]);
      squares[row] = Math.fma(minus, minus, squares[row]);
      int block = i / (Panel.STRIPS * strip);
      int column = (block * Panel.TILES + i % strip / (4 * lanes)) * lanes + i % lanes;
      columnLosses[column] = Math.fma(error, steps[row], columnLosses[column]);
    }
  }

  static void unfix(int[] words, float[] steps, float[] panel, int lanes) {
    for (int i = 0; i < panel.length; i++) {
      panel[i] = number(words, i, lanes) * steps[row(i, lanes)];
    }
  }

  static double squaredDistance(float[] panel, int[] words, float[] steps, int lanes) {
    double sum = 0;
    for (int i = 0; i < panel.length; i++) {
      float d = Math.fma(-number(words, i, lanes), steps[row(i, lanes)], panel[i]);
      sum += (double) d * d;
    }
    return sum;
  }
}
