package dev.sinkwatch.analyzer.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums with vectors, in double precision. Floats come in the width that {@link VectorKernel} tells
 * of.
 */
final class VectorSums {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;
  private static final int L = F.length();
  private static final int DL = D.length();

  private VectorSums() {}

  /** {@link Kernel#sums(float[], int, double[], double[])}. */
  static void sums(float[] rows, int columns, double[] columnSums, double[] sums) {
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

  /** {@link Kernel#sums(double[], int, double[], double[])}. */
  static void sums(double[] rows, int columns, double[] columnSums, double[] sums) {
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

  /** {@link Kernel#fromShift}. */
  static double fromShift(float[] rows, int at, int columns, double shift) {
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

  /** {@link Kernel#squaredDistance}. */
  static double squaredDistance(float[] a, float[] b, int at, int count) {
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

  /** Adds lanes from left to right: the JDK's own order differs in interpreted code. */
  static double total(DoubleVector lanes) {
    double sum = 0;
    for (double lane : lanes.toArray()) {
      sum += lane;
    }
    return sum;
  }
}
