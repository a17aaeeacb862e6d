package dev.sinkwatch.analyzer.verdict;

import java.util.Arrays;

/**
 * Values by their rank, found without sorting all: they are counted in buckets, and only the bucket
 * that holds the rank is looked into, in the same way. A bucket is a range of the numbers' bits, in
 * which neighbouring numbers are neighbours, so that values which crowd near zero are told apart as
 * well as others; each look leaves a thousandth of the range, so that none takes more than seven.
 * Neighbouring ranks are cheap one after the other. For one thread.
 */
final class OrderStatistics {

  /** So few are sorted at once. */
  private static final int FEW = 64;

  private static final int BUCKET_BITS = 10;

  private final double[] values;
  private final boolean sorted;
  private final long least;
  private final int shift;
  private int[] counts = {};

  /** The bucket that was looked into last, how many values are below it, and its own. */
  private int opened = -1;

  private int below;
  private OrderStatistics within = this;

  /**
   * @param values one or more, none of them NaN; left as they are
   * @param least of them
   * @param most of them
   */
  OrderStatistics(double[] values, double least, double most) {
    this(values, place(least), place(most));
  }

  private OrderStatistics(double[] values, long least, long most) {
    this.sorted = values.length <= FEW;
    this.values = sorted ? values.clone() : values;
    this.least = least;
    this.shift = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(most - least) - BUCKET_BITS);
    if (sorted) {
      Arrays.sort(this.values);
    }
  }

  /** The value that {@code rank} others would precede if they were sorted. */
  double at(int rank) {
    if (sorted) {
      return values[rank];
    }
    if (counts.length == 0) {
      counts = count();
    }
    int bucket = 0;
    int before = 0;
    while (rank >= before + counts[bucket]) {
      before += counts[bucket++];
    }
    if (shift == 0) { // all of a bucket are the same number
      return number(least + bucket);
    }
    if (bucket != opened) {
      within = open(bucket);
      opened = bucket;
      below = before;
    }
    return within.at(rank - below);
  }

  private int[] count() {
    int[] found = new int[1 << BUCKET_BITS];
    for (double value : values) {
      found[bucket(value)]++;
    }
    return found;
  }

  private OrderStatistics open(int bucket) {
    double[] held = new double[counts[bucket]];
    int filled = 0;
    for (double value : values) {
      if (bucket(value) == bucket) {
        held[filled++] = value;
      }
    }
    long first = least + ((long) bucket << shift);
    return new OrderStatistics(held, first, first + (1L << shift) - 1);
  }

  private int bucket(double value) {
    return (int) ((place(value) - least) >>> shift);
  }

  /** Where a number is among all, as an integer: of two that differ the larger has the larger. */
  private static long place(double value) {
    long bits = Double.doubleToRawLongBits(value);
    return bits ^ ((bits >> 63) & Long.MAX_VALUE);
  }

  private static double number(long place) {
    return Double.longBitsToDouble(place ^ ((place >> 63) & Long.MAX_VALUE));
  }
}
