package dev.sinkwatch.analyzer.mixer;

import static jdk.incubator.vector.DoubleVector.fromArray;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector whose lanes are operators, and elementary functions of it. They are made of single
 * operations that IEEE 754 defines to the last bit: the library's own exp and log differ in bits
 * between interpreted and compiled code. Stateless.
 *
 * <p>Everywhere in this package the larger of two vectors is a comparison and a blend: {@code max}
 * takes three times as many instructions, for the sake of NaN and -0, which do not matter here.
 *
 * <p>Argument reduction and the logarithm's coefficients as in Sun's fdlibm, {@code e_exp.c} and
 * {@code e_log.c}; the exponential's polynomial is Taylor's, whose remainder on |r| &lt;= ln(2)/2
 * is below 2e-16.
 */
final class Lanes {
  static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;

  /** Operators in one vector. */
  static final int WIDTH = D.length();

  static final DoubleVector ZERO = all(0.0);
  static final DoubleVector ONE = all(1.0);
  private static final DoubleVector TWO = all(2.0);
  private static final DoubleVector HALF = all(0.5);

  /** Beyond these the exponential is as if at them: it neither overflows nor becomes subnormal. */
  private static final DoubleVector LEAST_EXPONENT = all(-700.0);

  private static final DoubleVector MOST_EXPONENT = all(700.0);

  /** Adding it leaves the nearest integer in the lowest bits. */
  private static final DoubleVector ROUND = all(0x1.8p52);

  private static final DoubleVector LOG2_E = all(1 / 0.6931471805599453);
  private static final DoubleVector LN2_HIGH = all(0.6931471803691238);
  private static final DoubleVector LN2_LOW = all(1.9082149292705877e-10);
  private static final DoubleVector MINUS_LN2_HIGH = LN2_HIGH.neg();
  private static final DoubleVector MINUS_LN2_LOW = LN2_LOW.neg();

  /** 1/3! to 1/12!. */
  private static final DoubleVector E3 = all(1.0 / 6);

  private static final DoubleVector E4 = all(1.0 / 24);
  private static final DoubleVector E5 = all(1.0 / 120);
  private static final DoubleVector E6 = all(1.0 / 720);
  private static final DoubleVector E7 = all(1.0 / 5040);
  private static final DoubleVector E8 = all(1.0 / 40320);
  private static final DoubleVector E9 = all(1.0 / 362880);
  private static final DoubleVector E10 = all(1.0 / 3628800);
  private static final DoubleVector E11 = all(1.0 / 39916800);
  private static final DoubleVector E12 = all(1.0 / 479001600);

  private static final DoubleVector L1 = all(0.6666666666666735);
  private static final DoubleVector L2 = all(0.3999999999940942);
  private static final DoubleVector L3 = all(0.2857142874366239);
  private static final DoubleVector L4 = all(0.22222198432149784);
  private static final DoubleVector L5 = all(0.1818357216161805);
  private static final DoubleVector L6 = all(0.15313837699209373);
  private static final DoubleVector L7 = all(0.14798198605116586);

  /** Bits of the double above sqrt(1/2) where one exponent's mantissas begin. */
  private static final LongVector LEAST_MANTISSA = all(0x3fe6a09e00000000L);

  /** Moves that border to where the bits of the exponent change. */
  private static final LongVector CENTRE = all(0x3ff0000000000000L - 0x3fe6a09e00000000L);

  private static final LongVector MANTISSA = all(0x000fffffffffffffL);

  /** Or-ed with a small integer k the bits of 2^52 + k. */
  private static final LongVector INTEGER = all(0x4330000000000000L);

  private static final DoubleVector INTEGER_BIAS = all(0x1p52 + 1023);

  private Lanes() {}

  /** Replaces each x by e^x, within 2 units in the last place. */
  static void exp(double[] values) {
    for (int at = 0; at < values.length; at += WIDTH) {
      DoubleVector given = fromArray(D, values, at);
      DoubleVector above =
          LEAST_EXPONENT.blend(given, given.compare(VectorOperators.GT, LEAST_EXPONENT));
      DoubleVector x = MOST_EXPONENT.blend(above, above.compare(VectorOperators.LT, MOST_EXPONENT));
      DoubleVector shifted = x.fma(LOG2_E, ROUND);
      DoubleVector k = shifted.sub(ROUND);
      DoubleVector r = k.fma(MINUS_LN2_LOW, k.fma(MINUS_LN2_HIGH, x));
      DoubleVector p = E12;
      p = p.fma(r, E11);
      p = p.fma(r, E10);
      p = p.fma(r, E9);
      p = p.fma(r, E8);
      p = p.fma(r, E7);
      p = p.fma(r, E6);
      p = p.fma(r, E5);
      p = p.fma(r, E4);
      p = p.fma(r, E3);
      p = p.fma(r, HALF);
      p = p.fma(r, ONE);
      p = p.fma(r, ONE);
      LongVector exponent = shifted.reinterpretAsLongs().lanewise(VectorOperators.LSHL, 52);
      p.reinterpretAsLongs().add(exponent).reinterpretAsDoubles().intoArray(values, at);
    }
  }

  /** ln x of positive normal numbers, within 1 unit in the last place; 0 at 1. */
  static void log(double[] values, double[] logs) {
    for (int at = 0; at < values.length; at += WIDTH) {
      LongVector bits = fromArray(D, values, at).reinterpretAsLongs().add(CENTRE);
      DoubleVector k =
          bits.lanewise(VectorOperators.LSHR, 52)
              .or(INTEGER)
              .reinterpretAsDoubles()
              .sub(INTEGER_BIAS);
      DoubleVector f = bits.and(MANTISSA).add(LEAST_MANTISSA).reinterpretAsDoubles().sub(ONE);
      DoubleVector s = f.div(f.add(TWO));
      DoubleVector z = s.mul(s);
      DoubleVector r = L7;
      r = r.fma(z, L6);
      r = r.fma(z, L5);
      r = r.fma(z, L4);
      r = r.fma(z, L3);
      r = r.fma(z, L2);
      r = r.fma(z, L1);
      DoubleVector half = f.mul(f).mul(HALF);
      DoubleVector low = s.mul(r.fma(z, half)).add(k.mul(LN2_LOW));
      k.mul(LN2_HIGH).sub(half.sub(low).sub(f)).intoArray(logs, at);
    }
  }

  private static DoubleVector all(double value) {
    return DoubleVector.broadcast(D, value);
  }

  private static LongVector all(long value) {
    return (LongVector) D.withLanes(long.class).broadcast(value);
  }
}
