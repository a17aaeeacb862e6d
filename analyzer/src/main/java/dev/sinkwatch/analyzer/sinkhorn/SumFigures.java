package dev.sinkwatch.analyzer.sinkhorn;

import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;

/** What the sums of rows and columns tell, each as a multiple of what it should be. */
public final class SumFigures {

  private SumFigures() {}

  /** Adds the residuals, the gains and their spread to a verdict's figures. */
  public static Figures.Builder of(double[] rows, double[] columns, Figures.Builder figures) {
    return figures
        .set(Figure.ROW_RESIDUAL, residual(rows))
        .set(Figure.COLUMN_RESIDUAL, residual(columns))
        .set(Figure.GAIN_FORWARD, largestMagnitude(rows))
        .set(Figure.GAIN_BACKWARD, largestMagnitude(columns))
        .set(Figure.GAIN_SPREAD, Math.max(spread(rows), spread(columns)));
  }

  private static double residual(double[] sums) {
    double worst = 0;
    for (double sum : sums) {
      worst = Math.max(worst, Math.abs(sum - 1));
    }
    return worst;
  }

  private static double largestMagnitude(double[] sums) {
    double largest = 0;
    for (double sum : sums) {
      largest = Math.max(largest, Math.abs(sum));
    }
    return largest;
  }

  /** Largest |ln |sum||; NaN if a sum is 0. */
  private static double spread(double[] sums) {
    double largest = 0;
    for (double sum : sums) {
      largest = Math.max(largest, sum == 0 ? Double.NaN : Math.abs(Math.log(Math.abs(sum))));
    }
    return largest;
  }
}
