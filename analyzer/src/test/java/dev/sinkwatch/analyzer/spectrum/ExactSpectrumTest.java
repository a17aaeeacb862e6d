package dev.sinkwatch.analyzer.spectrum;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExactSpectrumTest {

  /** Whatever the sums are: a mixer, one that leaks, one without any order. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 8, 17, 33, 64})
  void isThatOfTheMatrixAndOfItsCentredOne(int n) {
    Random random = new Random(n);
    for (double leak : new double[] {0, 1e-9, 1e-3, 1}) {
      for (double size : new double[] {1e-200, 1, 1e200}) {
        double[] p = new double[n * n];
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < n; j++) { // cyclic shifts by one and by three, and the mean
            double shifts = (j == (i + 1) % n ? 0.3 : 0) + (j == (i + 3) % n ? 0.2 : 0);
            p[i * n + j] = size * (shifts + 0.5 / n + leak * random.nextGaussian());
          }
        }
        ExactSpectrum found = ExactSpectrum.of(p, n);
        double[] sigma = Jacobi.singularValues(p, n, n);
        double gain = Jacobi.singularValues(centred(p, n), n, n)[0];
        double rounding = 1e-14 * sigma[0];
        assertThat(Math.abs(found.sigma1() - sigma[0])).isLessThanOrEqualTo(rounding);
        assertThat(Math.abs(found.sigma2() - sigma[1])).isLessThanOrEqualTo(rounding);
        assertThat(Math.abs(found.gain() - gain)).isLessThanOrEqualTo(rounding);
      }
    }
  }

  @Test
  void ofTheUniformMatrixNothingIsLeftBesideTheMean() {
    double[] p = new double[64 * 64];
    Arrays.fill(p, 1.0 / 64);
    ExactSpectrum found = ExactSpectrum.of(p, 64);
    assertThat(found.sigma1()).isBetween(1 - 1e-14, 1 + 1e-14);
    assertThat(found.sigma2()).isLessThan(1e-15);
    assertThat(found.gain()).isLessThan(1e-15);
    assertThat(ExactSpectrum.of(new double[9], 3)).isEqualTo(new ExactSpectrum(0, 0, 0));
  }

  private static double[] centred(double[] p, int n) {
    double[] centred = p.clone();
    for (int i = 0; i < n; i++) {
      double mean = 0;
      for (int j = 0; j < n; j++) {
        mean += centred[i * n + j] / n;
      }
      for (int j = 0; j < n; j++) {
        centred[i * n + j] -= mean;
      }
    }
    for (int j = 0; j < n; j++) {
      double mean = 0;
      for (int i = 0; i < n; i++) {
        mean += centred[i * n + j] / n;
      }
      for (int i = 0; i < n; i++) {
        centred[i * n + j] -= mean;
      }
    }
    return centred;
  }
}
