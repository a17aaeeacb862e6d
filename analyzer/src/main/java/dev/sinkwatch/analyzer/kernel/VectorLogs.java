package dev.sinkwatch.analyzer.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * What one row of an operator tells beside its sums, with vectors. The logarithms are written out:
 * the compiler does not inline methods any more in a body that has as many vectors as these, and a
 * vector that crosses the border of a method becomes an object. They are not the JDK's, whose bits
 * differ between interpreted and compiled code.
 *
 * <p>Floats become doubles late, since twice as many fit a vector: w = 2^k m, m between 0.7046 and
 * 1.4092, in one of 32 intervals, each with a c near to 1/m: ln w = k ln 2 - ln c + ln(1 + r), r =
 * mc - 1. The first two are floats whose last digits are zeros, so that their sum is exact, and
 * floats with what those lack; c is a multiple of 1/64 and |r| below 0.0181, so that r is exact
 * (the intervals begin where that is true of all). The rest are terms so small that their rounding
 * is no matter: ln w errs by less than 5e-11 of itself, or for w around 1, where the rest of a row
 * makes up for it, of 4e-9 of itself.
 */
final class VectorLogs {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;
  private static final int L = F.length();
  private static final int DL = D.length();

  /** Tables have two vectors' values. */
  private static final int INTERVALS = 32;

  private static final double LN2 = 0.6931471805599453;

  /** Bits of about sqrt(1/2). */
  private static final long ROOT_HALF = 0x3fe6a09e00000000L;

  /** What moves mantissas above sqrt(2) to the next exponent. */
  private static final long ABOVE_ROOT_2 = 0x3ff0000000000000L - ROOT_HALF;

  /** Bits of about 0.7046, the least m. */
  private static final int FIRST = 0x3f346000;

  private static final int ABOVE_LAST = 0x3f800000 - FIRST;
  private static final int MANTISSA = 0x007fffff;

  /** Bits of a mantissa below those that tell the interval. */
  private static final int INTERVAL_SHIFT = 18;

  /** c is a multiple of its inverse. */
  private static final int C_STEPS = 64;

  /** A float of that many more than 2^23 has them in its last bits. */
  private static final int INTEGER_BITS = 0x4b000000;

  /** Digits behind the point of what is added without error: 2^7 times as much fits a float. */
  private static final double EXACT_DIGITS = 0x1p16;

  private static final float LN2_HIGH = (float) high(LN2);
  private static final float LN2_LOW = (float) (LN2 - LN2_HIGH);

  /** c, and the two parts of -ln c, as bits: of the first intervals, and of the others. */
  private static final IntVector FACTOR;

  private static final IntVector FACTOR_2;
  private static final IntVector LOG_HIGH;
  private static final IntVector LOG_HIGH_2;
  private static final IntVector LOG_LOW;
  private static final IntVector LOG_LOW_2;

  static {
    int length = Math.max(INTERVALS, 2 * L);
    int[] factor = new int[length];
    int[] high = new int[length];
    int[] low = new int[length];
    for (int i = 0; i < INTERVALS; i++) {
      double c = factor(i);
      double log = -Math.log(c);
      factor[i] = Float.floatToRawIntBits((float) c);
      high[i] = Float.floatToRawIntBits((float) high(log));
      low[i] = Float.floatToRawIntBits((float) (log - high(log)));
    }
    FACTOR = IntVector.fromArray(I, factor, 0);
    FACTOR_2 = IntVector.fromArray(I, factor, L);
    LOG_HIGH = IntVector.fromArray(I, high, 0);
    LOG_HIGH_2 = IntVector.fromArray(I, high, L);
    LOG_LOW = IntVector.fromArray(I, low, 0);
    LOG_LOW_2 = IntVector.fromArray(I, low, L);
  }

  private VectorLogs() {}

  private static double high(double x) {
    return Math.rint(x * EXACT_DIGITS) / EXACT_DIGITS;
  }

