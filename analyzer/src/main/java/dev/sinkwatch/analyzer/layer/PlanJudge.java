package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.sinkhorn.Marginals;
import dev.sinkwatch.analyzer.sinkhorn.SumFigures;
import dev.sinkwatch.analyzer.spectrum.Jacobi;
import dev.sinkwatch.analyzer.spectrum.MatrixSpectrum;
import dev.sinkwatch.analyzer.spectrum.OperatorSpectrum;
import dev.sinkwatch.analyzer.spectrum.Spectrum;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import java.io.IOException;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * The figures of one m x n transport plan with marginals a and b, by its operator A = diag(a)^-1/2
 * P diag(b)^-1/2: largest singular value 1, with vectors √a and √b, where the mass of the plan is
 * that of its marginals. These vectors, normalised, take the place of 1/√n: what is orthogonal to
 * them is detail. Sums are told as multiples of what they are meant to be. Stateless.
 */
final class PlanJudge {
  private final OperatorJudge operators;
  private final MatrixSpectrum matrices;

  PlanJudge(OperatorJudge operators, MatrixSpectrum matrices) {
    this.operators = operators;
    this.matrices = matrices;
  }

  /** Its figures and the passes that they cost. */
  record Judged(Figures figures, int passes) {}

  /** Makes A of P, in place, for each of a batch. */
  static void normalise(double[] values, double[] a, double[] b) {
    for (int at = 0, row = 0; at < values.length; at += b.length, row++) {
      for (int j = 0; j < b.length; j++) {
        values[at + j] /= Math.sqrt(a[row % a.length] * b[j]);
      }
    }
  }

