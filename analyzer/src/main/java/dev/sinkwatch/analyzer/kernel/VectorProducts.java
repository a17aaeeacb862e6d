package dev.sinkwatch.analyzer.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of tiles with vectors. Sixteen accumulators stay in registers while a strip or a block
 * passes by; all strides are constants, so that the compiler takes the bounds checks out of the
 * loops. Written out instead of looped over, because the compiler keeps only named vectors in
 * registers.
 */
final class VectorProducts {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final int L = F.length();
  private static final int STRIP = Panel.TILES * 4 * L;

  private VectorProducts() {}

  /** {@link Kernel#left}. */
  static void left(
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

  /** {@link Kernel#right}. */
  static void right(float[] block, int at, float[] y, int yAt, float[] quad, int quadAt) {
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

  /** {@link Kernel#leftOne}. */
  static void leftOne(
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

  /** {@link Kernel#rightOne}. */
  static void rightOne(float[] block, int at, float[] y, int yAt, float[] vector, int vectorAt) {
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

  /** {@link Kernel#combine}. */
  static void combine(float[] target, float[] source, int tiles, float[] h) {
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
}
