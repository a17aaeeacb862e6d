package dev.sinkwatch.analyzer.spectrum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockTridiagonalTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "4",
        "1,1,1,1",
        "4,4,4",
        "8,8,8,8,8",
        "4,4,3,3,2,1,1",
        "8,5,5,2",
        "4,1,1,1,1,1"
      })
  void eigenvaluesAreThoseOfTheFullMatrix(String widths) {
    for (int seed = 0; seed < 10; seed++) {
      BlockTridiagonal t = random(widths(widths), new Random(seed), false);
      double[] exact = eigenvalues(t.dense());
      double norm = Math.max(Math.abs(exact[0]), Math.abs(exact[exact.length - 1]));
      assertThat(t.size()).isEqualTo(exact.length);
      for (int i = 0; i < exact.length && exact[i] > 1e-6 * norm; i++) {
        double tolerance = 1e-8 * norm;
        assertThat(t.eigenvalue(i, 0)).as("%d", i).isCloseTo(exact[i], within(tolerance));
        // whatever was known before, true or not
        for (double factor : new double[] {0.5, 0.99, 0.9999, 1 - 1e-12}) {
          assertThat(t.eigenvalue(i, factor * exact[i])).isCloseTo(exact[i], within(tolerance));
        }
        assertThat(t.eigenvalue(i, exact[i] * (1 + 1e-6))).isCloseTo(exact[i], within(2e-6 * norm));
      }
      assertThat(t.eigenvalue(exact.length, 0)).isZero();
    }
  }

  /** Bisection meets the eigenvalue of a leading part to the last bit. */
  @Test
  void eigenvaluesOfLeadingPartsMisleadNobody() {
    DMatrixRMaj whole = new DMatrixRMaj(new double[][] {{3, 2, 1}, {2, 2, 1}, {1, 1, 1}});
    BlockTridiagonal one = new BlockTridiagonal();
    one.add(whole, new DMatrixRMaj(0, 3));
    double[] exact = eigenvalues(whole);
    for (int i = 0; i < 3; i++) {
      assertThat(one.eigenvalue(i, 0)).isCloseTo(exact[i], within(1e-7));
    }
    Random random = new Random(5);
    for (int draw = 0; draw < 20_000; draw++) {
      BlockTridiagonal t = new BlockTridiagonal();
      DMatrixRMaj first = integers(2, random);
      t.add(first, new DMatrixRMaj(2, 2, true, 1, random.nextInt(3), 0, 1));
      t.add(integers(2, random), new DMatrixRMaj(0, 2));
      double[] values = eigenvalues(t.dense());
      for (int i = 0; i < 2; i++) {
        double tolerance = 1e-5 * Math.max(1, Math.abs(values[0]));
        assertThat(t.eigenvalue(i, 0)).isCloseTo(Math.max(0, values[i]), within(tolerance));
      }
    }
  }

  private static DMatrixRMaj integers(int size, Random random) {
    DMatrixRMaj a = new DMatrixRMaj(size, size);
    for (int i = 0; i < size; i++) {
      for (int j = 0; j <= i; j++) {
        int value = random.nextInt(5);
        a.set(i, j, value);
        a.set(j, i, value);
      }
    }
    return a;
  }

  @Test
  void theLastCouplingIsNoPartOfIt() {
    BlockTridiagonal t = new BlockTridiagonal();
    t.add(new DMatrixRMaj(new double[][] {{2, 0}, {0, 1}}), new DMatrixRMaj(1, 2, true, 9, 9));
    assertThat(t.eigenvalue(0, 0)).isCloseTo(2, within(1e-8));
    assertThat(t.dense().numRows).isEqualTo(2);
  }

  @Test
  void whatVanishesEndsTheSearchToo() {
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          for (double value : new double[] {0, Double.MIN_VALUE, 1e-320, 1e-300, 1e300}) {
            BlockTridiagonal one = new BlockTridiagonal();
            one.add(new DMatrixRMaj(new double[][] {{value}}), new DMatrixRMaj(0, 1));
            assertThat(one.eigenvalue(0, 0))
                .isCloseTo(value, within(1e-8 * value + 2 * Double.MIN_VALUE));
          }
          // of rank one
          BlockTridiagonal two = new BlockTridiagonal();
          two.add(new DMatrixRMaj(new double[][] {{1, 1}, {1, 1}}), new DMatrixRMaj(0, 2));
          assertThat(two.eigenvalue(0, 0)).isCloseTo(2, within(1e-8));
          assertThat(two.eigenvalue(1, 0)).isCloseTo(0, within(1e-12));
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1", "4", "4,4,4", "8,8,8,8,8", "4,4,4,4,3,3,2,1", "8,8,8,8,8,8,8,8,8,8,8"})
  void vectorsAreOrthonormalAndTheFirstAreEigenvectors(String widths) {
    for (int seed = 0; seed < 10; seed++) {
      BlockTridiagonal t = random(widths(widths), new Random(seed), true);
      DMatrixRMaj dense = t.dense();
      double[] exact = eigenvalues(dense);
      for (int count : new int[] {1, 4, 6}) {
        double[][] vectors = t.vectors(count);
        assertThat(vectors.length).isEqualTo(Math.min(count, t.size()));
        for (int i = 0; i < vectors.length; i++) {
          for (int j = 0; j <= i; j++) {
            assertThat(dot(vectors[i], vectors[j])).isCloseTo(i == j ? 1 : 0, within(1e-10));
          }
          double[] image =
              CommonOps_DDRM.mult(dense, DMatrixRMaj.wrap(t.size(), 1, vectors[i]), null).data;
          double ritz = dot(vectors[i], image);
          assertThat(ritz).as("a lower bound").isLessThanOrEqualTo(exact[i] * (1 + 1e-10));
          assertThat(ritz).as("value %d", i).isGreaterThanOrEqualTo(exact[i] * (1 - 1e-2));
          if (i == 0) {
            double residual = 0;
            for (int k = 0; k < image.length; k++) {
              residual = Math.hypot(residual, image[k] - ritz * vectors[i][k]);
            }
            assertThat(residual).isLessThanOrEqualTo(1e-5 * exact[0]);
          }
        }
      }
    }
  }

  @Test
  void equalEigenvaluesHaveOrthonormalVectorsToo() {
    BlockTridiagonal t = new BlockTridiagonal();
    for (int j = 0; j < 10; j++) {
      t.add(CommonOps_DDRM.identity(4), new DMatrixRMaj(4, 4));
    }
    double[][] vectors = t.vectors(6);
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j <= i; j++) {
        assertThat(dot(vectors[i], vectors[j])).isCloseTo(i == j ? 1 : 0, within(1e-10));
      }
    }
    assertThat(t.eigenvalue(5, 0)).isCloseTo(1, within(1e-8));
  }

  private static int[] widths(String widths) {
    return Arrays.stream(widths.split(",", -1)).mapToInt(Integer::parseInt).toArray();
  }

  /** Blocks of these widths, none wider than the one before; of a square, or with any sign. */
  private static BlockTridiagonal random(int[] widths, Random random, boolean positive) {
    BlockTridiagonal t = new BlockTridiagonal();
    for (int j = 0; j < widths.length; j++) {
      int next = j + 1 < widths.length ? widths[j + 1] : 0;
      DMatrixRMaj a = RandomMatrices_DDRM.symmetric(widths[j], -1, 1, random);
      if (positive) {
        // larger than all that couples it, as the diagonal of a Gram matrix is
        for (int i = 0; i < widths[j]; i++) {
          a.add(i, i, 6 * widths[0]);
        }
      }
      t.add(a, RandomMatrices_DDRM.rectangle(next, widths[j], -1, 1, random));
    }
    return t;
  }

  private static double[] eigenvalues(DMatrixRMaj symmetric) {
    EigenDecomposition_F64<DMatrixRMaj> eigen = Orthonormal.symmetric(symmetric.copy());
    double[] values = new double[symmetric.numRows];
    Arrays.setAll(values, i -> -eigen.getEigenvalue(i).getReal());
    Arrays.sort(values);
    Arrays.setAll(values, i -> -values[i]);
    return values;
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }
}
