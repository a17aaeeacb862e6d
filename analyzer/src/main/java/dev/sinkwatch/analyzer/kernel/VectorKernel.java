package dev.sinkwatch.analyzer.kernel;

import dev.sinkwatch.ingest.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops with the widest vectors of this machine: decoding, sums and packing here, products in
 * {@link VectorProducts}, logarithms in {@link VectorLogs}.
 *
 * <p>Floats come in vectors of one width alone, in all of the analyzer. The compiler decides by
 * what the JDK's methods have seen so far, whoever called them: once they have seen vectors of
 * floats of two widths, it may keep vectors as objects in all loops, which then take five times as
 * long, in one process but not in the next.
 */
final class VectorKernel implements Kernel {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final int L = F.length();

  private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;
  private static final int DL = D.length();
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
    int n = columns;
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    DoubleVector q0 = s0;
    DoubleVector q1 = s0;
    DoubleVector q2 = s0;
    DoubleVector q3 = s0;
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector f0 = FloatVector.fromArray(F, rows, j);
      FloatVector f1 = FloatVector.fromArray(F, rows, n + j);
      FloatVector f2 = FloatVector.fromArray(F, rows, 2 * n + j);
      FloatVector f3 = FloatVector.fromArray(F, rows, 3 * n + j);
      DoubleVector r0 = (DoubleVector) f0.convertShape(VectorOperators.F2D, D, 0);
      DoubleVector r1 = (DoubleVector) f1.convertShape(VectorOperators.F2D, D, 0);
      DoubleVector r2 = (DoubleVector) f2.convertShape(VectorOperators.F2D, D, 0);
      DoubleVector r3 = (DoubleVector) f3.convertShape(VectorOperators.F2D, D, 0);
      s0 = s0.add(r0);
      s1 = s1.add(r1);
      s2 = s2.add(r2);
      s3 = s3.add(r3);
      q0 = r0.fma(r0, q0);
      q1 = r1.fma(r1, q1);
      q2 = r2.fma(r2, q2);
      q3 = r3.fma(r3, q3);
      DoubleVector.fromArray(D, columnSums, j)
          .add(r0.add(r1).add(r2.add(r3)))
          .intoArray(columnSums, j);
      r0 = (DoubleVector) f0.convertShape(VectorOperators.F2D, D, 1);
      r1 = (DoubleVector) f1.convertShape(VectorOperators.F2D, D, 1);
      r2 = (DoubleVector) f2.convertShape(VectorOperators.F2D, D, 1);
      r3 = (DoubleVector) f3.convertShape(VectorOperators.F2D, D, 1);
      s0 = s0.add(r0);
      s1 = s1.add(r1);
      s2 = s2.add(r2);
      s3 = s3.add(r3);
      q0 = r0.fma(r0, q0);
      q1 = r1.fma(r1, q1);
      q2 = r2.fma(r2, q2);
      q3 = r3.fma(r3, q3);
      DoubleVector.fromArray(D, columnSums, j + DL)
          .add(r0.add(r1).add(r2.add(r3)))
          .intoArray(columnSums, j + DL);
    }
    sums[0] = total(s0);
    sums[1] = total(s1);
    sums[2] = total(s2);
    sums[3] = total(s3);
    sums[4] = total(q0);
    sums[5] = total(q1);
    sums[6] = total(q2);
    sums[7] = total(q3);
    for (; j < n; j++) {
      for (int r = 0; r < 4; r++) {
        double a = rows[r * n + j];
        sums[r] += a;
        sums[4 + r] += a * a;
        columnSums[j] += a;
      }
    }
  }

  @Override
  public void sums(double[] rows, int columns, double[] columnSums, double[] sums) {
    int n = columns;
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    DoubleVector q0 = s0;
    DoubleVector q1 = s0;
    DoubleVector q2 = s0;
    DoubleVector q3 = s0;
    int j = 0;
    for (; j <= n - DL; j += DL) {
      DoubleVector r0 = DoubleVector.fromArray(D, rows, j);
      DoubleVector r1 = DoubleVector.fromArray(D, rows, n + j);
      DoubleVector r2 = DoubleVector.fromArray(D, rows, 2 * n + j);
      DoubleVector r3 = DoubleVector.fromArray(D, rows, 3 * n + j);
      s0 = s0.add(r0);
      s1 = s1.add(r1);
      s2 = s2.add(r2);
      s3 = s3.add(r3);
      q0 = r0.fma(r0, q0);
      q1 = r1.fma(r1, q1);
      q2 = r2.fma(r2, q2);
      q3 = r3.fma(r3, q3);
      DoubleVector.fromArray(D, columnSums, j)
          .add(r0.add(r1).add(r2.add(r3)))
          .intoArray(columnSums, j);
    }
    sums[0] = total(s0);
    sums[1] = total(s1);
    sums[2] = total(s2);
    sums[3] = total(s3);
    sums[4] = total(q0);
    sums[5] = total(q1);
    sums[6] = total(q2);
    sums[7] = total(q3);
    for (; j < n; j++) {
      for (int r = 0; r < 4; r++) {
        double a = rows[r * n + j];
        sums[r] += a;
        sums[4 + r] += a * a;
        columnSums[j] += a;
      }
    }
  }

  @Override
  public double weightLogs(float[] rows, int at, int columns) {
    return VectorLogs.weightLogs(rows, at, columns);
  }

  @Override
  public double fromShift(float[] rows, int at, int columns, double shift) {
    DoubleVector even = DoubleVector.zero(D);
    DoubleVector odd = even;
    int j = 0;
    for (; j <= columns - L; j += L) {
      FloatVector f = FloatVector.fromArray(F, rows, at + j);
      DoubleVector d = ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 0)).sub(shift);
      even = d.fma(d, even);
      d = ((DoubleVector) f.convertShape(VectorOperators.F2D, D, 1)).sub(shift);
      odd = d.fma(d, odd);
    }
    double squares = total(even.add(odd));
    for (; j < columns; j++) {
      double d = rows[at + j] - shift;
      squares += d * d;
    }
    return squares;
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
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    for (int i = at; i < at + count; i += 2 * L) {
      FloatVector x = FloatVector.fromArray(F, a, i);
      FloatVector y = FloatVector.fromArray(F, b, i);
      DoubleVector d0 =
          ((DoubleVector) x.convertShape(VectorOperators.F2D, D, 0))
              .sub(y.convertShape(VectorOperators.F2D, D, 0));
      DoubleVector d1 =
          ((DoubleVector) x.convertShape(VectorOperators.F2D, D, 1))
              .sub(y.convertShape(VectorOperators.F2D, D, 1));
      x = FloatVector.fromArray(F, a, i + L);
      y = FloatVector.fromArray(F, b, i + L);
      DoubleVector d2 =
          ((DoubleVector) x.convertShape(VectorOperators.F2D, D, 0))
              .sub(y.convertShape(VectorOperators.F2D, D, 0));
      DoubleVector d3 =
          ((DoubleVector) x.convertShape(VectorOperators.F2D, D, 1))
              .sub(y.convertShape(VectorOperators.F2D, D, 1));
      s0 = d0.fma(d0, s0);
      s1 = d1.fma(d1, s1);
      s2 = d2.fma(d2, s2);
      s3 = d3.fma(d3, s3);
    }
    return total(s0.add(s1).add(s2.add(s3)));
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

  /** Adds lanes from left to right: the JDK's own order differs in interpreted code. */
  static double total(DoubleVector lanes) {
    double sum = 0;
    for (double lane : lanes.toArray()) {
      sum += lane;
    }
    return sum;
  }
}
