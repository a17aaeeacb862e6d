package dev.sinkwatch.analyzer.truth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.LayerHistory;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tensors and ordinary matrices whose values and shapes are at the edge of what can be published:
 * every figure is right, or undefined where doubles cannot hold it; nothing throws, and nothing is
 * read without end.
 */
class EdgesTest {

  /**
   * The last size of a batched engine, the first behind it, the last exact one, the first large.
   */
  static final int[] SIZES = {16, 17, 64, 65};

  /** No snapshot here is read more often, whatever is in it. */
  static final int MOST_PASSES = 64;

  /** Relative to the largest singular value: what full decompositions themselves round. */
  static final double ROUNDING = 1e-12;

  /**
   * The same of an estimate of a large matrix, whose products are made in single precision: what is
   * so much smaller than the largest singular value drowns in its rounding. Bounds say so.
   */
  static final double SINGLE = 1e-6;

  private final LayerAnalysis analysis =
      new LayerAnalysis(AnalysisSettings.DEFAULT, "edges".getBytes(StandardCharsets.UTF_8));

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void nonFiniteValuesAreCountedWhateverTheirType(Dtype dtype) throws IOException {
    double[] bad = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    for (int n : SIZES) {
      double[] wanted = Mixers.uniform(n);
      int[] places = {0, n * n / 2, n * n - 1, n - 1, n, 7};
      for (int i = 0; i < places.length; i++) {
        wanted[places[i]] = bad[i % bad.length];
      }
      Stored stored = Stored.as(dtype, wanted);
      long count = Arrays.stream(stored.values()).filter(value -> !Double.isFinite(value)).count();
      assertThat(count > 0).isEqualTo(dtype.floating());
      for (Kind kind : new Kind[] {Kind.DENSE, Kind.DOUBLY_STOCHASTIC, Kind.SINKHORN_LOGITS}) {
        if (count == 0) {
          continue;
        }
        LayerVerdict verdict = judge(stored.snapshot(Shape.of(n, n), kind));
        assertThat(verdict.nonFinite()).as("%s %s %d", dtype, kind, n).isEqualTo(count);
        verdict.figures().forEach((figure, value) -> assertThat(figure).isNull());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void denseMatricesOfEveryType(Dtype dtype) throws IOException {
    SoftAssertions softly = new SoftAssertions();
    RandomGenerator random = new SplittableRandom(5);
    double size = dtype.bytes() == 1 ? 50 : 3000;
    boolean unsigned = dtype.name().startsWith("U");
    long[][] shapes = {
      {1, 1}, {1, 2}, {2, 1}, {1, 65}, {65, 1}, {1, 1000}, {1000, 1}, {3, 70}, {70, 3}, {16, 16},
      {17, 17}, {64, 64}, {64, 65}, {65, 64}, {65, 65}, {66, 131}, {131, 66}, {3, 5, 7}
    };
    for (long[] dimensions : shapes) {
      Shape shape = Shape.of(dimensions);
      double[] wanted = new double[(int) shape.elements()];
      Arrays.setAll(
          wanted, i -> size * (unsigned ? random.nextDouble() : random.nextDouble(-1, 1)));
      dense(softly, shape, Stored.as(dtype, wanted), dtype + " [" + shape + "]");
    }
    softly.assertAll();
  }

  @ParameterizedTest
  @EnumSource(Extreme.class)
  void denseMatricesOfExtremeValues(Extreme extreme) throws IOException {
    SoftAssertions softly = new SoftAssertions();
    long[][] shapes = {
      {1, 1}, {1, 70}, {70, 1}, {16, 16}, {17, 17}, {64, 64}, {65, 65}, {65, 130}, {130, 66}
    };
    for (long[] dimensions : shapes) {
      Shape shape = Shape.of(dimensions);
      Stored stored = extreme.of((int) shape.rows(), (int) shape.columns());
      dense(softly, shape, stored, extreme + " [" + shape + "]");
    }
    softly.assertAll();
  }

  @ParameterizedTest
  @CsvSource({"65535,1", "65535,3", "65535,70", "3,65535", "1,65535"})
  void longMatrices(int rows, int columns) throws IOException {
    RandomGenerator random = new SplittableRandom(6);
    double[] wanted = new double[rows * columns];
    Arrays.setAll(wanted, i -> random.nextGaussian() + (i % 7 == 0 ? 1 : 0));
    SoftAssertions softly = new SoftAssertions();
    Shape shape = Shape.of(rows, columns);
    dense(softly, shape, Stored.as(Dtype.F32, wanted), rows + " x " + columns);
    softly.assertAll();
  }

  private void dense(SoftAssertions softly, Shape shape, Stored stored, String which)
      throws IOException {
    LayerVerdict verdict = judge(stored.snapshot(shape, Kind.DENSE));
    int rows = (int) shape.dimension(0);
    int columns = (int) (shape.elements() / rows);
    double[] sigma = FullSvd.singularValues(stored.values(), rows, columns);
    softly.assertThat(verdict.passes()).as(which).isBetween(1, MOST_PASSES);
    if (Double.isInfinite(sigma[0]) || Double.isInfinite(norm(stored.values()))) {
      softly.assertThat(verdict.get(Figure.FROBENIUS)).as(which).isInfinite();
      double sigma1 = verdict.get(Figure.SIGMA1);
      softly
          .assertThat(Double.isNaN(sigma1) || sigma1 >= sigma[0] * (1 - Comparison.ACCURACY))
          .as("%s: sigma1 %s beyond doubles is undefined, infinite or right", which, sigma1)
          .isTrue();
      return;
    }
    // a subnormal result has no more than its last bit
    double tiny = Double.MIN_VALUE + ROUNDING * sigma[0];
    double drowned = Math.min(rows, columns) > 64 ? SINGLE * sigma[0] + tiny : tiny;
    double sigma2 = sigma.length > 1 ? sigma[1] : 0;
    close(softly, which, Figure.FROBENIUS, verdict, norm(stored.values()), Comparison.RELATIVE);
    close(softly, which, Figure.SIGMA1, verdict, sigma[0], Comparison.ACCURACY);
    softly
        .assertThat(verdict.get(Figure.SIGMA2))
        .as("%s: sigma2", which)
        .isBetween(
            sigma2 * (1 - Comparison.ACCURACY) - drowned,
            sigma2 * (1 + Comparison.ACCURACY) + drowned);
    softly
        .assertThat(verdict.get(Figure.STABLE_RANK))
        .as("%s: stableRank", which)
        .isBetween(sigma[0] > 0 ? 0.99 : 0, 1.01 * sigma.length);
    if (verdict.figures().has(Figure.SIGMA2_UPPER)) {
      softly
          .assertThat(verdict.get(Figure.SIGMA2_UPPER))
          .as("%s: sigma2Upper", which)
          .isGreaterThanOrEqualTo(sigma2 * (1 - Comparison.RELATIVE) - tiny);
      softly
          .assertThat(verdict.get(Figure.SIGMA2_LOWER))
          .as("%s: sigma2Lower", which)
          .isLessThanOrEqualTo(sigma2 * (1 + Comparison.RELATIVE) + tiny);
    }
  }

  private static void close(
      SoftAssertions softly,
      String which,
      Figure figure,
      LayerVerdict verdict,
      double truth,
      double accuracy) {
    softly
        .assertThat(verdict.get(figure))
        .as("%s: %s", which, figure.key())
        .isCloseTo(truth, within(accuracy * truth + Double.MIN_VALUE));
  }

  private LayerVerdict judge(ArraySnapshot snapshot) throws IOException {
    return analysis.judge(snapshot, new LayerHistory());
  }

  /** Measured in the largest value. */
  static double norm(double[] values) {
    double largest = Arrays.stream(values).map(Math::abs).max().orElse(0);
    if (largest == 0) {
      return 0;
    }
    int exponent = Math.getExponent(largest);
    double squares = 0;
    for (double value : values) {
      double scaled = Math.scalb(value, -exponent);
      squares += scaled * scaled;
    }
    return Math.scalb(Math.sqrt(squares), exponent);
  }
}
