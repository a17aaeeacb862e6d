package dev.sinkwatch.analyzer.kernel;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The sum of vectors of doubles, to the last bit the same in whatever order they come. Each entry
 * is a number with digits of 32 bits in a {@code long} each, to which the digits of what comes are
 * added: integers, whose order is no matter. What lies below the last digit is cut off; digits go
 * up with the largest magnitude that was seen in any entry, and those that fall off below would not
 * have been taken had that come first. At least 32 bits fewer than all digits count, relative to
 * that magnitude; up to 2^30 vectors. For one thread.
 *
 * <p>Sums of binned digits as in Demmel and Nguyen, "Parallel reproducible summation", IEEE Trans.
 * Comput. 64, 2015.
 */
final class OrderFreeSums {
  private static final int BITS = 32;
  private static final long MASK = 0xffff_ffffL;

  /** Place of a last digit whose unit and its inverse are both normal doubles. */
  private static final int LOWEST = -31;

  private final long[][] digits;
  private int top = Integer.MIN_VALUE;

  /** Sums of what is infinite or undefined; null while nothing was. */
  private double @Nullable [] beyond;

  /**
   * @param count digits of each entry
   */
  OrderFreeSums(int length, int count) {
    digits = new long[count][length];
  }

  /** Bytes that it takes. */
  static long bytes(long length, int count) {
    return Long.BYTES * length * count;
  }

  /**
   * Adds a vector.
   *
   * @param addends overwritten with anything
   */
  void add(double[] addends) {
    double most = most(addends);
    if (most == Double.POSITIVE_INFINITY) {
      takeOut(addends);
      most = most(addends);
    }
    if (most == 0) {
      return;
    }
    raise(Math.max(LOWEST + digits.length - 1, Math.floorDiv(Math.getExponent(most), BITS)));
    for (int k = 0; k < digits.length; k++) {
      long[] digit = digits[k];
      double unit = unit(k);
      double inverse = 1 / unit;
      for (int j = 0; j < addends.length; j++) {
        long whole = (long) (addends[j] * inverse); // towards zero, so that what is left is exact
        digit[j] += whole;
        addends[j] -= whole * unit;
      }
    }
  }

  /** The largest magnitude; infinite where an entry is not finite. */
  private static double most(double[] addends) {
    double most = 0;
    for (double addend : addends) {
      double magnitude = Math.abs(addend);
      most = magnitude <= Double.MAX_VALUE ? Math.max(most, magnitude) : Double.POSITIVE_INFINITY;
      if (most == Double.POSITIVE_INFINITY) {
        return most;
      }
    }
    return most;
  }

  private void takeOut(double[] addends) {
    if (beyond == null) {
      beyond = new double[addends.length];
    }
    for (int j = 0; j < addends.length; j++) {
      if (!Double.isFinite(addends[j])) {
        beyond[j] += addends[j];
        addends[j] = 0;
      }
    }
  }

  private void raise(int needed) {
    if (top == Integer.MIN_VALUE) {
      top = needed;
    }
    for (; top < needed; top++) {
      long[] last = digits[digits.length - 1];
      System.arraycopy(digits, 0, digits, 1, digits.length - 1);
      Arrays.fill(last, 0);
      digits[0] = last;
    }
  }

  private double unit(int k) {
    return Math.scalb(1.0, BITS * (top - k));
  }

  /** The sum. */
  double[] values() {
    double[] values = new double[digits[0].length];
    if (top == Integer.MIN_VALUE) {
      return beyond == null ? values : beyond.clone();
    }
    long[] low = new long[digits.length];
    for (int j = 0; j < values.length; j++) {
      long carry = 0;
      for (int k = digits.length - 1; k > 0; k--) {
        long digit = digits[k][j] + carry;
        carry = digit >> BITS;
        low[k] = digit & MASK;
      }
      double value = (digits[0][j] + carry) * unit(0);
      for (int k = 1; k < digits.length; k++) {
        value += low[k] * unit(k);
      }
      values[j] = beyond == null ? value : value + beyond[j];
    }
    return values;
  }
}
