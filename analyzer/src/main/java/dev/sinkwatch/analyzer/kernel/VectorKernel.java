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
 * The loops with the widest vectors of this machine. Sixteen accumulators stay in registers while a
 * strip or a block goes by; all strides are constants, so that the compiler takes the bounds checks
 * out of the loops. Written out instead of looped over, because the compiler keeps only named
 * vectors in registers.
 */
final class VectorKernel implements Kernel {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final int L = F.length();

  /** As many doubles as a vector holds, and as many floats as become them. */
  private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;

  private static final VectorSpecies<Float> HALF =
      VectorSpecies.of(float.class, VectorShape.forBitSize(D.vectorBitSize() / 2));
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

  private static DoubleVector doubles(float[] a, int at) {
    return (DoubleVector) FloatVector.fromArray(HALF, a, at).castShape(D, 0);
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
    for (; j <= n - DL; j += DL) {
      DoubleVector r0 = doubles(rows, j);
      DoubleVector r1 = doubles(rows, n + j);
      DoubleVector r2 = doubles(rows, 2 * n + j);
      DoubleVector r3 = doubles(rows, 3 * n + j);
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
    DoubleVector sum = DoubleVector.zero(D);
    int j = 0;
    for (; j <= columns - DL; j += DL) {
      DoubleVector d = doubles(rows, at + j).sub(shift);
      sum = d.fma(d, sum);
    }
    double squares = total(sum);
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
    FloatVector a00 = FloatVector.fromArray(F, partial, partialAt + 0 * L);
    FloatVector a01 = FloatVector.fromArray(F, partial, partialAt + 1 * L);
    FloatVector a02 = FloatVector.fromArray(F, partial, partialAt + 2 * L);
    FloatVector a03 = FloatVector.fromArray(F, partial, partialAt + 3 * L);
    FloatVector a10 = FloatVector.fromArray(F, partial, partialAt + 4 * L);
    FloatVector a11 = FloatVector.fromArray(F, partial, partialAt + 5 * L);
    FloatVector a12 = FloatVector.fromArray(F, partial, partialAt + 6 * L);
    FloatVector a13 = FloatVector.fromArray(F, partial, partialAt + 7 * L);
    FloatVector a20 = FloatVector.fromArray(F, partial, partialAt + 8 * L);
    FloatVector a21 = FloatVector.fromArray(F, partial, partialAt + 9 * L);
    FloatVector a22 = FloatVector.fromArray(F, partial, partialAt + 10 * L);
    FloatVector a23 = FloatVector.fromArray(F, partial, partialAt + 11 * L);
    FloatVector a30 = FloatVector.fromArray(F, partial, partialAt + 12 * L);
    FloatVector a31 = FloatVector.fromArray(F, partial, partialAt + 13 * L);
    FloatVector a32 = FloatVector.fromArray(F, partial, partialAt + 14 * L);
    FloatVector a33 = FloatVector.fromArray(F, partial, partialAt + 15 * L);
    for (int t = 0; t < Panel.TILES; t++) {
      int v = quadAt + t * 4 * L;
      int x = at + t * 4 * L;
      FloatVector v0 = FloatVector.fromArray(F, quad, v + 0 * L);
      FloatVector v1 = FloatVector.fromArray(F, quad, v + 1 * L);
      FloatVector v2 = FloatVector.fromArray(F, quad, v + 2 * L);
      FloatVector v3 = FloatVector.fromArray(F, quad, v + 3 * L);
      FloatVector row = FloatVector.fromArray(F, strip, x + 0 * L);
      a00 = row.fma(v0, a00);
      a01 = row.fma(v1, a01);
      a02 = row.fma(v2, a02);
      a03 = row.fma(v3, a03);
      row = FloatVector.fromArray(F, strip, x + 1 * L);
      a10 = row.fma(v0, a10);
      a11 = row.fma(v1, a11);
      a12 = row.fma(v2, a12);
      a13 = row.fma(v3, a13);
      row = FloatVector.fromArray(F, strip, x + 2 * L);
      a20 = row.fma(v0, a20);
      a21 = row.fma(v1, a21);
      a22 = row.fma(v2, a22);
      a23 = row.fma(v3, a23);
      row = FloatVector.fromArray(F, strip, x + 3 * L);
      a30 = row.fma(v0, a30);
      a31 = row.fma(v1, a31);
      a32 = row.fma(v2, a32);
      a33 = row.fma(v3, a33);
    }
    a00.intoArray(partial, partialAt + 0 * L);
    a01.intoArray(partial, partialAt + 1 * L);
    a02.intoArray(partial, partialAt + 2 * L);
    a03.intoArray(partial, partialAt + 3 * L);
    a10.intoArray(partial, partialAt + 4 * L);
    a11.intoArray(partial, partialAt + 5 * L);
    a12.intoArray(partial, partialAt + 6 * L);
    a13.intoArray(partial, partialAt + 7 * L);
    a20.intoArray(partial, partialAt + 8 * L);
    a21.intoArray(partial, partialAt + 9 * L);
    a22.intoArray(partial, partialAt + 10 * L);
    a23.intoArray(partial, partialAt + 11 * L);
    a30.intoArray(partial, partialAt + 12 * L);
    a31.intoArray(partial, partialAt + 13 * L);
    a32.intoArray(partial, partialAt + 14 * L);
    a33.intoArray(partial, partialAt + 15 * L);
  }

  @Override
  public void right(float[] block, int at, float[] y, int yAt, float[] quad, int quadAt) {
    FloatVector z00 = FloatVector.fromArray(F, quad, quadAt + 0 * L);
    FloatVector z01 = FloatVector.fromArray(F, quad, quadAt + 1 * L);
    FloatVector z02 = FloatVector.fromArray(F, quad, quadAt + 2 * L);
    FloatVector z03 = FloatVector.fromArray(F, quad, quadAt + 3 * L);
    FloatVector z10 = FloatVector.fromArray(F, quad, quadAt + 4 * L);
    FloatVector z11 = FloatVector.fromArray(F, quad, quadAt + 5 * L);
    FloatVector z12 = FloatVector.fromArray(F, quad, quadAt + 6 * L);
    FloatVector z13 = FloatVector.fromArray(F, quad, quadAt + 7 * L);
    FloatVector z20 = FloatVector.fromArray(F, quad, quadAt + 8 * L);
    FloatVector z21 = FloatVector.fromArray(F, quad, quadAt + 9 * L);
    FloatVector z22 = FloatVector.fromArray(F, quad, quadAt + 10 * L);
    FloatVector z23 = FloatVector.fromArray(F, quad, quadAt + 11 * L);
    FloatVector z30 = FloatVector.fromArray(F, quad, quadAt + 12 * L);
    FloatVector z31 = FloatVector.fromArray(F, quad, quadAt + 13 * L);
    FloatVector z32 = FloatVector.fromArray(F, quad, quadAt + 14 * L);
    FloatVector z33 = FloatVector.fromArray(F, quad, quadAt + 15 * L);
    for (int s = 0; s < Panel.STRIPS; s++) {
      for (int r = 0; r < 4; r++) {
        int x = at + s * STRIP + r * L;
        int q = yAt + s * 16 + r * 4;
        FloatVector x0 = FloatVector.fromArray(F, block, x + 0 * L);
        FloatVector x1 = FloatVector.fromArray(F, block, x + 4 * L);
        FloatVector x2 = FloatVector.fromArray(F, block, x + 8 * L);
        FloatVector x3 = FloatVector.fromArray(F, block, x + 12 * L);
        FloatVector factor = FloatVector.broadcast(F, y[q + 0]);
        z00 = x0.fma(factor, z00);
        z10 = x1.fma(factor, z10);
        z20 = x2.fma(factor, z20);
        z30 = x3.fma(factor, z30);
        factor = FloatVector.broadcast(F, y[q + 1]);
        z01 = x0.fma(factor, z01);
        z11 = x1.fma(factor, z11);
        z21 = x2.fma(factor, z21);
        z31 = x3.fma(factor, z31);
        factor = FloatVector.broadcast(F, y[q + 2]);
        z02 = x0.fma(factor, z02);
        z12 = x1.fma(factor, z12);
        z22 = x2.fma(factor, z22);
        z32 = x3.fma(factor, z32);
        factor = FloatVector.broadcast(F, y[q + 3]);
        z03 = x0.fma(factor, z03);
        z13 = x1.fma(factor, z13);
        z23 = x2.fma(factor, z23);
        z33 = x3.fma(factor, z33);
      }
    }
    z00.intoArray(quad, quadAt + 0 * L);
    z01.intoArray(quad, quadAt + 1 * L);
    z02.intoArray(quad, quadAt + 2 * L);
    z03.intoArray(quad, quadAt + 3 * L);
    z10.intoArray(quad, quadAt + 4 * L);
    z11.intoArray(quad, quadAt + 5 * L);
    z12.intoArray(quad, quadAt + 6 * L);
    z13.intoArray(quad, quadAt + 7 * L);
    z20.intoArray(quad, quadAt + 8 * L);
    z21.intoArray(quad, quadAt + 9 * L);
    z22.intoArray(quad, quadAt + 10 * L);
    z23.intoArray(quad, quadAt + 11 * L);
    z30.intoArray(quad, quadAt + 12 * L);
    z31.intoArray(quad, quadAt + 13 * L);
    z32.intoArray(quad, quadAt + 14 * L);
    z33.intoArray(quad, quadAt + 15 * L);
  }

  @Override
  public void leftOne(
      float[] strip, int at, float[] vector, int vectorAt, float[] partial, int partialAt) {
    FloatVector a0 = FloatVector.fromArray(F, partial, partialAt);
    FloatVector a1 = FloatVector.fromArray(F, partial, partialAt + L);
    FloatVector a2 = FloatVector.fromArray(F, partial, partialAt + 2 * L);
    FloatVector a3 = FloatVector.fromArray(F, partial, partialAt + 3 * L);
    for (int t = 0; t < Panel.TILES; t++) {
      FloatVector v = FloatVector.fromArray(F, vector, vectorAt + t * L);
      int x = at + t * 4 * L;
      a0 = FloatVector.fromArray(F, strip, x).fma(v, a0);
      a1 = FloatVector.fromArray(F, strip, x + L).fma(v, a1);
      a2 = FloatVector.fromArray(F, strip, x + 2 * L).fma(v, a2);
      a3 = FloatVector.fromArray(F, strip, x + 3 * L).fma(v, a3);
    }
    a0.intoArray(partial, partialAt);
    a1.intoArray(partial, partialAt + L);
    a2.intoArray(partial, partialAt + 2 * L);
    a3.intoArray(partial, partialAt + 3 * L);
  }

  @Override
  public void rightOne(float[] block, int at, float[] y, int yAt, float[] vector, int vectorAt) {
    FloatVector z0 = FloatVector.fromArray(F, vector, vectorAt);
    FloatVector z1 = FloatVector.fromArray(F, vector, vectorAt + L);
    FloatVector z2 = FloatVector.fromArray(F, vector, vectorAt + 2 * L);
    FloatVector z3 = FloatVector.fromArray(F, vector, vectorAt + 3 * L);
    for (int s = 0; s < Panel.STRIPS; s++) {
      for (int r = 0; r < 4; r++) {
        int x = at + s * STRIP + r * L;
        FloatVector factor = FloatVector.broadcast(F, y[yAt + s * 4 + r]);
        z0 = FloatVector.fromArray(F, block, x).fma(factor, z0);
        z1 = FloatVector.fromArray(F, block, x + 4 * L).fma(factor, z1);
        z2 = FloatVector.fromArray(F, block, x + 8 * L).fma(factor, z2);
        z3 = FloatVector.fromArray(F, block, x + 12 * L).fma(factor, z3);
      }
    }
    z0.intoArray(vector, vectorAt);
    z1.intoArray(vector, vectorAt + L);
    z2.intoArray(vector, vectorAt + 2 * L);
    z3.intoArray(vector, vectorAt + 3 * L);
  }

  @Override
  public void combine(float[] target, float[] source, int tiles, float[] h) {
    FloatVector h00 = FloatVector.broadcast(F, h[0]);
    FloatVector h01 = FloatVector.broadcast(F, h[1]);
    FloatVector h02 = FloatVector.broadcast(F, h[2]);
    FloatVector h03 = FloatVector.broadcast(F, h[3]);
    FloatVector h10 = FloatVector.broadcast(F, h[4]);
    FloatVector h11 = FloatVector.broadcast(F, h[5]);
    FloatVector h12 = FloatVector.broadcast(F, h[6]);
    FloatVector h13 = FloatVector.broadcast(F, h[7]);
    FloatVector h20 = FloatVector.broadcast(F, h[8]);
    FloatVector h21 = FloatVector.broadcast(F, h[9]);
    FloatVector h22 = FloatVector.broadcast(F, h[10]);
    FloatVector h23 = FloatVector.broadcast(F, h[11]);
    FloatVector h30 = FloatVector.broadcast(F, h[12]);
    FloatVector h31 = FloatVector.broadcast(F, h[13]);
    FloatVector h32 = FloatVector.broadcast(F, h[14]);
    FloatVector h33 = FloatVector.broadcast(F, h[15]);
    for (int t = 0; t < tiles; t++) {
      int at = t * 4 * L;
      FloatVector s0 = FloatVector.fromArray(F, source, at + 0 * L);
      FloatVector s1 = FloatVector.fromArray(F, source, at + 1 * L);
      FloatVector s2 = FloatVector.fromArray(F, source, at + 2 * L);
      FloatVector s3 = FloatVector.fromArray(F, source, at + 3 * L);
      FloatVector z0 = s0.fma(h00, FloatVector.fromArray(F, target, at + 0 * L));
      z0 = s1.fma(h10, z0);
      z0 = s2.fma(h20, z0);
      z0 = s3.fma(h30, z0);
      z0.intoArray(target, at + 0 * L);
      FloatVector z1 = s0.fma(h01, FloatVector.fromArray(F, target, at + 1 * L));
      z1 = s1.fma(h11, z1);
      z1 = s2.fma(h21, z1);
      z1 = s3.fma(h31, z1);
      z1.intoArray(target, at + 1 * L);
      FloatVector z2 = s0.fma(h02, FloatVector.fromArray(F, target, at + 2 * L));
      z2 = s1.fma(h12, z2);
      z2 = s2.fma(h22, z2);
      z2 = s3.fma(h32, z2);
      z2.intoArray(target, at + 2 * L);
      FloatVector z3 = s0.fma(h03, FloatVector.fromArray(F, target, at + 3 * L));
      z3 = s1.fma(h13, z3);
      z3 = s2.fma(h23, z3);
      z3 = s3.fma(h33, z3);
      z3.intoArray(target, at + 3 * L);
    }
  }

  @Override
  public double squaredDistance(float[] a, float[] b, int at, int count) {
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    for (int i = at; i < at + count; i += 4 * DL) {
      DoubleVector d0 = doubles(a, i).sub(doubles(b, i));
      DoubleVector d1 = doubles(a, i + DL).sub(doubles(b, i + DL));
      DoubleVector d2 = doubles(a, i + 2 * DL).sub(doubles(b, i + 2 * DL));
      DoubleVector d3 = doubles(a, i + 3 * DL).sub(doubles(b, i + 3 * DL));
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
