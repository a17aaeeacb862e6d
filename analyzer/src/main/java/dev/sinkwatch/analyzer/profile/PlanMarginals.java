package dev.sinkwatch.analyzer.profile;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The row and column sums that a transport plan is meant to have. */
public enum PlanMarginals {
  /** 1/m for each of m rows, 1/n for each of n columns. */
  UNIFORM,
  /**
   * The last row and the last column take what is matched with nothing: they weigh as much as all
   * others of the other side together, and all weigh 1 together.
   */
  DUSTBIN,
  /** The same, times the number of all others: a row that is no dustbin sums to 1. */
  DUSTBIN_COUNTS;

  /** As profiles write it. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The one that profiles write so. */
  public static Optional<PlanMarginals> named(String wireName) {
    return Arrays.stream(values()).filter(some -> some.wireName().equals(wireName)).findFirst();
  }

  /** The sum that each of so many rows is meant to have, when there are so many columns. */
  public double[] rows(int rows, int columns) {
    return sums(rows, columns);
  }

  /** The sum that each of so many columns is meant to have, when there are so many rows. */
  public double[] columns(int rows, int columns) {
    return sums(columns, rows);
  }

  private double[] sums(int lines, int across) {
    double[] sums = new double[lines];
    if (this == UNIFORM) {
      Arrays.fill(sums, 1.0 / lines);
      return sums;
    }
    double one = this == DUSTBIN ? 1.0 / (lines - 1 + across - 1) : 1;
    Arrays.fill(sums, one);
    sums[lines - 1] = (across - 1) * one;
    return sums;
  }
}