  /**
   * The c with the least |r| in an interval. Around 1 it is 1: small logarithms keep their digits.
   */
  private static double factor(int interval) {
    double from = Float.intBitsToFloat(FIRST + (interval << INTERVAL_SHIFT));
    double to = Float.intBitsToFloat(FIRST + ((interval + 1) << INTERVAL_SHIFT));
    double factor = 1;
    for (int steps = C_STEPS / 2; steps < 2 * C_STEPS; steps++) {
      double c = (double) steps / C_STEPS;
      factor = most(c, from, to) < most(factor, from, to) ? c : factor;
    }
    return factor;
  }

  private static double most(double c, double from, double to) {
    return Math.max(Math.abs(from * c - 1), Math.abs(to * c - 1));
  }

  /** {@link Kernel#weightLogs}. */
  static double weightLogs(float[] rows, int at, int columns) {
    if (2 * L < INTERVALS) {
      return widened(rows, at, columns);
    }
    DoubleVector even = DoubleVector.zero(D);
    DoubleVector odd = even;
    IntVector signs = IntVector.zero(I);
    int j = 0;
    for (; j <= columns - L; j += L) {
      FloatVector w = FloatVector.fromArray(F, rows, at + j);
      // of 0 something finite, which is multiplied by 0
      IntVector bits = w.reinterpretAsInts();
      signs = signs.or(bits);
      bits = bits.add(ABOVE_LAST);
      FloatVector k =
          bits.lanewise(VectorOperators.LSHR, 23)
              .or(INTEGER_BITS)
              .reinterpretAsFloats()
              .sub(0x1p23f + 127);
      FloatVector m = bits.and(MANTISSA).add(FIRST).reinterpretAsFloats();
      IntVector interval = bits.lanewise(VectorOperators.LSHR, INTERVAL_SHIFT).and(INTERVALS - 1);
      FloatVector factor = interval.selectFrom(FACTOR, FACTOR_2).reinterpretAsFloats();
      FloatVector logHigh = interval.selectFrom(LOG_HIGH, LOG_HIGH_2).reinterpretAsFloats();
      FloatVector logLow = interval.selectFrom(LOG_LOW, LOG_LOW_2).reinterpretAsFloats();
      FloatVector r = m.fma(factor, FloatVector.broadcast(F, -1));
      FloatVector high = k.fma(FloatVector.broadcast(F, LN2_HIGH), logHigh);
      FloatVector low = k.fma(FloatVector.broadcast(F, LN2_LOW), logLow);
      FloatVector q = r.fma(FloatVector.broadcast(F, 1f / 5), FloatVector.broadcast(F, -1f / 4));
      q = q.fma(r, FloatVector.broadcast(F, 1f / 3));
      q = q.fma(r, FloatVector.broadcast(F, -1f / 2));
      low = q.fma(r.mul(r), low);
      DoubleVector log =
          ((DoubleVector) high.convertShape(VectorOperators.F2D, D, 0))
              .add((DoubleVector) r.convertShape(VectorOperators.F2D, D, 0))
              .add((DoubleVector) low.convertShape(VectorOperators.F2D, D, 0));
      even = log.fma((DoubleVector) w.convertShape(VectorOperators.F2D, D, 0), even);
      log =
          ((DoubleVector) high.convertShape(VectorOperators.F2D, D, 1))
              .add((DoubleVector) r.convertShape(VectorOperators.F2D, D, 1))
              .add((DoubleVector) low.convertShape(VectorOperators.F2D, D, 1));
      odd = log.fma((DoubleVector) w.convertShape(VectorOperators.F2D, D, 1), odd);
    }
    if (signs.reduceLanes(VectorOperators.OR) < 0) {
      return widened(rows, at, columns); // perhaps only of zeros
    }
    double weightLogs = VectorSums.total(even.add(odd));
    for (; j < columns; j++) {
      double w = rows[at + j];
      if (!(w >= 0)) {
        return Double.NaN;
      }
      weightLogs += w > 0 ? w * Math.log(w) : 0;
    }
    return weightLogs;
  }

