package dev.sinkwatch.analyzer.mixer;

import static dev.sinkwatch.analyzer.mixer.Agreement.agree;
import static dev.sinkwatch.analyzer.mixer.Agreement.close;
import static dev.sinkwatch.analyzer.mixer.Samples.diagonal;
import static dev.sinkwatch.analyzer.mixer.Samples.gaussian;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.sinkhorn.Convergence;
import dev.sinkwatch.analyzer.sinkhorn.Projected;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.analyzer.sinkhorn.Projection.Method;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The lanes say of projected logits what the plain way says of each. */
class ProjectedMixersTest {
  private static final double TOLERANCE = 1e-3;
  private static final List<Integer> SIZES = List.of(2, 3, 4, 5, 8, 15, 16);

  static Stream<Arguments> methodsAndSizes() {
    return Stream.of(Method.values())
        .filter(method -> Mixers.take(recipe(method, 1, 1, false).projection()))
        .flatMap(method -> SIZES.stream().map(n -> Arguments.of(method, n)));
  }

  @ParameterizedTest
  @MethodSource("methodsAndSizes")
  void eachLogitsAlone_agreesWithThePlainWay(Method method, int n) {
    Random random = new Random(7L * n + method.name().length());
    Mixers.Recipe recipe = recipe(method, 20, 1, n % 2 == 0);
    for (double deviation : new double[] {0.1, 1, 3, 8}) {
      for (int trial = 0; trial < 4; trial++) {
        comparesAlone(recipe, gaussian(random, n * n, deviation), n);
      }
    }
    comparesAlone(recipe, new double[n * n], n);
    comparesAlone(recipe, diagonal(n, 9), n);
    comparesAlone(recipe, gaussian(random, n * n, 1e-9), n);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 64, 1000})
  void batch_hasTheLiveliestFigures(int batch) {
    for (int n : new int[] {4, 5}) {
      Mixers.Recipe recipe = recipe(Method.SOFTMAX_EPS, 20, 1, true);
      double[] logits = gaussian(new Random(batch), batch * n * n, 1.5);
      compareBatch(recipe, logits, n, batch);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SOFTMAX_EPS", "SIGMOID_EPS", "LOG", "COLUMNS_FIRST"})
  void slowOnesAmongQuick_agrees(Method method) {
    int n = 4;
    int batch = 300;
    Random random = new Random(3);
    double[] logits = new double[batch * n * n];
    for (int b = 0; b < batch; b++) {
      double deviation = b % 5 == 0 ? 6 : 0.5;
      System.arraycopy(gaussian(random, n * n, deviation), 0, logits, b * n * n, n * n);
    }
    compareBatch(recipe(method, 3, 1, false), logits, n, batch);
  }

  @Test
  void logDomainBeyondTheLinear_takesThePlainWayForThoseAlone() {
    int n = 4;
    int batch = 40;
    Random random = new Random(5);
    double[] logits = new double[batch * n * n];
    for (int b = 0; b < batch; b++) {
      double deviation = b % 3 == 0 ? 400 : 2;
      System.arraycopy(gaussian(random, n * n, deviation), 0, logits, b * n * n, n * n);
    }
    compareBatch(recipe(Method.LOG, 10, 1, true), logits, n, batch);
    for (int b = 0; b < 6; b++) {
      double[] one = Arrays.copyOfRange(logits, b * n * n, (b + 1) * n * n);
      comparesAlone(recipe(Method.LOG, 10, 1, true), one, n);
      comparesAlone(recipe(Method.COLUMNS_FIRST, 10, 1, false), one, n);
    }
  }

  @Test
  void atATemperatureAndMixedWithTheIdentity_agrees() {
    Mixers.Recipe recipe = new Mixers.Recipe(new Projection(Method.LOG, 10, 0.05, 0), true, 0.3);
    compareBatch(recipe, gaussian(new Random(11), 100 * 16, 0.2), 4, 100);
    compareBatch(recipe, gaussian(new Random(12), 50 * 64, 0.2), 8, 50);
    double[] init = diagonal(4, 8);
    comparesAlone(recipe, init, 4);
  }

  @Test
  void figures_sameOperatorsInOtherCompany_sameBits() {
    int n = 4;
    int size = 64;
    Mixers.Recipe recipe = recipe(Method.SOFTMAX_EPS, 5, 1, true);
    double[] logits = gaussian(new Random(9), size * n * n, 3);
    MixerBatch together = Mixers.projected(n, size, true, recipe, TOLERANCE);
    together.add(logits, size);
    MixerFigures all = together.figures();
    double[] operators = Objects.requireNonNull(all.operators());
    List<Figures> alone = new ArrayList<>();
    for (int b = 0; b < size; b++) {
      MixerBatch batch = Mixers.projected(n, 1, true, recipe, TOLERANCE);
      batch.add(Arrays.copyOfRange(logits, b * n * n, (b + 1) * n * n), 1);
      MixerFigures one = batch.figures();
      alone.add(one.figures());
      assertThat(one.sigma2()[0]).isEqualTo(all.sigma2()[b]);
      assertThat(one.operators())
          .containsExactly(Arrays.copyOfRange(operators, b * n * n, (b + 1) * n * n));
    }
    assertThat(Figures.liveliest(alone).toString()).isEqualTo(all.figures().toString());
  }

  private static Mixers.Recipe recipe(
      Method method, int iterations, double temperature, boolean transpose) {
    return new Mixers.Recipe(new Projection(method, iterations, temperature, 1e-6), transpose, 1);
  }

  private static void comparesAlone(Mixers.Recipe recipe, double[] logits, int n) {
    compareBatch(recipe, logits, n, 1);
  }

  private static void compareBatch(Mixers.Recipe recipe, double[] logits, int n, int size) {
    List<Figures> plain = new ArrayList<>();
    double[] operators = new double[size * n * n];
    for (int b = 0; b < size; b++) {
      double[] z = Arrays.copyOfRange(logits, b * n * n, (b + 1) * n * n);
      double[] p = PlainReading.operator(recipe, z, n);
      System.arraycopy(p, 0, operators, b * n * n, n * n);
      Projected projected = recipe.projection().project(z, n, TOLERANCE, Team.alone());
      Convergence convergence = projected.convergence();
      double rate =
          beyondTheLinear(recipe.projection(), z)
              ? convergence.contractionRate()
              : PlainReading.contractionRate(
                  recipe.projection(), z, n, convergence.iterationsToTolerance());
      plain.add(
          PlainReading.ofOperator(p, n)
              .set(Figure.ITERATIONS_TO_TOLERANCE, convergence.iterationsToTolerance())
              .set(Figure.CONTRACTION_RATE, rate)
              .set(Figure.SATURATION, projected.saturation())
              .build());
    }
    MixerBatch batch = Mixers.projected(n, size, true, recipe, TOLERANCE);
    assertThat(batch.add(logits, size)).isTrue();
    MixerFigures found = batch.figures();
    agree(found.figures(), Figures.liveliest(plain));
    double[] projected = Objects.requireNonNull(found.operators());
    for (int e = 0; e < operators.length; e++) {
      close(projected[e], operators[e], 1e-9, "entry " + e);
    }
    for (int b = 0; b < size; b++) {
      close(found.sigma2()[b], plain.get(b).get(Figure.SIGMA2), 1e-9, "sigma2 of " + b);
    }
  }

  /** Whether these logits are so far apart that the lanes leave them to the plain way. */
  private static boolean beyondTheLinear(Projection projection, double[] logits) {
    double range =
        Arrays.stream(logits).max().orElseThrow() - Arrays.stream(logits).min().orElseThrow();
    return projection.method() != Method.SOFTMAX_EPS
        && projection.method() != Method.SIGMOID_EPS
        && range / projection.temperature() > 200;
  }
}
