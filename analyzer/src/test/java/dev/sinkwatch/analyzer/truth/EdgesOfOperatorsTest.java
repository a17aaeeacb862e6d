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
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Operators and logits whose values are at the edge of what can be published. */
class EdgesOfOperatorsTest {
  private final LayerAnalysis analysis =
      new LayerAnalysis(AnalysisSettings.DEFAULT, "edges".getBytes(StandardCharsets.UTF_8));

  @ParameterizedTest
  @EnumSource(Extreme.class)
  void operatorsOfExtremeValues(Extreme extreme) throws IOException {
    SoftAssertions softly = new SoftAssertions();
    for (int n : EdgesTest.SIZES) {
      Stored stored = extreme.of(n, n);
      LayerVerdict verdict = judge(stored.snapshot(Shape.of(n, n), Kind.DOUBLY_STOCHASTIC));
      operator(softly, verdict, stored.values(), n, extreme + " " + n);
    }
    softly.assertAll();
  }

  @ParameterizedTest
  @EnumSource(Extreme.class)
  void logitsOfExtremeValues(Extreme extreme) throws IOException {
    SoftAssertions softly = new SoftAssertions();
    for (int n : EdgesTest.SIZES) {
      Stored stored = extreme.of(n, n);
      LayerVerdict verdict = judge(stored.snapshot(Shape.of(n, n), Kind.SINKHORN_LOGITS));
      operator(softly, verdict, projected(stored.values(), n), n, extreme + " " + n);
    }
    softly.assertAll();
  }

  @Test
  void theFiguresOfNothing() throws IOException {
    for (int n : EdgesTest.SIZES) {
      for (double zero : new double[] {0.0, -0.0}) {
        double[] values = new double[n * n];
        Arrays.fill(values, zero);
        Stored stored = Stored.as(Dtype.F32, values);
        LayerVerdict dense = judge(stored.snapshot(Shape.of(n, n), Kind.DENSE));
        assertThat(dense.get(Figure.SIGMA1)).isZero();
        assertThat(dense.get(Figure.STABLE_RANK)).isZero();
        LayerVerdict operator = judge(stored.snapshot(Shape.of(n, n), Kind.DOUBLY_STOCHASTIC));
        assertThat(operator.get(Figure.DETAIL_GAIN_UPPER)).isZero();
        assertThat(operator.get(Figure.SIGMA2_UPPER)).isZero();
        assertThat(operator.get(Figure.EFFECTIVE_DEPTH)).isZero();
        assertThat(operator.get(Figure.ENTROPY)).isZero();
        assertThat(operator.get(Figure.ROW_RESIDUAL)).isEqualTo(1);
        assertThat(operator.figures().has(Figure.GAIN_SPREAD)).isTrue();
        assertThat(operator.get(Figure.GAIN_SPREAD)).as("a sum is 0").isNaN();
        LayerVerdict logits = judge(stored.snapshot(Shape.of(n, n), Kind.SINKHORN_LOGITS));
        assertThat(logits.get(Figure.SIGMA1)).isCloseTo(1, within(1e-4));
        assertThat(logits.get(Figure.DETAIL_GAIN_UPPER)).isLessThan(1e-9);
        assertThat(logits.get(Figure.ITERATIONS_TO_TOLERANCE)).isEqualTo(1);
        assertThat(logits.get(Figure.SATURATION)).isZero();
      }
    }
  }

  @Test
  void minusZeroIsNoNegativeValue() throws IOException {
    for (int n : EdgesTest.SIZES) {
      double[] values = Mixers.identity(n);
      Arrays.setAll(values, i -> values[i] == 0 ? -0.0 : values[i]);
      ArraySnapshot snapshot =
          Stored.as(Dtype.BF16, values).snapshot(Shape.of(n, n), Kind.DENSE).with(Hints.NONE);
      LayerVerdict verdict = judge(snapshot);
      assertThat(verdict.kind()).isEqualTo(Kind.DOUBLY_STOCHASTIC);
      // a large one's is a sum of squares in single precision
      assertThat(verdict.get(Figure.DETAIL_GAIN)).isCloseTo(1, within(n > 64 ? 1e-6 : 1e-9));
      assertThat(verdict.get(Figure.EFFECTIVE_DEPTH)).isInfinite();
    }
  }

