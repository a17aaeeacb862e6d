package dev.sinkwatch.bench;

import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.sinkhorn.Marginals;
import dev.sinkwatch.analyzer.spectrum.CertifiedSpectrum;
import dev.sinkwatch.analyzer.spectrum.OperatorNorms;
import dev.sinkwatch.analyzer.spectrum.Spectrum;
import java.util.Map;
import java.util.Random;

/**
 * Plain loops where the analyzer has no kernel to call yet. They are measured like kernels, and
 * need not be fast.
 */
final class PlainKernels implements Kernels {
  private final Team team;

  PlainKernels(Team team) {
    this.team = team;
  }

  @Override
  public Work sums(RawMatrix a) {
    Parts parts = new Parts(a);
    return () -> {
      double[][] columnSums = new double[parts.count][];
      double[] squares = new double[parts.count];
      team.run(
          parts.count,
          part -> {
            double[] sums = new double[a.columns()];
            parts.rows(
                part,
                row -> {
                  for (int j = 0; j < sums.length; j++) {
                    sums[j] += row[j];
                    squares[part] += row[j] * row[j];
                  }
                });
            columnSums[part] = sums;
          });
      double total = 0;
      double square = 0;
      double first = 0;
      for (int part = 0; part < parts.count; part++) {
        square += squares[part];
        first += columnSums[part][0];
        for (double sum : columnSums[part]) {
          total += sum;
        }
      }
      return Map.of("total", total, "squares", square, "firstColumn", first);
    };
  }

  @Override
  public Work fused(RawMatrix a, float[] v, int k) {
    Parts parts = new Parts(a);
    return () -> {
      float[][] products = new float[parts.count][];
      team.run(
          parts.count,
          part -> {
            float[] z = new float[a.columns() * k];
            parts.rows(part, row -> addGram(row, v, k, z));
            products[part] = z;
          });
      double norm = 0;
      double corner = 0;
      for (int i = 0; i < a.columns() * k; i++) {
        double sum = 0;
        for (float[] z : products) {
          sum += z[i];
        }
        norm += sum * sum;
        corner = i == 0 ? sum : corner;
      }
      return Map.of("norm", Math.sqrt(norm), "corner", corner);
    };
  }

  @Override
  public Work first(RawMatrix a, float[] v, int k) {
    return fused(a, v, k);
  }

  private static void addGram(double[] row, float[] v, int k, float[] z) {
    float[] y = new float[k];
    for (int j = 0; j < row.length; j++) {
      for (int c = 0; c < k; c++) {
        y[c] += (float) row[j] * v[j * k + c];
      }
    }
    for (int j = 0; j < row.length; j++) {
      for (int c = 0; c < k; c++) {
        z[j * k + c] += (float) row[j] * y[c];
      }
    }
  }

  @Override
  public Work spectrum(RawMatrix p) {
    CertifiedSpectrum certified = new CertifiedSpectrum(1e-9, 0);
    Marginals marginals = new Marginals(p.columns());
    double[] row = new double[p.columns()];
    for (int i = 0; i < p.rows(); i++) {
      p.row(i, row);
      marginals.row(i, row);
    }
    OperatorNorms norms = marginals.norms();
    Random seeds = new Random(1);
    return () -> {
      Spectrum found = certified.ofOperator(p.asMatrix(), norms, new Random(seeds.nextLong()));
      return Map.of(
          "sigma2", found.sigma2(),
          "lower", found.sigma2Lower(),
          "upper", found.sigma2Upper(),
          "passes", (double) found.passes());
    };
  }

  @Override
  public Work sinkhorn(RawMatrix p, int iterations) {
    int n = p.columns();
    double[] values = new double[n * n];
    double[] row = new double[n];
    for (int i = 0; i < n; i++) {
      p.row(i, row);
      System.arraycopy(row, 0, values, i * n, n);
    }
    return () -> {
      double[] m = values.clone();
      double[] sums = new double[n];
      long start = System.nanoTime();
      for (int iteration = 0; iteration < iterations; iteration++) {
        java.util.Arrays.fill(sums, 0);
        for (int i = 0; i < n; i++) {
          double sum = 0;
          for (int j = i * n; j < i * n + n; j++) {
            sum += m[j];
          }
          for (int j = 0; j < n; j++) {
            m[i * n + j] /= sum;
            sums[j] += m[i * n + j];
          }
        }
        for (int at = 0; at < n * n; at += n) {
          for (int j = 0; j < n; j++) {
            m[at + j] /= sums[j];
          }
        }
      }
      double seconds = 1e-9 * (System.nanoTime() - start) / iterations;
      return Map.of(Work.SECONDS, seconds, "corner", m[0]);
    };
  }

  /** A matrix cut into blocks of whole rows. */
  private static final class Parts {
    private static final int ROWS = 256;

    private final RawMatrix a;
    private final int count;

    Parts(RawMatrix a) {
      this.a = a;
      this.count = (a.rows() + ROWS - 1) / ROWS;
    }

    void rows(int part, java.util.function.Consumer<double[]> visitor) {
      double[] row = new double[a.columns()];
      for (int i = part * ROWS; i < Math.min(a.rows(), (part + 1) * ROWS); i++) {
        a.row(i, row);
        visitor.accept(row);
      }
    }
  }
}
