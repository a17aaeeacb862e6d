package dev.sinkwatch.analyzer.mixer;

import dev.sinkwatch.analyzer.sinkhorn.Marginals;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.analyzer.spectrum.Jacobi;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;

/** One operator after the other, in the plain way. */
final class PlainReading {
  private static final int MAX_ITERATIONS = 1000;
  private static final double NOISE = 1e-11;
  private static final double SETTLED = 1e-6;

  private PlainReading() {}

  static Figures.Builder ofOperator(double[] p, int n) {
    Figures.Builder figures = new Figures.Builder();
    Marginals marginals = Marginals.of(p, n);
    marginals.into(figures);
    double[] sigma = Jacobi.singularValues(p, n, n);
    double gain = Jacobi.singularValues(centred(p, n), n, n)[0];
    return figures
        .set(Figure.DETAIL_GAIN, gain)
        .set(Figure.DETAIL_GAIN_LOWER, gain)
        .set(Figure.DETAIL_GAIN_UPPER, gain)
        .set(Figure.SIGMA1, sigma[0])
        .set(Figure.SIGMA2, sigma[1])
        .set(Figure.SIGMA2_LOWER, sigma[1])
        .set(Figure.SIGMA2_UPPER, sigma[1])
        .set(Figure.STABLE_RANK, sigma[0] > 0 ? marginals.squares() / (sigma[0] * sigma[0]) : 0);
  }

  /** P as the model applies it. */
  static double[] operator(Mixers.Recipe recipe, double[] logits, int n) {
    double[] p = recipe.projection().apply(logits, n);
    double[] applied = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double value = recipe.transpose() ? p[j * n + i] : p[i * n + j];
        applied[i * n + j] = recipe.share() * value + (i == j ? 1 - recipe.share() : 0);
      }
    }
    return applied;
  }

  /**
   * The contraction rate: of the sums of the side that an iteration leaves inexact, the ratio of
   * their last two movements that are no rounding.
   */
  static double contractionRate(Projection projection, double[] logits, int n, double last) {
    int most = (int) Math.min(MAX_ITERATIONS, Math.max(projection.iterations(), last));
    boolean rowsLast = projection.method() == Projection.Method.COLUMNS_FIRST;
    double[] before = new double[0];
    double moved = Double.NaN;
    double rate = Double.NaN;
    for (int t = 1; t <= most; t++) {
      Projection part =
          new Projection(projection.method(), t, projection.temperature(), projection.epsilon());
      double[] sums = sums(part.apply(logits, n), n, rowsLast);
      double movement = Double.NaN;
      if (t > 1) {
        double square = 0;
        for (int i = 0; i < n; i++) {
          square += (sums[i] - before[i]) * (sums[i] - before[i]);
        }
        movement = Math.sqrt(square);
      }
      if (movement <= NOISE) {
        break;
      }
      if (movement > NOISE && moved > NOISE) {
        double ratio = movement / moved;
        boolean settled = Math.abs(ratio - rate) <= SETTLED * ratio;
        rate = ratio;
        if (settled) {
          break;
        }
      }
      moved = movement;
      before = sums;
    }
    return rate;
  }

  private static double[] sums(double[] p, int n, boolean columns) {
    double[] sums = new double[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        sums[i] += columns ? p[j * n + i] : p[i * n + j];
      }
    }
    return sums;
  }

  private static double[] centred(double[] p, int n) {
    double[] centred = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double row = 0;
        double column = 0;
        double all = 0;
        for (int k = 0; k < n; k++) {
          row += p[i * n + k] / n;
          column += p[k * n + j] / n;
          for (int l = 0; l < n; l++) {
            all += p[k * n + l] / n / n;
          }
        }
        centred[i * n + j] = p[i * n + j] - row - column + all;
      }
    }
    return centred;
  }
}
