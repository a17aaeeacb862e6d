package dev.sinkwatch.analyzer.verdict;

import java.util.Arrays;

/**
 * Values by their rank, found without sorting all: time grows with their number (Hoare's
 * Quickselect, Communications of the ACM 4, 1961). Where partitions go on being uneven the rest is
 * sorted, so that no input takes longer than a sort. Ranks are best asked for in ascending order,
 * as each search begins where the last one ended. For one thread.
 */
final class OrderStatistics {

  /** So few are sorted at once. */
  private static final int FEW = 32;

  private final double[] values;

  /** A rank that was asked for: its value is in its place, and none behind it is below. */
  private int settled;

  /**
   * @param values none of them NaN; taken over, and left in another order
   */
  OrderStatistics(double[] values) {
    this.values = values;
  }

  /** The value that {@code rank} others would precede if they were sorted. */
  double at(int rank) {
    int from = rank >= settled ? settled : 0;
    int to = values.length;
    settled = rank;
    int uneven = 0;
    int most = 2 * (32 - Integer.numberOfLeadingZeros(values.length));
    while (to - from > FEW && uneven < most) {
      double pivot = median(values[from], values[(from + to) >>> 1], values[to - 1]);
      int low = from;
      int high = to - 1;
      while (low <= high) {
        while (values[low] < pivot) {
          low++;
        }
        while (values[high] > pivot) {
          high--;
        }
        if (low <= high) {
          double swapped = values[low];
          values[low++] = values[high];
          values[high--] = swapped;
        }
      }
      // up to high none exceeds the pivot, from low on none is below it, between them all are it
      int before = to - from;
      if (rank <= high) {
        to = high + 1;
      } else if (rank >= low) {
        from = low;
      } else {
        return pivot;
      }
      uneven += to - from > before / 2 ? 1 : 0;
    }
    Arrays.sort(values, from, to);
    return values[rank];
  }

  private static double median(double a, double b, double c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }
}