  @Test
  void oneStreamHasNothingToMix() throws IOException {
    for (Kind kind : new Kind[] {Kind.DOUBLY_STOCHASTIC, Kind.SINKHORN_LOGITS}) {
      for (double value : new double[] {1, 0, -0.0, 3e38, 1e-40}) {
        Stored stored = Stored.as(Dtype.F32, new double[] {value});
        LayerVerdict verdict = judge(stored.snapshot(Shape.of(1, 1), kind));
        assertThat(verdict.kind()).isEqualTo(Kind.IGNORE);
        verdict.figures().forEach((figure, ignored) -> assertThat(figure).isNull());
      }
    }
  }

  /** Figures of operators are measured in what they may be, which is 1, but for large values. */
  private static void operator(
      SoftAssertions softly, LayerVerdict verdict, double[] p, int n, String which) {
    softly.assertThat(verdict.passes()).as(which).isBetween(1, EdgesTest.MOST_PASSES);
    softly.assertThat(verdict.figures().has(Figure.SIGMA2)).as(which).isTrue();
    softly.assertThat(verdict.figures().has(Figure.DETAIL_GAIN)).as(which).isTrue();
    if (!(EdgesTest.norm(p) < Math.sqrt(Double.MAX_VALUE))) {
      return; // squares are beyond doubles, so that figures may be undefined
    }
    FullSvd truth = FullSvd.of(p, n);
    double rounding = EdgesTest.ROUNDING * Math.max(1, truth.sigma1());
    double[][] bounds = {
      {
        verdict.get(Figure.DETAIL_GAIN_LOWER),
        truth.detailGain(),
        verdict.get(Figure.DETAIL_GAIN_UPPER)
      },
      {verdict.get(Figure.SIGMA2_LOWER), truth.sigma2(), verdict.get(Figure.SIGMA2_UPPER)}
    };
    for (double[] bound : bounds) {
      softly
          .assertThat(bound[0])
          .as("%s: lower bound", which)
          .isLessThanOrEqualTo(bound[1] * (1 + Comparison.RELATIVE) + rounding);
      softly
          .assertThat(bound[2])
          .as("%s: upper bound", which)
          .isGreaterThanOrEqualTo(bound[1] * (1 - Comparison.RELATIVE) - rounding);
    }
    // of a large matrix S'S is known to a few units of 2^-24 of its norm's square. What is a
    // million times smaller than sigma1 drowns although it is searched behind it; of a detail, what
    // is a thousand times smaller than its leak to the mean
    double drowned = n > 64 ? EdgesTest.SINGLE * truth.sigma1() + rounding : rounding;
    double leak = n > 64 ? 1e-3 * verdict.get(Figure.LEAK_TO_MEAN) : 0;
    close(softly, which, Figure.SIGMA1, verdict, truth.sigma1(), drowned);
    close(softly, which, Figure.DETAIL_GAIN, verdict, truth.detailGain(), drowned + leak);
    close(softly, which, Figure.SIGMA2, verdict, truth.sigma2(), drowned);
  }

  private static void close(
      SoftAssertions softly,
      String which,
      Figure figure,
      LayerVerdict verdict,
      double truth,
      double absolute) {
    softly
        .assertThat(verdict.get(figure))
        .as("%s: %s", which, figure.key())
        .isCloseTo(truth, within(Comparison.ACCURACY * truth + absolute));
  }

  private LayerVerdict judge(ArraySnapshot snapshot) throws IOException {
    return analysis.judge(snapshot, new LayerHistory());
  }

  /** Softmax over rows, + 1e-6, columns; then 19 times rows and columns, each sum + 1e-6. */
  private static double[] projected(double[] logits, int n) {
    double epsilon = 1e-6;
    double[] p = new double[n * n];
    for (int i = 0; i < n; i++) {
      double top = Arrays.stream(logits, i * n, i * n + n).max().orElse(0);
      double sum = 0;
      for (int j = i * n; j < i * n + n; j++) {
        p[j] = Math.exp(logits[j] - top);
        sum += p[j];
      }
      for (int j = i * n; j < i * n + n; j++) {
        p[j] = p[j] / sum + epsilon;
      }
    }
    for (int side = 1; side < 40; side++) {
      double[] sums = new double[n];
      for (int i = 0; i < n * n; i++) {
        sums[side % 2 == 0 ? i / n : i % n] += p[i];
      }
      for (int i = 0; i < n * n; i++) {
        p[i] /= sums[side % 2 == 0 ? i / n : i % n] + epsilon;
      }
    }
    return p;
  }
}
