package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotationLoopsTest {
  private static final RotationLoops SCALAR = new ScalarRotationLoops();
  private static final RotationLoops VECTOR = new VectorRotationLoops();

  @Test
  void theVectorTwinIsTakenWhereItsModuleIs() {
    assertThat(RotationLoops.best()).isInstanceOf(VectorRotationLoops.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 9, 15, 16, 17, 24, 40, 63, 64, 65, 100, 4096})
  void theTwinsAgree(int rows) {
    Random random = new Random(rows);
    double[] x = column(random, rows);
    double[] y = column(random, rows);
    double magnitudes = 0;
    for (int i = 0; i < rows; i++) {
      magnitudes += Math.abs(x[i] * y[i]);
    }
    assertThat(Math.abs(VECTOR.dot(x, y) - SCALAR.dot(x, y)))
        .isLessThanOrEqualTo(1e-14 * magnitudes);
    double[] left = x.clone();
    double[] right = y.clone();
    SCALAR.rotate(left, right, 0.6, -0.8);
    VECTOR.rotate(x, y, 0.6, -0.8);
    assertThat(x).isEqualTo(left);
    assertThat(y).isEqualTo(right);
  }

  @Test
  void aColumnOfNoNumbersStaysOne() {
    double[] x = new double[16];
    Arrays.fill(x, Double.NaN);
    for (RotationLoops loops : new RotationLoops[] {SCALAR, VECTOR}) {
      assertThat(loops.dot(x, x)).isNaN();
    }
  }

  /** Filled up with zeros. */
  private static double[] column(Random random, int rows) {
    double[] column = new double[RotationLoops.length(rows)];
    for (int i = 0; i < rows; i++) {
      column[i] = random.nextGaussian();
    }
    return column;
  }
}
