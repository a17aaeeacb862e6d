package dev.sinkwatch.analyzer.spectrum;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bounds that follow from norms, against the singular values of small matrices. */
class OperatorNormsTest {

  /** Any matrix, leaks small and large, also without a mean. */
  @Test
  void sigma2IsNotAboveWhatGainAndLeaksLeave() {
    Random random = new Random(1);
    for (int draw = 0; draw < 20_000; draw++) {
      int n = 2 + random.nextInt(5);
      Parts parts = new Parts(n, random);
      double sigma2 = Jacobi.singularValues(parts.p, n, n)[1];
      double upper = parts.norms.sigma2Upper(parts.gain);
      assertThat(upper).as("%d", draw).isGreaterThanOrEqualTo(sigma2 * (1 - 1e-12));
      assertThat(upper)
          .isLessThanOrEqualTo(
              Math.hypot(parts.gain, Math.min(parts.norms.leakToDetail(), parts.norms.leakToMean()))
                  * (1 + 1e-12));
    }
  }

  @Test
  void leaksAsLargeAsAGainCountByTheirProduct() {
    OperatorNorms norms = new OperatorNorms(1, 1, 1, 10, 1, 1e-8, 1e-8);
    assertThat(norms.sigma2Upper(2e-8)).isBetween(2e-8, 2e-8 * (1 + 1e-7));
  }

  @Test
  void whereNothingIsNothingIsBounded() {
    OperatorNorms norms = new OperatorNorms(0, 0, 0, 10, 0, 0, 0);
    assertThat(norms.sigma2Upper(0)).isZero();
  }

  /** m J + a 1' + 1 b' + D with a, b, and D orthogonal to the mean, each of its own size. */
  private static final class Parts {
    final double[] p;
    final double gain;
    final OperatorNorms norms;

    Parts(int n, Random random) {
      double mean = random.nextInt(4) == 0 ? 0 : random.nextGaussian();
      double[] a = detail(n, Math.exp(-6 * random.nextDouble()), random);
      double[] b = detail(n, Math.exp(-6 * random.nextDouble()), random);
      double size = Math.exp(-6 * random.nextDouble());
      double[] d = new double[n * n];
      for (int i = 0; i < n * n; i++) {
        d[i] = size * random.nextGaussian();
      }
      centre(d, n);
      double root = Math.sqrt(n);
      p = new double[n * n];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          p[i * n + j] = mean / n + (a[i] + b[j]) / root + d[i * n + j];
        }
      }
      gain = Jacobi.singularValues(d, n, n)[0];
      norms = new OperatorNorms(1, 1, 1, n, mean, length(a), length(b));
    }

    private static double[] detail(int n, double size, Random random) {
      double[] x = new double[n];
      double mean = 0;
      for (int i = 0; i < n; i++) {
        x[i] = size * random.nextGaussian();
        mean += x[i] / n;
      }
      for (int i = 0; i < n; i++) {
        x[i] -= mean;
      }
      return x;
    }

    private static void centre(double[] d, int n) {
      for (int side = 0; side < 2; side++) {
        for (int i = 0; i < n; i++) {
          double mean = 0;
          for (int j = 0; j < n; j++) {
            mean += d[side == 0 ? i * n + j : j * n + i] / n;
          }
          for (int j = 0; j < n; j++) {
            d[side == 0 ? i * n + j : j * n + i] -= mean;
          }
        }
      }
    }

    private static double length(double[] x) {
      double squares = 0;
      for (double value : x) {
        squares += value * value;
      }
      return Math.sqrt(squares);
    }
  }
}
