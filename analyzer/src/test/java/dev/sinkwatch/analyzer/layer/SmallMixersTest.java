package dev.sinkwatch.analyzer.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.mixer.Mixers;
import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import jdk.incubator.vector.DoubleVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A verdict on a large batch is the verdict on its operators one by one. */
class SmallMixersTest {
  private static final LayerAnalysis ANALYSIS =
      new LayerAnalysis(AnalysisSettings.DEFAULT, "secret".getBytes(StandardCharsets.UTF_8));

  @Test
  void take_asManyAsPay_whereVectorsHoldFourDoubles() {
    boolean four = DoubleVector.SPECIES_PREFERRED.length() >= 4;
    assertThat(SmallMixers.take(4, SmallMixers.FEWEST)).isEqualTo(Mixers.take(4)).isEqualTo(four);
    assertThat(SmallMixers.take(4, SmallMixers.FEWEST - 1)).isFalse();
    assertThat(SmallMixers.take(17, 1000)).isFalse();
    assertThat(SmallMixers.take(1, 1000)).isFalse();
  }

  @Test
  void judge_permutations_haveNoEntropyAtAll() throws IOException {
    LayerVerdict verdict =
        ANALYSIS.judge(
            Layers.identities(Shape.of(SmallMixers.FEWEST, 4, 4)), LayerHistory.ofOneSnapshot());
    assertThat(verdict.get(Figure.ENTROPY)).isZero();
    assertThat(verdict.get(Figure.PERMUTATION_DISTANCE)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "SINKHORN_LOGITS, 4, 64, 1",
    "SINKHORN_LOGITS, 5, 100, 2",
    "SINKHORN_LOGITS, 4, 3000, 1",
    "DOUBLY_STOCHASTIC, 4, 64, 1",
    "DOUBLY_STOCHASTIC, 3, 20000, 1",
    "DOUBLY_STOCHASTIC, 2, 64, 1e200"
  })
  void judge_largeBatch_isAsOneByOne(Kind kind, int n, int size, double scale) throws IOException {
    Random random = new Random(size);
    double[] values = new double[size * n * n];
    for (int i = 0; i < values.length; i++) {
      values[i] = scale * random.nextGaussian();
    }
    LayerVerdict together = judge(kind, values, size, n);
    List<Figures> alone = new ArrayList<>();
    double[] sigma2 = new double[size];
    double[] residuals = new double[size];
    double[] operators = new double[values.length];
    for (int b = 0; b < size; b++) {
      double[] one = Arrays.copyOfRange(values, b * n * n, (b + 1) * n * n);
      LayerVerdict verdict = judge(kind, one, 1, n);
      alone.add(verdict.figures());
      sigma2[b] = verdict.get(Figure.SIGMA2);
      residuals[b] =
          Math.max(verdict.get(Figure.ROW_RESIDUAL), verdict.get(Figure.COLUMN_RESIDUAL));
      double[] matrix = Objects.requireNonNull(verdict.matrix());
      System.arraycopy(matrix, 0, operators, b * n * n, n * n);
    }
    Figures expected = Figures.liveliest(alone);
    expected.forEach((figure, value) -> {
      if (figure == Figure.MOVEMENT) {
        return; // of a layer's history, not of its operators
      }
      double actual = together.get(figure);
      // the rate is no more exact than the ratio of two movements near rounding
      double relative = figure == Figure.CONTRACTION_RATE ? 0.5 : 1e-9;
      assertThat(together.figures().has(figure)).as(figure.key()).isTrue();
      if (Double.compare(actual, value) != 0) {
        assertThat(actual)
            .as(figure.key())
            .isCloseTo(value, within(relative * Math.abs(value) + 1e-12));
      }
    });
    assertThat(together.batch()).isEqualTo(size);
    BatchSpread spread = Objects.requireNonNull(together.sigma2Batch());
    double least = Arrays.stream(sigma2).min().orElseThrow();
    assertThat(spread.min()).isCloseTo(least, within(1e-9 * least + 1e-12));
    assertThat(sigma2[spread.argmin()]).isCloseTo(least, within(1e-9 * least + 1e-12));
    BatchSpread sums = Objects.requireNonNull(together.residualBatch());
    double p95 = BatchSpread.of(residuals).p95();
    assertThat(sums.p95()).isCloseTo(p95, within(1e-9 * p95 + 1e-12));
    if (8L * values.length <= 64 << 10) {
      assertThat(together.matrix()).isNotNull().containsExactly(operators, within(1e-12));
    } else {
      assertThat(together.matrix()).isNull();
    }
  }

  private static LayerVerdict judge(Kind kind, double[] values, int size, int n)
      throws IOException {
    Hints hints = new Hints(kind, null, null, null, null);
    ArraySnapshot snapshot = ArraySnapshot.of("w", Shape.of(size, n, n), values).with(hints);
    return ANALYSIS.judge(snapshot, new LayerHistory());
  }
}
