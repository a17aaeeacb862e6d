package dev.sinkwatch.analyzer.sinkhorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.sinkhorn.Projection.Method;
import dev.sinkwatch.analyzer.spectrum.Jacobi;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProjectionTest {
  private static final double LN2 = Math.log(2);
  private static final double LN3 = Math.log(3);

  /** exp of it is [[1, 2], [3, 1]]. */
  private static final double[] LOGITS = {0, LN2, LN3, 0};

  @Test
  void softmaxIsFollowedByColumnsAloneInTheFirstIteration() {
    // rows: [1/3 2/3] [3/4 1/4]; column sums 13/12, 11/12
    assertThat(project(Method.SOFTMAX_EPS, 1, 0))
        .containsExactly(new double[] {4 / 13.0, 8 / 11.0, 9 / 13.0, 3 / 11.0}, within(1e-15));
  }

  @Test
  void epsilonIsAddedToTheWeightsAndToEachSum() {
    double e = 0.1;
    double[] m = {1 / 3.0 + e, 2 / 3.0 + e, 3 / 4.0 + e, 1 / 4.0 + e};
    columns(m, e);
    assertThat(project(Method.SOFTMAX_EPS, 1, e)).containsExactly(m, within(1e-15));
    rows(m, e);
    columns(m, e);
    assertThat(project(Method.SOFTMAX_EPS, 2, e)).containsExactly(m, within(1e-15));
  }

  @Test
  void sigmoidMakesWeightsThatAreNoRowsYet() {
    // sigmoid: [1/2 2/3] [3/4 1/2]
    double e = 0.01;
    double[] m = {1 / 2.0 + e, 2 / 3.0 + e, 3 / 4.0 + e, 1 / 2.0 + e};
    for (int iterations = 1; iterations <= 3; iterations++) {
      rows(m, e);
      columns(m, e);
      assertThat(project(Method.SIGMOID_EPS, iterations, e)).containsExactly(m, within(1e-15));
    }
  }

  @Test
  void columnsFirstEndsOnRows() {
    // column maxima divide out: [1/3 1] [1 1/2], columns: [1/4 2/3] [3/4 1/3], rows
    assertThat(project(Method.COLUMNS_FIRST, 1, 0))
        .containsExactly(new double[] {3 / 11.0, 8 / 11.0, 9 / 13.0, 4 / 13.0}, within(1e-15));
  }

  @Test
  void logDividesByItsTemperatureAndEndsOnColumns() {
    // at temperature 1/2 the weights are squared: [1 4] [9 1]; rows [1/5 4/5] [9/10 1/10]
    double[] p = new Projection(Method.LOG, 1, 0.5, 0).apply(LOGITS, 2);
    assertThat(p)
        .containsExactly(new double[] {2 / 11.0, 8 / 9.0, 9 / 11.0, 1 / 9.0}, within(1e-15));
  }

  @Test
  void logitsThatFreezeNeitherOverflowNorVanish() {
    // 0 on the diagonal and -8 beside it, at temperature 0.05: exp(-160) beside 1
    int n = 4;
    double[] logits = new double[n * n];
    for (int i = 0; i < n * n; i++) {
      logits[i] = i % (n + 1) == 0 ? 0 : -8;
    }
    double[] p = new Projection(Method.LOG, 10, 0.05, 0).apply(logits, n);
    for (int i = 0; i < n * n; i++) {
      if (i % (n + 1) == 0) {
        assertThat(p[i]).isCloseTo(1, within(1e-15));
      } else {
        assertThat(p[i] / Math.exp(-160)).isCloseTo(1, within(1e-12));
      }
    }
    Projection frozen = new Projection(Method.LOG, 10, 0.05, 0);
    assertThat(project(frozen, logits, n, 1e-3).saturation()).isCloseTo(1, within(1e-15));
    assertThat(project(frozen, logits, n, 1e-3).convergence().iterationsToTolerance()).isEqualTo(1);
    assertThat(project(frozen, logits, n, 1e-3).convergence().contractionRate()).isNaN();
  }

  @Test
  void temperatureIsOfTheLogMethodAlone() {
    for (Method method : Method.values()) {
      boolean same =
          java.util.Arrays.equals(
              new Projection(method, 3, 0.5, 1e-6).apply(LOGITS, 2),
              new Projection(method, 3, 1, 1e-6).apply(LOGITS, 2));
      assertThat(same).as("%s", method).isEqualTo(method != Method.LOG);
    }
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void theSideScaledLastSumsToOneExactly(Method method) {
    int n = 5;
    double[] p = new Projection(method, 2, 1, 0).apply(gaussian(n, 2, 1), n);
    double rows = 0;
    double columns = 0;
    for (int i = 0; i < n; i++) {
      double row = 0;
      double column = 0;
      for (int j = 0; j < n; j++) {
        row += p[i * n + j];
        column += p[j * n + i];
      }
      rows = Math.max(rows, Math.abs(row - 1));
      columns = Math.max(columns, Math.abs(column - 1));
    }
    assertThat(method == Method.COLUMNS_FIRST ? rows : columns).isLessThan(1e-14);
    assertThat(method == Method.COLUMNS_FIRST ? columns : rows).isGreaterThan(1e-6);
  }

  @ParameterizedTest
  @EnumSource(value = Method.class, mode = EnumSource.Mode.EXCLUDE, names = "SIGMOID_EPS")
  void convergedMatricesOfExponentialsDoNotDependOnAddedRowAndColumnConstants(Method method) {
    int n = 4;
    double[] logits = gaussian(n, 1, 3);
    double[] moved = logits.clone();
    for (int i = 0; i < n * n; i++) {
      int row = i / n;
      moved[i] += row - 2.0 * (i % n);
    }
    double[] p = new Projection(method, 200, 1, 0).apply(logits, n);
    double[] q = new Projection(method, 200, 1, 0).apply(moved, n);
    assertThat(q).containsExactly(p, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({"3, 1e-3", "4, 1e-3", "16, 1e-2", "80, 0.1"})
  void theContractionRateTendsToSigma2Squared(int n, double relative) {
    // where sigma2 has no gap behind it the residual is gone before its ratio has settled
    for (Method method : Method.values()) {
      double[] logits = gaussian(n, 1.5, n);
      Projection projection = new Projection(method, 1000, 1, 0);
      double[] limit = projection.apply(logits, n);
      double sigma2 = Jacobi.singularValues(limit, n, n)[1];
      assertThat(project(projection, logits, n, 1e-3).convergence().contractionRate())
          .as("%s", method)
          .isCloseTo(sigma2 * sigma2, within(relative * sigma2 * sigma2));
    }
  }

  @Test
  void iterationsAreCountedUntilBothSidesAreWithinTheTolerance() {
    int n = 6;
    double[] logits = gaussian(n, 2, 5);
    for (Method method : Method.values()) {
      double counted =
          project(new Projection(method, 1, 1, 0), logits, n, 1e-3)
              .convergence()
              .iterationsToTolerance();
      assertThat(counted).as("%s", method).isBetween(2.0, 100.0);
      assertThat(residual(new Projection(method, (int) counted, 1, 0).apply(logits, n), n))
          .isLessThan(1e-3);
      assertThat(residual(new Projection(method, (int) counted - 1, 1, 0).apply(logits, n), n))
          .isGreaterThanOrEqualTo(1e-3);
    }
  }

  @Test
  void aScalingThatCannotConvergeTakesInfinitelyMany() {
    // the limit of 2 x 2 with one weight of 0 is approached like 1 / iterations
    double[] triangular = {0, 0, -800, 0};
    Convergence convergence =
        project(new Projection(Method.SOFTMAX_EPS, 20, 1, 0), triangular, 2, 1e-9).convergence();
    assertThat(convergence.iterationsToTolerance()).isInfinite();
    assertThat(convergence.contractionRate()).isBetween(0.99, 1.0);
  }

  @Test
  void saturationIsTheSpreadOfTheRowSoftmax() {
    Projection plain = new Projection(Method.SOFTMAX_EPS, 20, 1, 1e-6);
    assertThat(project(plain, LOGITS, 2, 1e-3).saturation())
        .isCloseTo(3 / 4.0 - 1 / 4.0, within(1e-15));
    assertThat(project(plain, new double[9], 3, 1e-3).saturation()).isZero();
    assertThat(project(new Projection(Method.LOG, 20, 0.5, 0), LOGITS, 2, 1e-3).saturation())
        .isCloseTo(9 / 10.0 - 1 / 10.0, within(1e-15));
  }

  @Test
  void logitsAreNotChanged() {
    for (Method method : Method.values()) {
      double[] logits = LOGITS.clone();
      Projection projection = new Projection(method, 3, 0.5, 1e-6);
      projection.apply(logits, 2);
      project(projection, logits, 2, 1e-3);
      assertThat(logits).isEqualTo(LOGITS);
    }
  }

  @Test
  void senselessSettingsAreRefused() {
    assertThatThrownBy(() -> new Projection(Method.LOG, 0, 1, 0)).hasMessageContaining("0");
    assertThatThrownBy(() -> new Projection(Method.LOG, 1, 0, 0)).hasMessageContaining("0.0");
    assertThatThrownBy(() -> new Projection(Method.LOG, 1, 1, Double.NaN))
        .hasMessageContaining("NaN");
  }

  private static Projected project(
      Projection projection, double[] logits, int n, double tolerance) {
    return projection.project(logits, n, tolerance, Team.alone());
  }

  private static double[] project(Method method, int iterations, double epsilon) {
    return new Projection(method, iterations, 1, epsilon).apply(LOGITS, 2);
  }

  private static void rows(double[] m, double epsilon) {
    divide(m, 0, 1, m[0] + m[1] + epsilon);
    divide(m, 2, 3, m[2] + m[3] + epsilon);
  }

  private static void columns(double[] m, double epsilon) {
    divide(m, 0, 2, m[0] + m[2] + epsilon);
    divide(m, 1, 3, m[1] + m[3] + epsilon);
  }

  private static void divide(double[] m, int a, int b, double sum) {
    m[a] /= sum;
    m[b] /= sum;
  }

  private static double residual(double[] p, int n) {
    double worst = 0;
    for (int i = 0; i < n; i++) {
      double row = -1;
      double column = -1;
      for (int j = 0; j < n; j++) {
        row += p[i * n + j];
        column += p[j * n + i];
      }
      worst = Math.max(worst, Math.max(Math.abs(row), Math.abs(column)));
    }
    return worst;
  }

  private static double[] gaussian(int n, double deviation, int seed) {
    Random random = new Random(seed);
    return random.doubles((long) n * n, 0, 1).map(u -> deviation * random.nextGaussian()).toArray();
  }
}
