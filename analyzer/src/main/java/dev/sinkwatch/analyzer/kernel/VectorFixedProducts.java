package dev.sinkwatch.analyzer.kernel;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of tiles in {@link FixedPoint} with vectors: two or three operations make a vector of
 * floats of half a vector of words, beside the multiplications, while half as much comes from
 * memory. Written out for the reason that {@link VectorProducts} gives. All pairs of rows are one
 * loop in {@link #right}: what the compiler makes of two takes a third longer.
 */
final class VectorFixedProducts {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
  private static final int L = F.length();

  /** Words of a strip. */
  private static final int WORDS = Panel.TILES * 2 * L;

  private VectorFixedProducts() {}

  /** {@link Kernel#left} of fixed point. */
  static void left(int[] strip, int at, float[] quad, int quadAt, float[] partial, int partialAt) {
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
      int x = at + t * 2 * L;
      FloatVector v0 = FloatVector.fromArray(F, quad, v + 0 * L);
      FloatVector v1 = FloatVector.fromArray(F, quad, v + 1 * L);
      FloatVector v2 = FloatVector.fromArray(F, quad, v + 2 * L);
      FloatVector v3 = FloatVector.fromArray(F, quad, v + 3 * L);
      IntVector w = IntVector.fromArray(I, strip, x);
      FloatVector row =
          (FloatVector) w.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0);
      a00 = row.fma(v0, a00);
      a01 = row.fma(v1, a01);
      a02 = row.fma(v2, a02);
      a03 = row.fma(v3, a03);
      row = (FloatVector) w.lanewise(ASHR, 16).convertShape(I2F, F, 0);
      a10 = row.fma(v0, a10);
      a11 = row.fma(v1, a11);
      a12 = row.fma(v2, a12);
      a13 = row.fma(v3, a13);
      w = IntVector.fromArray(I, strip, x + L);
      row = (FloatVector) w.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0);
      a20 = row.fma(v0, a20);
      a21 = row.fma(v1, a21);
      a22 = row.fma(v2, a22);
      a23 = row.fma(v3, a23);
      row = (FloatVector) w.lanewise(ASHR, 16).convertShape(I2F, F, 0);
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

  /** {@link Kernel#right} of fixed point. */
  static void right(int[] block, int at, float[] y, int yAt, float[] quad, int quadAt) {
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
    for (int p = 0; p < 2 * Panel.STRIPS; p++) {
      int x = at + (p >> 1) * WORDS + (p & 1) * L;
      int q = yAt + p * 8;
      FloatVector f0 = FloatVector.broadcast(F, y[q + 0]);
      FloatVector f1 = FloatVector.broadcast(F, y[q + 1]);
      FloatVector f2 = FloatVector.broadcast(F, y[q + 2]);
      FloatVector f3 = FloatVector.broadcast(F, y[q + 3]);
      FloatVector row =
          (FloatVector)
              IntVector.fromArray(I, block, x + 0 * L)
                  .lanewise(LSHL, 16)
                  .lanewise(ASHR, 16)
                  .convertShape(I2F, F, 0);
      z00 = row.fma(f0, z00);
      z01 = row.fma(f1, z01);
      z02 = row.fma(f2, z02);
      z03 = row.fma(f3, z03);
      row =
          (FloatVector)
              IntVector.fromArray(I, block, x + 2 * L)
                  .lanewise(LSHL, 16)
                  .lanewise(ASHR, 16)
                  .convertShape(I2F, F, 0);
      z10 = row.fma(f0, z10);
      z11 = row.fma(f1, z11);
      z12 = row.fma(f2, z12);
      z13 = row.fma(f3, z13);
      row =
          (FloatVector)
              IntVector.fromArray(I, block, x + 4 * L)
                  .lanewise(LSHL, 16)
                  .lanewise(ASHR, 16)
                  .convertShape(I2F, F, 0);
      z20 = row.fma(f0, z20);
      z21 = row.fma(f1, z21);
      z22 = row.fma(f2, z22);
      z23 = row.fma(f3, z23);
      row =
          (FloatVector)
              IntVector.fromArray(I, block, x + 6 * L)
                  .lanewise(LSHL, 16)
                  .lanewise(ASHR, 16)
                  .convertShape(I2F, F, 0);
      z30 = row.fma(f0, z30);
      z31 = row.fma(f1, z31);
      z32 = row.fma(f2, z32);
      z33 = row.fma(f3, z33);
      f0 = FloatVector.broadcast(F, y[q + 4]);
      f1 = FloatVector.broadcast(F, y[q + 5]);
      f2 = FloatVector.broadcast(F, y[q + 6]);
      f3 = FloatVector.broadcast(F, y[q + 7]);
      row =
          (FloatVector)
              IntVector.fromArray(I, block, x + 0 * L).lanewise(ASHR, 16).convertShape(I2F, F, 0);
      z00 = row.fma(f0, z00);
      z01 = row.fma(f1, z01);
      z02 = row.fma(f2, z02);
      z03 = row.fma(f3, z03);
      row =
          (FloatVector)
              IntVector.fromArray(I, block, x + 2 * L).lanewise(ASHR, 16).convertShape(I2F, F, 0);
      z10 = row.fma(f0, z10);
      z11 = row.fma(f1, z11);
      z12 = row.fma(f2, z12);
      z13 = row.fma(f3, z13);
      row =
          (FloatVector)
              IntVector.fromArray(I, block, x + 4 * L).lanewise(ASHR, 16).convertShape(I2F, F, 0);
      z20 = row.fma(f0, z20);
      z21 = row.fma(f1, z21);
      z22 = row.fma(f2, z22);
      z23 = row.fma(f3, z23);
      row =
          (FloatVector)
              IntVector.fromArray(I, block, x + 6 * L).lanewise(ASHR, 16).convertShape(I2F, F, 0);
      z30 = row.fma(f0, z30);
      z31 = row.fma(f1, z31);
      z32 = row.fma(f2, z32);
      z33 = row.fma(f3, z33);
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
}
