package dev.sinkwatch.analyzer.spectrum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.kernel.Team;
import java.io.IOException;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MatrixSpectrumTest {

  @ParameterizedTest
  @ValueSource(ints = {3, 20, 120})
  void ordinaryMatricesOfAnyRankAndShape(int rank) throws IOException {
    for (int[] shape : new int[][] {{150, 100}, {100, 150}, {130, 130}}) {
      double[] a = lowRank(shape[0], shape[1], rank, new Random(6));
      double[] sigma = Jacobi.singularValues(a, shape[0], shape[1]);
      Spectrum spectrum =
          Objects.requireNonNull(
              new MatrixSpectrum(1e-9, Team.alone())
                  .judge(new Rows(a, shape[1]), Integer.MAX_VALUE, true, new Random(7))
                  .spectrum());
      assertThat(spectrum.sigma1()).isCloseTo(sigma[0], within(1e-3 * sigma[0]));
      assertThat(spectrum.sigma2()).isCloseTo(sigma[1], within(1e-3 * sigma[1]));
      assertThat(spectrum.sigma2Lower()).isLessThanOrEqualTo(sigma[1] * (1 + 1e-9));
      assertThat(spectrum.sigma2Upper()).isGreaterThanOrEqualTo(sigma[1] * (1 - 1e-9));
    }
  }

  private static double[] lowRank(int rows, int columns, int rank, Random random) {
    double[] left = gaussian(rows * rank, 1, random);
    double[] right = gaussian(rank * columns, 1, random);
    double[] a = new double[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int r = 0; r < rank; r++) {
        for (int j = 0; j < columns; j++) {
          a[i * columns + j] += left[i * rank + r] * right[r * columns + j];
        }
      }
    }
    return a;
  }

  private static double[] gaussian(int count, double deviation, Random random) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = deviation * random.nextGaussian();
    }
    return values;
  }
}
