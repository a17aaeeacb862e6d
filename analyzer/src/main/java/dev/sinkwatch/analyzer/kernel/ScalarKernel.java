package dev.sinkwatch.analyzer.kernel;

import dev.sinkwatch.ingest.Dtype;
import java.lang.foreign.MemorySegment;

/**
 * Plain loops: what runs where vectors cannot, and the twin that the vector kernel is compared
 * with.
 *
 * @param lanes columns of a tile
 */
record ScalarKernel(int lanes) implements Kernel {

  @Override
  public String name() {
    return "plain loops";
  }

  @Override
  public void decode(
      Dtype dtype,
      MemorySegment data,
      long first,
      float[] target,
      int at,
      int count,
      short[] scratch) {
    ElementDecoder.decode(dtype, data, first, target, at, count, scratch);
  }

  @Override
  public void sums(float[] rows, int columns, double[] columnSums, double[] sums) {
    for (int r = 0; r < 4; r++) {
      double sum = 0;
      double squares = 0;
      for (int j = 0; j < columns; j++) {
        double a = rows[r * columns + j];
        sum += a;
        squares += a * a;
        columnSums[j] += a;
      }
      sums[r] = sum;
      sums[4 + r] = squares;
    }
  }

  @Override
  public void sums(double[] rows, int columns, double[] columnSums, double[] sums) {
    for (int r = 0; r < 4; r++) {
      double sum = 0;
      double squares = 0;
      for (int j = 0; j < columns; j++) {
        double a = rows[r * columns + j];
        sum += a;
        squares += a * a;
        columnSums[j] += a;
      }
      sums[r] = sum;
      sums[4 + r] = squares;
    }
  }

  @Override
  public double weightLogs(float[] rows, int at, int columns) {
    double weightLogs = 0;
    for (int j = at; j < at + columns; j++) {
      double p = rows[j];
      if (!(p >= 0)) {
        return Double.NaN;
      }
      weightLogs += p > 0 ? p * Math.log(p) : 0;
    }
    return weightLogs;
  }

  @Override
  public double fromShift(float[] rows, int at, int columns, double shift) {
    double sum = 0;
    for (int j = at; j < at + columns; j++) {
      double d = rows[j] - shift;
      sum += d * d;
    }
    return sum;
  }

  @Override
  public void distances(double[] rows, int at, int columns, double shift, double[] figures) {
    double fromShift = 0;
    double weights = 0;
    double weightLogs = 0;
    boolean negative = false;
    for (int j = at; j < at + columns; j++) {
      double p = rows[j];
      fromShift += (p - shift) * (p - shift);
      double w = Math.abs(p);
      weights += w;
      weightLogs += w > 0 ? w * Math.log(w) : 0;
      negative |= p < 0;
    }
    figures[0] = fromShift;
    figures[1] = weights;
    figures[2] = weightLogs;
    figures[3] = negative ? 1 : 0;
  }

  @Override
  public void pack(float[] rows, int columns, float shift, float[] panel, int strip) {
    int width = Panel.TILES * lanes;
    for (int first = 0, block = 0; first < columns; first += width, block++) {
      int at = (block * Panel.STRIPS + strip) * 4 * width;
      for (int j = 0; j < width; j++) {
        int to = at + j / lanes * 4 * lanes + j % lanes;
        for (int r = 0; r < 4; r++) {
          panel[to + r * lanes] = first + j < columns ? rows[r * columns + first + j] - shift : 0;
        }
      }
    }
  }

  @Override
  public void left(
      float[] strip, int at, float[] quad, int quadAt, float[] partial, int partialAt) {
    for (int t = 0; t < Panel.TILES; t++) {
      int a = at + t * 4 * lanes;
      int v = quadAt + t * 4 * lanes;
      for (int r = 0; r < 4; r++) {
        for (int c = 0; c < 4; c++) {
          int p = partialAt + (4 * r + c) * lanes;
          for (int l = 0; l < lanes; l++) {
            partial[p + l] =
                Math.fma(strip[a + r * lanes + l], quad[v + c * lanes + l], partial[p + l]);
          }
        }
      }
    }
  }