  private static double widened(float[] rows, int at, int columns) {
    double[] wide = new double[columns];
    for (int i = 0; i < columns; i++) {
      wide[i] = rows[at + i];
    }
    double[] figures = new double[4];
    distances(wide, 0, columns, 0, figures);
    return figures[3] == 0 ? figures[2] : Double.NaN;
  }

  /**
   * In double precision throughout: (ln(1 + f) - f + f²/2) / f³ is the polynomial of degree 12 that
   * interpolates it in Chebyshev's points between sqrt(1/2) - 1 and sqrt(2) - 1, to 3e-12 relative.
   */
  static void distances(double[] rows, int at, int columns, double shift, double[] figures) {
    DoubleVector fromShift = DoubleVector.zero(D);
    DoubleVector weights = fromShift;
    DoubleVector weightLogs = fromShift;
    LongVector signs = fromShift.reinterpretAsLongs();
    int j = 0;
    for (; j <= columns - DL; j += DL) {
      DoubleVector p = DoubleVector.fromArray(D, rows, at + j);
      signs = signs.or(p.reinterpretAsLongs());
      DoubleVector d = p.sub(shift);
      fromShift = d.fma(d, fromShift);
      DoubleVector w = p.abs();
      weights = weights.add(w);
      LongVector bits = w.add(Double.MIN_NORMAL).reinterpretAsLongs().add(ABOVE_ROOT_2);
      // the exponent, as a double: its bits below those of 2^52, then less 2^52 and the bias
      DoubleVector k =
          bits.lanewise(VectorOperators.LSHR, 52)
              .or(0x4330000000000000L)
              .reinterpretAsDoubles()
              .sub(0x1p52 + 1023);
      DoubleVector f = bits.and(0x000fffffffffffffL).add(ROOT_HALF).reinterpretAsDoubles().sub(1);
      DoubleVector square = f.mul(f);
      // even and odd powers apart: two chains of operations that do not wait for each other
      DoubleVector even = square.mul(0.04656787335526551).add(0.08515061713097119);
      even = even.fma(square, DoubleVector.broadcast(D, 0.08997896425960586));
      even = even.fma(square, DoubleVector.broadcast(D, 0.1111575377555746));
      even = even.fma(square, DoubleVector.broadcast(D, 0.14285609281900585));
      even = even.fma(square, DoubleVector.broadcast(D, 0.20000000886395197));
      even = even.fma(square, DoubleVector.broadcast(D, 0.3333333333208635));
      DoubleVector odd = square.mul(-0.08529893793879316).add(-0.082628510641373);
      odd = odd.fma(square, DoubleVector.broadcast(D, -0.0999801973816864));
      odd = odd.fma(square, DoubleVector.broadcast(D, -0.12500234709850014));
      odd = odd.fma(square, DoubleVector.broadcast(D, -0.16666661594879092));
      odd = odd.fma(square, DoubleVector.broadcast(D, -0.2500000002526203));
      DoubleVector low = odd.fma(f, even).mul(f).sub(0.5).mul(square);
      DoubleVector log = k.fma(DoubleVector.broadcast(D, LN2), f.add(low));
      weightLogs = log.fma(w, weightLogs);
    }
    figures[0] = VectorSums.total(fromShift);
    figures[1] = VectorSums.total(weights);
    figures[2] = VectorSums.total(weightLogs);
    boolean negative = signs.reduceLanes(VectorOperators.OR) < 0 && negative(rows, at, j);
    for (; j < columns; j++) {
      negative |= rest(rows[at + j], shift, figures);
    }
    figures[3] = negative ? 1 : 0;
  }

  /** Adds what one entry tells; returns whether it is negative. */
  private static boolean rest(double p, double shift, double[] figures) {
    figures[0] += (p - shift) * (p - shift);
    double w = Math.abs(p);
    figures[1] += w;
    figures[2] += w > 0 ? w * Math.log(w) : 0;
    return p < 0;
  }

  /** Looks closer, since -0 is not negative. */
  private static boolean negative(double[] rows, int at, int count) {
    for (int j = at; j < at + count; j++) {
      if (rows[j] < 0) {
        return true;
      }
    }
    return false;
  }
}
