package dev.sinkwatch.analyzer.kernel;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector loops that bring panels into {@link FixedPoint} and back. Written out for the reason
 * that {@link VectorProducts} gives.
 */
final class VectorFixedPoint {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
  private static final int L = F.length();
  private static final int STRIP = Panel.TILES * 4 * L;

  private static final int LOW_BITS = 0xffff;
  private static final int MAGNITUDE_BITS = 0x7fffffff;

  private VectorFixedPoint() {}

  /** {@link Kernel#largest}. */
  static void largest(float[] panel, float[] most) {
    int[] lanes = new int[Panel.ROWS * L];
    IntVector magnitude = IntVector.broadcast(I, MAGNITUDE_BITS);
    for (int at = 0; at < panel.length; at += STRIP) {
      int to = at / STRIP % Panel.STRIPS * 4 * L;
      // as whole numbers, of which those of NaN are the largest
      IntVector m0 = IntVector.fromArray(I, lanes, to);
      IntVector m1 = IntVector.fromArray(I, lanes, to + L);
      IntVector m2 = IntVector.fromArray(I, lanes, to + 2 * L);
      IntVector m3 = IntVector.fromArray(I, lanes, to + 3 * L);
      for (int t = 0; t < Panel.TILES; t++) {
        int x = at + t * 4 * L;
        m0 = m0.max(FloatVector.fromArray(F, panel, x).reinterpretAsInts().and(magnitude));
        m1 = m1.max(FloatVector.fromArray(F, panel, x + L).reinterpretAsInts().and(magnitude));
        m2 = m2.max(FloatVector.fromArray(F, panel, x + 2 * L).reinterpretAsInts().and(magnitude));
        m3 = m3.max(FloatVector.fromArray(F, panel, x + 3 * L).reinterpretAsInts().and(magnitude));
      }
      m0.intoArray(lanes, to);
      m1.intoArray(lanes, to + L);
      m2.intoArray(lanes, to + 2 * L);
      m3.intoArray(lanes, to + 3 * L);
    }
    for (int row = 0; row < Panel.ROWS; row++) {
      int largest = 0;
      for (int l = row * L; l < (row + 1) * L; l++) {
        largest = Math.max(largest, lanes[l]);
      }
      most[row] = Float.intBitsToFloat(largest);
    }
  }

  /** {@link Kernel#fix}. */
  static void fix(
      float[] panel,
      float[] perStep,
      float[] steps,
      int[] words,
      float[] errors,
      float[] squares,
      float[] columnLosses) {
    float[] sums = new float[2 * Panel.ROWS * L];
    FloatVector middle = FloatVector.broadcast(F, FixedPoint.MIDDLE);
    IntVector low = IntVector.broadcast(I, LOW_BITS);
    for (int at = 0; at < panel.length; at += STRIP) {
      int row = at / STRIP % Panel.STRIPS * 4;
      int to = row * L;
      int squaresTo = Panel.ROWS * L + to;
      FloatVector f0 = FloatVector.broadcast(F, perStep[row]);
      FloatVector f1 = FloatVector.broadcast(F, perStep[row + 1]);
      FloatVector f2 = FloatVector.broadcast(F, perStep[row + 2]);
      FloatVector f3 = FloatVector.broadcast(F, perStep[row + 3]);
      FloatVector g0 = FloatVector.broadcast(F, steps[row]);
      FloatVector g1 = FloatVector.broadcast(F, steps[row + 1]);
      FloatVector g2 = FloatVector.broadcast(F, steps[row + 2]);
      FloatVector g3 = FloatVector.broadcast(F, steps[row + 3]);
      FloatVector e0 = FloatVector.fromArray(F, sums, to);
      FloatVector e1 = FloatVector.fromArray(F, sums, to + L);
      FloatVector e2 = FloatVector.fromArray(F, sums, to + 2 * L);
      FloatVector e3 = FloatVector.fromArray(F, sums, to + 3 * L);
      FloatVector s0 = FloatVector.fromArray(F, sums, squaresTo);
      FloatVector s1 = FloatVector.fromArray(F, sums, squaresTo + L);
      FloatVector s2 = FloatVector.fromArray(F, sums, squaresTo + 2 * L);
      FloatVector s3 = FloatVector.fromArray(F, sums, squaresTo + 3 * L);
      for (int t = 0; t < Panel.TILES; t++) {
        int x = at + t * 4 * L;
        int w = at / 2 + t * 2 * L;
        int column = (at / (Panel.STRIPS * STRIP) * Panel.TILES + t) * L;
        FloatVector x0 = FloatVector.fromArray(F, panel, x);
        FloatVector x1 = FloatVector.fromArray(F, panel, x + L);
        FloatVector x2 = FloatVector.fromArray(F, panel, x + 2 * L);
        FloatVector x3 = FloatVector.fromArray(F, panel, x + 3 * L);
        // adding the middle rounds to whole numbers and leaves them in the lowest bits
        FloatVector u0 = x0.fma(f0, middle);
        FloatVector u1 = x1.fma(f1, middle);
        FloatVector u2 = x2.fma(f2, middle);
        FloatVector u3 = x3.fma(f3, middle);
        u1.reinterpretAsInts()
            .lanewise(LSHL, 16)
            .or(u0.reinterpretAsInts().and(low))
            .intoArray(words, w);
        u3.reinterpretAsInts()
            .lanewise(LSHL, 16)
            .or(u2.reinterpretAsInts().and(low))
            .intoArray(words, w + L);
        FloatVector loss = FloatVector.fromArray(F, columnLosses, column);
        FloatVector minus = middle.sub(u0);
        s0 = minus.fma(minus, s0);
        minus = x0.fma(f0, minus);
        e0 = minus.fma(minus, e0);
        loss = minus.fma(g0, loss);
        minus = middle.sub(u1);
        s1 = minus.fma(minus, s1);
        minus = x1.fma(f1, minus);
        e1 = minus.fma(minus, e1);
        loss = minus.fma(g1, loss);
        minus = middle.sub(u2);
        s2 = minus.fma(minus, s2);
        minus = x2.fma(f2, minus);
        e2 = minus.fma(minus, e2);
        loss = minus.fma(g2, loss);
        minus = middle.sub(u3);
        s3 = minus.fma(minus, s3);
        minus = x3.fma(f3, minus);
        e3 = minus.fma(minus, e3);
        loss = minus.fma(g3, loss);
        loss.intoArray(columnLosses, column);
      }
      e0.intoArray(sums, to);
      e1.intoArray(sums, to + L);
      e2.intoArray(sums, to + 2 * L);
      e3.intoArray(sums, to + 3 * L);
      s0.intoArray(sums, squaresTo);
      s1.intoArray(sums, squaresTo + L);
      s2.intoArray(sums, squaresTo + 2 * L);
      s3.intoArray(sums, squaresTo + 3 * L);
    }
    for (int row = 0; row < Panel.ROWS; row++) {
      errors[row] = total(sums, row * L);
      squares[row] = total(sums, (Panel.ROWS + row) * L);
    }
  }