  @Override
  public void right(float[] block, int at, float[] y, int yAt, float[] quad, int quadAt) {
    for (int row = 0; row < Panel.ROWS; row++) {
      int a = at + row / 4 * 4 * Panel.TILES * lanes + row % 4 * lanes;
      for (int t = 0; t < 4; t++) {
        for (int c = 0; c < 4; c++) {
          float factor = y[yAt + 4 * row + c];
          int z = quadAt + (4 * t + c) * lanes;
          for (int l = 0; l < lanes; l++) {
            quad[z + l] = Math.fma(block[a + t * 4 * lanes + l], factor, quad[z + l]);
          }
        }
      }
    }
  }

  @Override
  public void leftOne(
      float[] strip, int at, float[] vector, int vectorAt, float[] partial, int partialAt) {
    for (int t = 0; t < Panel.TILES; t++) {
      for (int r = 0; r < 4; r++) {
        for (int l = 0; l < lanes; l++) {
          int p = partialAt + r * lanes + l;
          partial[p] =
              Math.fma(
                  strip[at + (4 * t + r) * lanes + l],
                  vector[vectorAt + t * lanes + l],
                  partial[p]);
        }
      }
    }
  }

  @Override
  public void rightOne(float[] block, int at, float[] y, int yAt, float[] vector, int vectorAt) {
    for (int row = 0; row < Panel.ROWS; row++) {
      int a = at + row / 4 * 4 * Panel.TILES * lanes + row % 4 * lanes;
      for (int t = 0; t < 4; t++) {
        for (int l = 0; l < lanes; l++) {
          int z = vectorAt + t * lanes + l;
          vector[z] = Math.fma(block[a + t * 4 * lanes + l], y[yAt + row], vector[z]);
        }
      }
    }
  }

  @Override
  public void combine(float[] target, float[] source, int tiles, float[] h) {
    for (int t = 0; t < tiles; t++) {
      for (int r = 0; r < 4; r++) {
        for (int c = 0; c < 4; c++) {
          int to = (4 * t + c) * lanes;
          int from = (4 * t + r) * lanes;
          for (int l = 0; l < lanes; l++) {
            target[to + l] = Math.fma(source[from + l], h[4 * r + c], target[to + l]);
          }
        }
      }
    }
  }

  @Override
  public double squaredDistance(float[] a, float[] b, int at, int count) {
    double sum = 0;
    for (int i = at; i < at + count; i++) {
      double d = (double) a[i] - b[i];
      sum += d * d;
    }
    return sum;
  }

  @Override
  public void left(int[] strip, int at, float[] quad, int quadAt, float[] partial, int partialAt) {
    float[] values = new float[Panel.TILES * 4 * lanes];
    ScalarFixedPoint.numbers(strip, at, values, lanes);
    left(values, 0, quad, quadAt, partial, partialAt);
  }

  @Override
  public void right(int[] block, int at, float[] y, int yAt, float[] quad, int quadAt) {
    ScalarFixedPoint.right(block, at, y, yAt, quad, quadAt, lanes);
  }

  @Override
  public void largest(float[] panel, float[] most) {
    ScalarFixedPoint.largest(panel, most, lanes);
  }

  @Override
  public void fix(
      float[] panel,
      float[] perStep,
      float[] steps,
      int[] words,
      float[] errors,
      float[] squares,
      float[] columnLosses) {
    ScalarFixedPoint.fix(panel, perStep, steps, words, errors, squares, columnLosses, lanes);
  }

  @Override
  public double squaredDistance(float[] panel, int[] words, float[] steps) {
    return ScalarFixedPoint.squaredDistance(panel, words, steps, lanes);
  }

  @Override
  public void unfix(int[] words, float[] steps, float[] panel) {
    ScalarFixedPoint.unfix(words, steps, panel, lanes);
  }

  @Override
  public float sum(float[] values, int at) {
    // four chains, since each addition waits for the one before it
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    for (int l = at; l < at + lanes; l += 4) {
      s0 += values[l];
      s1 += values[l + 1];
      s2 += values[l + 2];
      s3 += values[l + 3];
    }
    return (s0 + s1) + (s2 + s3);
  }
}
