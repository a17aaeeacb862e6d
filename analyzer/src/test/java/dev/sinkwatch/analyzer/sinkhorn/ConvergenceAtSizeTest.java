package dev.sinkwatch.analyzer.sinkhorn;

import static dev.sinkwatch.analyzer.sinkhorn.Logits.contested;
import static dev.sinkwatch.analyzer.sinkhorn.Logits.gaussian;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.sinkhorn.Projection.Method;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is said of how fast scalings converge. */
class ConvergenceAtSizeTest {
  private static final double TOLERANCE = 1e-3;

  @ParameterizedTest
  @CsvSource({
    "65, 0.5, 1e-6",
    "100, 2, 1e-6",
    "100, 4, 1e-4",
    "257, 1, 0",
    "257, 2, 1e-6",
    "257, 6, 1e-6"
  })
  void convergenceIsTheTextbooks(int n, double deviation, double epsilon) {
    double[] logits = gaussian(n, deviation);
    for (Method method : TextbookScaling.METHODS) {
      for (int iterations : new int[] {1, 4, 20}) {
        Projection projection = new Projection(method, iterations, 1, epsilon);
        Convergence expected =
            new TextbookScaling(projection, logits, n, false).convergence(TOLERANCE);
        Convergence convergence =
            projection.project(logits, n, TOLERANCE, Team.alone()).convergence();
        assertThat(convergence.iterationsToTolerance())
            .as("%s", projection)
            .isEqualTo(expected.iterationsToTolerance());
        if (Double.isNaN(expected.contractionRate())) {
          assertThat(convergence.contractionRate()).as("%s", projection).isNaN();
        } else {
          // the last steps are so short that rounding shows in their ratio
          assertThat(convergence.contractionRate() / expected.contractionRate())
              .as("%s", projection)
              .isCloseTo(1, within(1e-3));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SOFTMAX_EPS", "SIGMOID_EPS", "LOG", "COLUMNS_FIRST"})
  void convergenceIsTheTextbooksAlsoWhereScalingsDrift(Method method) {
    int n = 20;
    for (boolean transposed : new boolean[] {false, true}) {
      double[] logits = contested(n, 12, -1200, transposed);
      for (int iterations : new int[] {3, 700}) {
        Projection projection = new Projection(method, iterations, 1, 0);
        Convergence expected =
            new TextbookScaling(projection, logits, n, true).convergence(TOLERANCE);
        Convergence convergence = convergence(projection, logits, n);
        assertThat(convergence.iterationsToTolerance())
            .isEqualTo(expected.iterationsToTolerance())
            .isBetween(300.0, 700.0);
        assertThat(convergence.contractionRate())
            .isCloseTo(expected.contractionRate(), within(1e-3));
      }
    }
  }

  @Test
  void anEpsilonAboveTheToleranceForbidsConvergenceAndHidesNoRate() {
    int n = 100;
    double[] logits = gaussian(n, 2);
    Convergence exact = convergence(new Projection(Method.SIGMOID_EPS, 20, 1, 0), logits, n);
    Convergence floored = convergence(new Projection(Method.SIGMOID_EPS, 20, 1, 2e-3), logits, n);
    assertThat(exact.iterationsToTolerance()).isFinite();
    assertThat(floored.iterationsToTolerance()).isInfinite();
    assertThat(floored.contractionRate()).isCloseTo(exact.contractionRate(), within(0.02));
  }

  private static Convergence convergence(Projection projection, double[] logits, int n) {
    return projection.project(logits, n, TOLERANCE, Team.alone()).convergence();
  }
}