  private static float total(float[] lanes, int at) {
    float total = 0;
    for (int l = at; l < at + L; l++) {
      total += lanes[l];
    }
    return total;
  }

  /** {@link Kernel#unfix}. */
  static void unfix(int[] words, float[] steps, float[] panel) {
    for (int at = 0; at < panel.length; at += STRIP) {
      int row = at / STRIP % Panel.STRIPS * 4;
      FloatVector f0 = FloatVector.broadcast(F, steps[row]);
      FloatVector f1 = FloatVector.broadcast(F, steps[row + 1]);
      FloatVector f2 = FloatVector.broadcast(F, steps[row + 2]);
      FloatVector f3 = FloatVector.broadcast(F, steps[row + 3]);
      for (int t = 0; t < Panel.TILES; t++) {
        int x = at + t * 4 * L;
        IntVector w = IntVector.fromArray(I, words, at / 2 + t * 2 * L);
        FloatVector even =
            (FloatVector) w.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0);
        FloatVector odd = (FloatVector) w.lanewise(ASHR, 16).convertShape(I2F, F, 0);
        even.mul(f0).intoArray(panel, x);
        odd.mul(f1).intoArray(panel, x + L);
        w = IntVector.fromArray(I, words, at / 2 + t * 2 * L + L);
        even = (FloatVector) w.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0);
        odd = (FloatVector) w.lanewise(ASHR, 16).convertShape(I2F, F, 0);
        even.mul(f2).intoArray(panel, x + 2 * L);
        odd.mul(f3).intoArray(panel, x + 3 * L);
      }
    }
  }

  /** {@link Kernel#squaredDistance} from fixed point. */
  static double squaredDistance(float[] panel, int[] words, float[] steps) {
    DoubleVector sum = DoubleVector.zero(D);
    for (int at = 0; at < panel.length; at += STRIP) {
      int row = at / STRIP % Panel.STRIPS * 4;
      FloatVector f0 = FloatVector.broadcast(F, -steps[row]);
      FloatVector f1 = FloatVector.broadcast(F, -steps[row + 1]);
      FloatVector f2 = FloatVector.broadcast(F, -steps[row + 2]);
      FloatVector f3 = FloatVector.broadcast(F, -steps[row + 3]);
      FloatVector s0 = FloatVector.zero(F);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int t = 0; t < Panel.TILES; t++) {
        int x = at + t * 4 * L;
        IntVector w = IntVector.fromArray(I, words, at / 2 + t * 2 * L);
        FloatVector even =
            (FloatVector) w.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0);
        FloatVector odd = (FloatVector) w.lanewise(ASHR, 16).convertShape(I2F, F, 0);
        even = even.fma(f0, FloatVector.fromArray(F, panel, x));
        odd = odd.fma(f1, FloatVector.fromArray(F, panel, x + L));
        s0 = even.fma(even, s0);
        s1 = odd.fma(odd, s1);
        w = IntVector.fromArray(I, words, at / 2 + t * 2 * L + L);
        even = (FloatVector) w.lanewise(LSHL, 16).lanewise(ASHR, 16).convertShape(I2F, F, 0);
        odd = (FloatVector) w.lanewise(ASHR, 16).convertShape(I2F, F, 0);
        even = even.fma(f2, FloatVector.fromArray(F, panel, x + 2 * L));
        odd = odd.fma(f3, FloatVector.fromArray(F, panel, x + 3 * L));
        s2 = even.fma(even, s2);
        s3 = odd.fma(odd, s3);
      }
      FloatVector four = s0.add(s1).add(s2.add(s3));
      sum = sum.add(four.convertShape(F2D, D, 0)).add(four.convertShape(F2D, D, 1));
    }
    return total(sum);
  }

  private static double total(DoubleVector lanes) {
    double[] values = lanes.toArray();
    double total = 0;
    for (double value : values) {
      total += value;
    }
    return total;
  }
}
