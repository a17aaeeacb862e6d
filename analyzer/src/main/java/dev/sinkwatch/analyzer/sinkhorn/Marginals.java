package dev.sinkwatch.analyzer.sinkhorn;

import dev.sinkwatch.analyzer.kernel.Survey;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import java.util.Objects;

/**
 * Everything about an n x n operator P that follows from one look at each of its entries: sums of
 * rows and columns and what they leak, distances to the two traps, entropy. Rows come one by one;
 * memory is 2 n numbers. For one thread.
 */
public final class Marginals {

  /** Of a sum of squares, relative to it. */
  private static final double ROUNDING = 1e-12;

  private final int n;
  private final double[] rowSums;
  private final double[] columnSums;
  private double squares;
  private double fromBarycenter;
  private double fromIdentity;
  private double entropy;

  public Marginals(int n) {
    this.n = n;
    this.rowSums = new double[n];
    this.columnSums = new double[n];
  }

  /**
   * Takes row {@code i}.
   *
   * @param row its first n values
   */
  public void row(int i, double[] row) {
    double uniform = 1.0 / n;
    double sum = 0;
    double weight = 0;
    double weightLog = 0;
    // row by row: one sum over all n² would lose the digits that tell a nearly uniform matrix
    double square = 0;
    double barycenter = 0;
    double identity = 0;
    for (int j = 0; j < n; j++) {
      double p = row[j];
      sum += p;
      columnSums[j] += p;
      square += p * p;
      barycenter += (p - uniform) * (p - uniform);
      double d = i == j ? p - 1 : p;
      identity += d * d;
      double w = Math.abs(p);
      if (w > 0) {
        weight += w;
        weightLog += w * Math.log(w);
      }
    }
    rowSums[i] = sum;
    squares += square;
    fromBarycenter += barycenter;
    fromIdentity += identity;
    if (weight > 0) {
      entropy += Math.log(weight) - weightLog / weight;
    }
  }

  /** Of a large operator. */
  public static Marginals of(Survey survey) {
    double[] rowSums = Objects.requireNonNull(survey.rowSums());
    Survey.Mixing mixing = Objects.requireNonNull(survey.mixing());
    Marginals marginals = new Marginals(rowSums.length);
    System.arraycopy(rowSums, 0, marginals.rowSums, 0, rowSums.length);
    System.arraycopy(survey.columnSums(), 0, marginals.columnSums, 0, rowSums.length);
    marginals.squares = survey.frobenius() * survey.frobenius();
    marginals.fromBarycenter = mixing.fromBarycenter();
    marginals.fromIdentity = mixing.fromIdentity();
    marginals.entropy = mixing.entropy();
    return marginals;
  }

  /** All of a small operator's rows at once. */
  public static Marginals of(double[] p, int n) {
    Marginals marginals = new Marginals(n);
    double[] row = new double[n];
    for (int i = 0; i < n; i++) {
      System.arraycopy(p, i * n, row, 0, n);
      marginals.row(i, row);
    }
    return marginals;
  }

  /** ||P||_F squared. */
  public double squares() {
    return squares;
  }

  /** 1 - ||P||_F^2 / n, of a permutation 0 whatever its square was rounded to. */
  public static double permutationDistance(double squares, int n) {
    double distance = 1 - squares / n;
    return Math.abs(distance) < ROUNDING ? Math.max(0, distance) : distance;
  }

  private double meanGain() {
    double total = 0;
    for (double sum : rowSums) {
      total += sum;
    }
    return Math.abs(total) / n;
  }

  /** Adds the figures to a verdict's. */
  public void into(Figures.Builder figures) {
    SumFigures.of(rowSums, columnSums, figures)
        .set(Figure.LEAK_TO_DETAIL, deviation(rowSums))
        .set(Figure.LEAK_TO_MEAN, deviation(columnSums))
        .set(Figure.MEAN_GAIN, meanGain())
        .set(Figure.ENTROPY, entropy / n / Math.log(n))
        .set(Figure.BARYCENTER_DISTANCE, Math.sqrt(fromBarycenter / (n - 1)))
        .set(Figure.IDENTITY_DISTANCE, Math.sqrt(fromIdentity / n))
        .set(Figure.PERMUTATION_DISTANCE, permutationDistance(squares, n))
        .set(Figure.FROBENIUS, Math.sqrt(squares));
  }

  private static double deviation(double[] sums) {
    double mean = 0;
    for (double sum : sums) {
      mean += sum;
    }
    mean /= sums.length;
    double squares = 0;
    for (double sum : sums) {
      squares += (sum - mean) * (sum - mean);
    }
    return Math.sqrt(squares / sums.length);
  }
}
