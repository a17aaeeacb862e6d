package dev.sinkwatch.analyzer.spectrum;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JacobiTest {

  /** Values that fall off slowly and fast, as another algorithm has them. */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "3, 5", "7, 4", "8, 8", "16, 16", "33, 33", "64, 64", "200, 30"})
  void findsTheValuesThatBidiagonalisationFinds(int rows, int columns) {
    Random random = new Random(31L * rows + columns);
    int n = Math.min(rows, columns);
    for (double decay : new double[] {1, 0.9, 0.3}) { // to 1e-33: the smallest drown in rounding
      double[] sigma = new double[n];
      for (int i = 0; i < n; i++) {
        sigma[i] = Math.pow(decay, i);
      }
      double[] a = made(sigma, rows, columns, random);
      double[] found = Jacobi.singularValues(a, rows, columns);
      double[] others =
          SingularOps_DDRM.singularValues(new DMatrixRMaj(rows, columns, true, a.clone()));
      assertThat(found).hasSize(n);
      for (int i = 0; i < n; i++) {
        assertThat(Math.abs(found[i] - others[i])).as("value %d", i).isLessThan(2e-14);
      }
    }
  }

  private static double[] made(double[] sigma, int rows, int columns, Random random) {
    int n = sigma.length;
    DMatrixRMaj u = RandomMatrices_DDRM.orthogonal(rows, n, random);
    DMatrixRMaj v = RandomMatrices_DDRM.orthogonal(columns, n, random);
    double[] a = new double[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        for (int k = 0; k < n; k++) {
          a[i * columns + j] += u.get(i, k) * sigma[k] * v.get(j, k);
        }
      }
    }
    return a;
  }

  /** Columns of very different lengths: each value keeps its digits (Demmel and Veselic 1992). */
  @Test
  void smallColumnsKeepTheirDigits() {
    int n = 12;
    Random random = new Random(3);
    double[] a = new double[n * n];
    for (int j = 0; j < n; j++) {
      a[j * n + j] = Math.pow(1e-12, j % 3); // pairs that differ by no rotation
      a[(j + 1) % n * n + j] = 1e-30 * random.nextDouble();
    }
    double[] found = Jacobi.singularValues(a, n, n);
    double[] expected = new double[n];
    for (int j = 0; j < n; j++) {
      expected[n - 1 - j] = Math.pow(1e-12, j % 3);
    }
    Arrays.sort(expected);
    for (int j = 0; j < n; j++) {
      assertThat(found[j] / expected[n - 1 - j]).isBetween(1 - 1e-5, 1 + 1e-5);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-300, 1e-160, 1, 1e160, 1e300})
  void neitherOverflowsNorVanishes(double size) {
    double[] a = {3 * size, 4 * size, 4 * size, -3 * size}; // 5 times a reflection
    for (double sigma : Jacobi.singularValues(a, 2, 2)) {
      assertThat(sigma / size).isBetween(5 - 1e-14, 5 + 1e-14);
    }
  }

  @Test
  void zerosAndEqualColumnsHaveNoSmallerOnes() {
    assertThat(Jacobi.singularValues(new double[12], 3, 4)).containsOnly(0);
    double[] uniform = new double[64 * 64];
    Arrays.fill(uniform, 1.0 / 64);
    double[] sigma = Jacobi.singularValues(uniform, 64, 64);
    assertThat(sigma[0]).isBetween(1 - 1e-14, 1 + 1e-14);
    assertThat(sigma[1]).isLessThan(1e-15);
  }
}
