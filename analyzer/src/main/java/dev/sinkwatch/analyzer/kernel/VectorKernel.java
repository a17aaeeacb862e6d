package dev.sinkwatch.analyzer.kernel;

import dev.sinkwatch.ingest.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops with the widest vectors of this machine: decoding and packing here, sums in {@link
 * VectorSums}, products in {@link VectorProducts}, logarithms in {@link VectorLogs}.
 *
 * <p>Floats come in vectors of one width alone, in all of the analyzer. The compiler decides by
 * what the JDK's methods have seen so far, whoever called them: once they have seen vectors of
 * floats of two widths, it may keep vectors as objects in all loops, which then take five times as
 * long, in one process but not in the next.
 */
final class VectorKernel implements Kernel {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final int L = F.length();

  private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Short> S =
      VectorSpecies.of(short.class, VectorShape.forBitSize(I.vectorBitSize() / 2));

  private static final int STRIP = Panel.TILES * 4 * L;

  private static final ValueLayout.OfShort B16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Bits of the preferred vectors. */
  static int bits() {
    return F.vectorBitSize();
  }

  @Override
  public int lanes() {
    return L;
  }

  @Override
  public String name() {
    return F.vectorBitSize() + "-bit vectors";
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
    if (dtype != Dtype.BF16) {
      ElementDecoder.decode(dtype, data, first, target, at, count, scratch);
      return;
    }
    for (int done = 0; done < count; done += scratch.length) {
      int now = Math.min(scratch.length, count - done);
      MemorySegment.copy(data, B16, 2 * (first + done), scratch, 0, now);
      bfloats(scratch, target, at + done, now);
    }
  }

  private static void bfloats(short[] shorts, float[] target, int at, int count) {
    int j = 0;
    for (; j <= count - L; j += L) {
      IntVector bits =
          (IntVector)
              ShortVector.fromArray(S, shorts, j)
                  .convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
      bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(target, at + j);
    }
    for (; j < count; j++) {
      target[at + j] = Float.intBitsToFloat(shorts[j] << 16);
    }
  }

  @Override
  public void sums(float[] rows, int columns, double[] columnSums, double[] sums) {
    VectorSums.sums(rows, columns, columnSums, sums);
  }

  @Override
  public void sums(double[] rows, int columns, double[] columnSums, double[] sums) {
    VectorSums.sums(rows, columns, columnSums, sums);
  }

  @Override
  public double weightLogs(float[] rows, int at, int columns) {
    return VectorLogs.weightLogs(rows, at, columns);
  }

  @Override
  public double fromShift(float[] rows, int at, int columns, double shift) {
    return VectorSums.fromShift(rows, at, columns, shift);
  }

  @Override
  public void distances(double[] rows, int at, int columns, double shift, double[] figures) {
    VectorLogs.distances(rows, at, columns, shift, figures);
  }

  @Override
  public void pack(float[] rows, int columns, float shift, float[] panel, int strip) {
    int j = 0;
    for (int at = strip * STRIP; j < columns; at += Panel.STRIPS * STRIP) {
      for (int t = at; t < at + STRIP; t += 4 * L, j += L) {
        if (j <= columns - L) {
          FloatVector.fromArray(F, rows, j).sub(shift).intoArray(panel, t);
          FloatVector.fromArray(F, rows, columns + j).sub(shift).intoArray(panel, t + L);
          FloatVector.fromArray(F, rows, 2 * columns + j).sub(shift).intoArray(panel, t + 2 * L);
          FloatVector.fromArray(F, rows, 3 * columns + j).sub(shift).intoArray(panel, t + 3 * L);
        } else {
          edge(rows, columns, shift, panel, t, j);
        }
      }
    }
  }

  private static void edge(
      float[] rows, int columns, float shift, float[] panel, int tile, int first) {
    for (int r = 0; r < 4; r++) {
      for (int l = 0; l < L; l++) {
        panel[tile + r * L + l] = first + l < columns ? rows[r * columns + first + l] - shift : 0;
      }
    }
  }

  @Override
  public void left(
      float[] strip, int at, float[] quad, int quadAt, float[] partial, int partialAt) {
    VectorProducts.left(strip, at, quad, quadAt, partial, partialAt);
  }

  @Override
  public void right(float[] block, int at, float[] y, int yAt, float[] quad, int quadAt) {
    VectorProducts.right(block, at, y, yAt, quad, quadAt);
  }

  @Override
  public void leftOne(
      float[] strip, int at, float[] vector, int vectorAt, float[] partial, int partialAt) {
    VectorProducts.leftOne(strip, at, vector, vectorAt, partial, partialAt);
  }

  @Override
  public void rightOne(float[] block, int at, float[] y, int yAt, float[] vector, int vectorAt) {
    VectorProducts.rightOne(block, at, y, yAt, vector, vectorAt);
  }

  @Override
  public void combine(float[] target, float[] source, int tiles, float[] h) {
    VectorProducts.combine(target, source, tiles, h);
  }

  @Override
  public double squaredDistance(float[] a, float[] b, int at, int count) {
    return VectorSums.squaredDistance(a, b, at, count);
  }

  @Override
  public void left(int[] strip, int at, float[] quad, int quadAt, float[] partial, int partialAt) {
    VectorFixedProducts.left(strip, at, quad, quadAt, partial, partialAt);
  }

  @Override
  public void right(int[] block, int at, float[] y, int yAt, float[] quad, int quadAt) {
    VectorFixedProducts.right(block, at, y, yAt, quad, quadAt);
  }

  @Override
  public void largest(float[] panel, float[] most) {
    VectorFixedPoint.largest(panel, most);
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
    VectorFixedPoint.fix(panel, perStep, steps, words, errors, squares, columnLosses);
  }

  @Override
  public double squaredDistance(float[] panel, int[] words, float[] steps) {
    return VectorFixedPoint.squaredDistance(panel, words, steps);
  }

  @Override
  public void unfix(int[] words, float[] steps, float[] panel) {
    VectorFixedPoint.unfix(words, steps, panel);
  }

  @Override
  public float sum(float[] values, int at) {
    // four chains, since each addition waits for the one before it
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    for (int l = at; l < at + L; l += 4) {
      s0 += values[l];
      s1 += values[l + 1];
      s2 += values[l + 2];
      s3 += values[l + 3];
    }
    return (s0 + s1) + (s2 + s3);
  }
}
