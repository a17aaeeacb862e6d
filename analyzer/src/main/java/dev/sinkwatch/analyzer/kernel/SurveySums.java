package dev.sinkwatch.analyzer.kernel;

import org.jspecify.annotations.Nullable;

/** What some rows of a matrix add to its {@link Survey}. For one thread. */
final class SurveySums {
  final double @Nullable [] rowSums;
  final double[] columnSums;
  final SumOfSquares squares = new SumOfSquares();
  final boolean mixing;
  long nonFinite;
  boolean negative;
  double fromShift;
  double fromIdentity;
  double entropy;

  /** Of the four rows at hand: their sums, then their sums of squares. */
  final double[] four = new double[8];

  /** Of the row at hand ({@link Kernel#distances}). */
  final double[] figures = new double[4];

  /**
   * @param rowSums receives the sums of rows at their index
   * @param mixing whether the matrix is an operator
   */
  SurveySums(double @Nullable [] rowSums, int columns, boolean mixing) {
    this(rowSums, new double[columns], mixing);
  }

  /**
   * @param columnSums to which those of columns are added
   */
  SurveySums(double @Nullable [] rowSums, double[] columnSums, boolean mixing) {
    this.rowSums = rowSums;
    this.columnSums = columnSums;
    this.mixing = mixing;
  }

  /**
   * The survey of the whole, added up in the order of parts.
   *
   * @param shift c, what squared distances were measured from
   */
  static Survey merged(SurveySums[] parts, double @Nullable [] rowSums, double shift) {
    double[] columnSums = new double[parts[0].columnSums.length];
    for (SurveySums part : parts) {
      for (int j = 0; j < columnSums.length; j++) {
        columnSums[j] += part.columnSums[j];
      }
    }
    return merged(parts, columnSums, rowSums, shift);
  }

  /** The same with the sums of columns from elsewhere. */
  static Survey merged(
      SurveySums[] parts, double[] columnSums, double @Nullable [] rowSums, double shift) {
    SumOfSquares squares = new SumOfSquares();
    long nonFinite = 0;
    boolean negative = false;
    double fromShift = 0;
    double fromIdentity = 0;
    double entropy = 0;
    for (SurveySums part : parts) {
      squares.add(part.squares);
      nonFinite += part.nonFinite;
      negative |= part.negative;
      fromShift += part.fromShift;
      fromIdentity += part.fromIdentity;
      entropy += part.entropy;
    }
    Survey.Mixing mixing =
        parts[0].mixing
            ? new Survey.Mixing(
                negative,
                fromShift,
                fromBarycenter(fromShift, columnSums, shift),
                fromIdentity,
                entropy)
            : null;
    return new Survey(nonFinite, squares.norm(), rowSums, columnSums, mixing);
  }

  /** Moves the place that squared distances are measured from, from c to 1/n. */
  private static double fromBarycenter(double fromShift, double[] columnSums, double shift) {
    double n = columnSums.length;
    double total = 0;
    for (double sum : columnSums) {
      total += sum;
    }
    double moved = shift - 1 / n;
    return Math.max(0, fromShift + 2 * moved * (total - shift * n * n) + n * n * moved * moved);
  }
}
