package dev.sinkwatch.analyzer.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Exponential and logarithm of all lanes at once, within 2 units in the last place. Not the JDK's,
 * whose bits differ between interpreted and compiled code: same input, same bits. Stateless.
 *
 * <p>The logarithm as in Tang, "Table-driven implementation of the logarithm function", ACM Trans.
 * Math. Softw. 16, 1990, without the table: ln m = 2 artanh((m-1)/(m+1)); coefficients of the
 * minimax polynomial from fdlibm's e_log.c. The exponential by Cody and Waite's reduction and
 * Taylor's series, whose next term is below 2^-57.
 */
public final class VectorMath {
  private static final double LN2_HIGH = 0.6931471803691238;
  private static final double LN2_LOW = 1.9082149292705877e-10;
  private static final double LOG2_E = 1.4426950408889634;

  /** Added to a double below 2^51 it leaves the nearest integer in the lowest bits. */
  private static final double ROUND = 0x1.8p52;

  private static final long ROUND_BITS = Double.doubleToRawLongBits(ROUND);
  private static final long ONE = 0x3ff0000000000000L;

  /** Bits of about sqrt(1/2). */
  private static final long ROOT_HALF = 0x3fe6a09e00000000L;

  /** What moves mantissas above sqrt(2) to the next exponent. */
  private static final long ABOVE_ROOT_2 = ONE - ROOT_HALF;

  private static final double[] TAYLOR = new double[14];

  static {
    TAYLOR[0] = 1;
    for (int i = 1; i < TAYLOR.length; i++) {
      TAYLOR[i] = TAYLOR[i - 1] / i;
    }
  }

  private VectorMath() {}

  /** ln x for normal positive finite x. */
  public static DoubleVector log(DoubleVector x) {
    LongVector shifted = x.reinterpretAsLongs().add(ABOVE_ROOT_2);
    // the exponent, as a double: its bits below those of 2^52, then less 2^52 and the bias
    DoubleVector k =
        shifted
            .lanewise(VectorOperators.LSHR, 52)
            .or(0x4330000000000000L)
            .reinterpretAsDoubles()
            .sub(0x1p52 + 1023);
    DoubleVector m = shifted.and(0x000fffffffffffffL).add(ROOT_HALF).reinterpretAsDoubles();
    DoubleVector f = m.sub(1);
    DoubleVector s = f.div(f.add(2));
    DoubleVector z = s.mul(s);
    DoubleVector r = z.mul(0.14798198605116586).add(0.15313837699209373);
    r = fma(r, z, 0.1818357216161805);
    r = fma(r, z, 0.22222198432149784);
    r = fma(r, z, 0.2857142874366239);
    r = fma(r, z, 0.3999999999940942);
    r = fma(r, z, 0.6666666666666735);
    r = r.mul(z);
    DoubleVector half = f.mul(f).mul(0.5);
    DoubleVector low = s.mul(half.add(r)).add(k.mul(LN2_LOW));
    return k.mul(LN2_HIGH).sub(half.sub(low).sub(f));
  }

  /** e^x for any x but NaN; 0 below the subnormal numbers. */
  public static DoubleVector exp(DoubleVector x) {
    DoubleVector y = x.max(-746).min(710);
    DoubleVector rounded = y.mul(LOG2_E).add(ROUND);
    DoubleVector k = rounded.sub(ROUND);
    DoubleVector r = k.neg().fma(k.broadcast(LN2_HIGH), y);
    r = k.neg().fma(k.broadcast(LN2_LOW), r);
    DoubleVector p = r.broadcast(TAYLOR[13]);
    p = fma(p, r, TAYLOR[12]);
    p = fma(p, r, TAYLOR[11]);
    p = fma(p, r, TAYLOR[10]);
    p = fma(p, r, TAYLOR[9]);
    p = fma(p, r, TAYLOR[8]);
    p = fma(p, r, TAYLOR[7]);
    p = fma(p, r, TAYLOR[6]);
    p = fma(p, r, TAYLOR[5]);
    p = fma(p, r, TAYLOR[4]);
    p = fma(p, r, TAYLOR[3]);
    p = fma(p, r, TAYLOR[2]);
    p = fma(p, r, 1);
    p = fma(p, r, 1);
    // 2^k in two factors, since 2^k itself may be subnormal or infinite where e^x is not
    LongVector exponent = rounded.reinterpretAsLongs().sub(ROUND_BITS);
    LongVector first = exponent.lanewise(VectorOperators.ASHR, 1);
    return p.mul(power(first)).mul(power(exponent.sub(first)));
  }

  private static DoubleVector power(LongVector exponent) {
    return exponent.add(1023).lanewise(VectorOperators.LSHL, 52).reinterpretAsDoubles();
  }

  private static DoubleVector fma(DoubleVector a, DoubleVector b, double c) {
    return a.fma(b, a.broadcast(c));
  }
}
