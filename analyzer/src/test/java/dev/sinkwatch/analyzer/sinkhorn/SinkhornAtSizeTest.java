package dev.sinkwatch.analyzer.sinkhorn;

import static dev.sinkwatch.analyzer.sinkhorn.Logits.contested;
import static dev.sinkwatch.analyzer.sinkhorn.Logits.gaussian;
import static dev.sinkwatch.analyzer.sinkhorn.Logits.uniform;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.sinkhorn.Projection.Method;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SinkhornAtSizeTest {
  private static final double TOLERANCE = 1e-3;

  @ParameterizedTest
  @CsvSource({
    "65, 0.5, 20",
    "65, 6, 20",
    "100, 3, 20",
    "100, 6, 1",
    "257, 0.5, 5",
    "257, 2, 20",
    "257, 6, 20",
    "1024, 1, 2",
    "1024, 6, 3"
  })
  void theMatrixIsTheTextbooks(int n, double deviation, int iterations) {
    double[] logits = gaussian(n, deviation);
    for (Method method : TextbookScaling.METHODS) {
      for (double epsilon : new double[] {1e-6, 0.05, 0}) {
        assertTextbook(new Projection(method, iterations, 0.7, epsilon), logits, n, false);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"65, 160, 10", "257, 160, 10", "65, 2000, 10", "100, 2000, 30", "257, 2000, 10"})
  void theLogMethodReachesAnyRange(int n, double range, int iterations) {
    // differences of logits / temperature over the whole range
    double[] logits = uniform(n, range * 0.05);
    assertTextbook(new Projection(Method.LOG, iterations, 0.05, 0), logits, n, true);
  }

  @ParameterizedTest
  @EnumSource(names = {"SOFTMAX_EPS", "SIGMOID_EPS", "LOG", "COLUMNS_FIRST"})
  void sumsBelowAllDoublesAreScaledAll(Method method) {
    // rows and columns that are apart by more than exp reaches, twice over
    int n = 97;
    double[] logits = uniform(n, 40);
    for (int i = 0; i < n * n; i++) {
      int row = i / n;
      logits[i] += 1900 * Math.sin(row) - 1700 * Math.cos(3.0 * (i % n));
    }
    for (int iterations = 1; iterations <= 40; iterations += 13) {
      assertTextbook(new Projection(method, iterations, 1, 0), logits, n, true);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SOFTMAX_EPS", "SIGMOID_EPS", "LOG", "COLUMNS_FIRST"})
  void finiteLogitsGiveFiniteFigures(Method method) {
    int n = 70;
    double[] logits = uniform(n, 1e6);
    for (int i = 0; i < n; i++) {
      logits[3 * n + i] = -1e9;
      logits[i * n + 5] = -1e7;
    }
    for (double epsilon : new double[] {0, 1e-300, 1e-100, 1e-6}) {
      Projection projection = new Projection(method, 7, 1, epsilon);
      Projected projected = projection.project(logits, n, TOLERANCE, Team.alone());
      assertThat(projected.matrix()).doesNotContain(Double.NaN, Double.POSITIVE_INFINITY);
      // what was scaled last sums to 1 where no epsilon weighs more than the logits
      if (epsilon < 1e-100) {
        double[] sums = sums(projected.matrix(), n, method != Method.COLUMNS_FIRST);
        // a logit of 1e9 has no digits below 1e-7
        assertThat(sums).usingComparatorWithPrecision(1e-6).containsOnly(1);
      }
      assertThat(projected.saturation()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SOFTMAX_EPS", "SIGMOID_EPS", "LOG", "COLUMNS_FIRST"})
  void constantRowsAreUniformAtOnce(Method method) {
    int n = 100;
    double[] logits = new double[n * n];
    Arrays.setAll(logits, i -> i / n % 7);
    Projection projection = new Projection(method, 5, 1, 1e-6);
    Projected projected = projection.project(logits, n, TOLERANCE, Team.alone());
    assertThat(projected.matrix())
        .usingComparatorWithPrecision(1e-7)
        .hasSize(n * n)
        .containsOnly(1.0 / n);
    assertThat(projected.convergence().iterationsToTolerance()).isEqualTo(1);
    // epsilon alone moves the sums, which takes one or two iterations
    assertThat(projected.saturation()).isCloseTo(0, within(1e-15));
    assertTextbook(projection, logits, n, false);
  }

  @ParameterizedTest
  @EnumSource(names = {"SOFTMAX_EPS", "SIGMOID_EPS", "LOG", "COLUMNS_FIRST"})
  void aPermutationIsReached(Method method) {
    int n = 100;
    double[] logits = gaussian(n, 0.5);
    for (int i = 0; i < n; i++) {
      logits[i * n + (37 * i + 5) % n] += 60; // 37 and 100 have no common divisor
    }
    Projection projection = new Projection(method, 20, 1, 1e-9);
    if (method == Method.SIGMOID_EPS) {
      Arrays.setAll(logits, i -> logits[i] - 50); // a sigmoid does not tell large logits apart
    }
    double[] p = projection.apply(logits, n);
    for (int i = 0; i < n; i++) {
      assertThat(p[i * n + (37 * i + 5) % n]).isCloseTo(1, within(1e-3));
    }
    assertTextbook(projection, logits, n, false);
  }

  @ParameterizedTest
  @EnumSource(names = {"SOFTMAX_EPS", "SIGMOID_EPS", "LOG", "COLUMNS_FIRST"})
  void theTeamDoesNotChangeABit(Method method) {
    Team two = new Team(2);
    for (int n : new int[] {257, 700}) {
      double[] logits = gaussian(n, 3);
      if (method == Method.LOG) {
        logits = uniform(n, 100);
      }
      Projection projection = new Projection(method, 6, 0.05, 1e-6);
      Projected alone = projection.project(logits, n, TOLERANCE, Team.alone());
      for (int i = 0; i < 3; i++) {
        Projected shared = projection.project(logits, n, TOLERANCE, two);
        assertThat(Arrays.equals(shared.matrix(), alone.matrix())).isTrue();
        assertThat(shared.convergence()).isEqualTo(alone.convergence());
        assertThat(shared.saturation()).isEqualTo(alone.saturation());
      }
      assertThat(Arrays.equals(projection.apply(logits, n), alone.matrix())).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SOFTMAX_EPS", "SIGMOID_EPS", "LOG", "COLUMNS_FIRST"})
  void scalingsThatDriftBeyondAllDoublesAreFollowed(Method method) {
    int n = 20;
    for (boolean transposed : new boolean[] {false, true}) {
      double[] logits = contested(n, 12, -1200, transposed);
      TextbookScaling textbook =
          new TextbookScaling(new Projection(method, 1, 1, 0), logits, n, true);
      Scaling scaling = new Projection(method, 1, 1, 0).start(logits, n, Team.alone());
      boolean columnsFirst = method == Method.COLUMNS_FIRST;
      double[] before = {};
      for (int iterations = 1; iterations <= 300; iterations++) {
        double[] expected = textbook.iterate(1).matrix();
        double[] p = new Projection(method, iterations, 1, 0).apply(logits, n);
        double[] sums = textbook.sums(columnsFirst);
        // rows' sums are told one iteration late
        assertThat(scaling.iterate()).isEqualTo(columnsFirst || iterations > 1);
        if (columnsFirst || iterations > 1) {
          assertThat(scaling.sums())
              .usingComparatorWithPrecision(1e-10)
              .containsExactly(columnsFirst ? sums : before);
        }
        before = sums;
        for (int i = 0; i < n * n; i++) {
          if (!(Math.abs(p[i] - expected[i]) <= 1e-10 * expected[i] + 1e-20)) {
            assertThat(p[i]).as("%s %d", method, iterations).isEqualTo(expected[i]);
          }
        }
      }
    }
  }

  @Test
  void saturationIsOfTheSoftmaxWhateverTheMethod() {
    int n = 130;
    double[] logits = gaussian(n, 2);
    double expected = 0;
    double smallest = 1;
    for (int i = 0; i < n; i++) {
      double[] row = Arrays.copyOfRange(logits, i * n, (i + 1) * n);
      double sum = Arrays.stream(row).map(Math::exp).sum();
      expected = Math.max(expected, Math.exp(Arrays.stream(row).max().orElseThrow()) / sum);
      smallest = Math.min(smallest, Math.exp(Arrays.stream(row).min().orElseThrow()) / sum);
    }
    for (Method method : TextbookScaling.METHODS) {
      for (double epsilon : new double[] {0, 1e-6}) {
        Projection projection = new Projection(method, 2, 1, epsilon);
        assertThat(projection.project(logits, n, TOLERANCE, Team.alone()).saturation())
            .as("%s", projection)
            .isCloseTo(expected - smallest, within(1e-14));
      }
    }
  }

  private static void assertTextbook(
      Projection projection, double[] logits, int n, boolean logarithms) {
    double[] expected =
        new TextbookScaling(projection, logits, n, logarithms)
            .iterate(projection.iterations())
            .matrix();
    double[] p = projection.apply(logits, n);
    assertThat(p).hasSameSizeAs(expected);
    for (int i = 0; i < p.length; i++) {
      if (!(Math.abs(p[i] - expected[i]) <= 1e-10 * expected[i] + 1e-20)) {
        assertThat(p[i])
            .as("%s at %d of n = %d", projection, i, n)
            .isCloseTo(expected[i], within(1e-10 * expected[i] + 1e-20));
      }
    }
  }

  private static double[] sums(double[] p, int n, boolean columns) {
    double[] sums = new double[n];
    for (int i = 0; i < n * n; i++) {
      sums[columns ? i % n : i / n] += p[i];
    }
    return sums;
  }
}