  /**
   * Judges a plan.
   *
   * @param p the operator A, row-major; not changed
   * @param allowance what a search on a large one may cost
   */
  Judged judge(
      double[] p,
      double[] a,
      double[] b,
      OperatorSpectrum.Allowance allowance,
      RandomGenerator random)
      throws IOException {
    int m = a.length;
    int n = b.length;
    double[] u = direction(a);
    double[] v = direction(b);
    double[] av = new double[m];
    double[] au = new double[n];
    Sums sums = new Sums(p, a, b);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        av[i] += p[i * n + j] * v[j];
        au[j] += p[i * n + j] * u[i];
      }
    }
    double mean = 0;
    for (int i = 0; i < m; i++) {
      mean += u[i] * av[i];
    }
    Figures.Builder figures = sums.into(new Figures.Builder());
    double leakToDetail = orthogonal(av, u, mean);
    double leakToMean = orthogonal(au, v, mean);
    figures
        .set(Figure.LEAK_TO_DETAIL, leakToDetail)
        .set(Figure.LEAK_TO_MEAN, leakToMean)
        .set(Figure.MEAN_GAIN, Math.abs(mean));
    double[] detail = new double[m * n];
    double fromUniform = 0;
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        int e = i * n + j;
        detail[e] = p[e] - u[i] * au[j] - av[i] * v[j] + mean * u[i] * v[j];
        double d = p[e] - u[i] * v[j];
        fromUniform += d * d;
      }
    }
    int least = Math.min(m, n);
    figures.set(Figure.BARYCENTER_DISTANCE, Math.sqrt(fromUniform / (least - 1)));
    if (least <= OperatorJudge.EXACT_SIZE) {
      double[] sigma = singularValues(p, m, n);
      double gain = singularValues(detail, m, n)[0];
      return new Judged(
          spectrum(figures, sums, sigma[0], gain, gain, gain)
              .set(Figure.SIGMA2, sigma[1])
              .set(Figure.SIGMA2_LOWER, sigma[1])
              .set(Figure.SIGMA2_UPPER, sigma[1])
              .build(),
          1);
    }
    return large(figures, sums, p, detail, n, allowance, random);
  }

  /** Two searches, of A and of its detail, as of any matrix. */
  private Judged large(
      Figures.Builder figures,
      Sums sums,
      double[] p,
      double[] detail,
      int n,
      OperatorSpectrum.Allowance allowance,
      RandomGenerator random)
      throws IOException {
    MatrixSpectrum.Judged whole =
        matrices.judge(new ArrayMatrix(p, n), allowance.passes(), allowance.keep(), random);
    MatrixSpectrum.Judged rest =
        matrices.judge(new ArrayMatrix(detail, n), allowance.passes(), allowance.keep(), random);
    Spectrum all = Objects.requireNonNull(whole.spectrum()); // all of it is finite
    Spectrum kept = Objects.requireNonNull(rest.spectrum());
    spectrum(figures, sums, all.sigma1(), kept.sigma1(), kept.gainLower(), kept.gainUpper())
        .set(Figure.SIGMA2, all.sigma2())
        .set(Figure.SIGMA2_LOWER, all.sigma2Lower())
        .set(Figure.SIGMA2_UPPER, all.sigma2Upper());
    return new Judged(figures.build(), whole.passes() + rest.passes());
  }

  private Figures.Builder spectrum(
      Figures.Builder figures,
      Sums sums,
      double sigma1,
      double gain,
      double gainLower,
      double gainUpper) {
    return figures
        .set(Figure.DETAIL_GAIN, gain)
        .set(Figure.DETAIL_GAIN_LOWER, gainLower)
        .set(Figure.DETAIL_GAIN_UPPER, gainUpper)
        .set(Figure.SIGMA1, sigma1)
        .set(Figure.STABLE_RANK, sigma1 > 0 ? sums.squares() / (sigma1 * sigma1) : 0)
        .set(Figure.EFFECTIVE_DEPTH, operators.depth(gain));
  }

  /** √a as a unit vector. */
  private static double[] direction(double[] a) {
    double total = 0;
    for (double each : a) {
      total += each;
    }
    double[] direction = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      direction[i] = Math.sqrt(a[i] / total);
    }
    return direction;
  }

  /** The norm of what is left of a vector without its share of a unit vector. */
  private static double orthogonal(double[] vector, double[] unit, double share) {
    double squares = 0;
    for (int i = 0; i < vector.length; i++) {
      double d = vector[i] - share * unit[i];
      squares += d * d;
    }
    return Math.sqrt(squares);
  }

  private static double[] singularValues(double[] a, int m, int n) {
    if (n <= m) {
      return Jacobi.singularValues(a, m, n);
    }
    double[] transposed = new double[a.length];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        transposed[j * m + i] = a[i * n + j];
      }
    }
    return Jacobi.singularValues(transposed, n, m);
  }

  /** What the entries and the sums of P tell, P being A with its marginals taken back. */
  private static final class Sums {
    private final int m;
    private final int n;
    private final double[] rows;
    private final double[] columns;
    private double entropy;
    private double squares;

    Sums(double[] p, double[] a, double[] b) {
      m = a.length;
      n = b.length;
      rows = new double[m];
      columns = new double[n];
      for (int i = 0; i < m; i++) {
        double weight = 0;
        double weightLog = 0;
        for (int j = 0; j < n; j++) {
          double entry = p[i * n + j] * Math.sqrt(a[i] * b[j]);
          squares += p[i * n + j] * p[i * n + j];
          rows[i] += entry / a[i];
          columns[j] += entry / b[j];
          double w = Math.abs(entry);
          if (w > 0) {
            weight += w;
            weightLog += w * Math.log(w);
          }
        }
        entropy += weight > 0 ? Math.log(weight) - weightLog / weight : 0;
      }
    }

    double squares() {
      return squares;
    }

    Figures.Builder into(Figures.Builder figures) {
      return SumFigures.of(rows, columns, figures)
          .set(Figure.ENTROPY, entropy / m / Math.log(n))
          .set(Figure.PERMUTATION_DISTANCE, Marginals.permutationDistance(squares, Math.min(m, n)))
          .set(Figure.FROBENIUS, Math.sqrt(squares));
    }
  }
}
