package dev.sinkwatch.analyzer.layer;

import static dev.sinkwatch.analyzer.layer.Layers.analysis;
import static dev.sinkwatch.analyzer.layer.Layers.concat;
import static dev.sinkwatch.analyzer.layer.Layers.identities;
import static dev.sinkwatch.analyzer.layer.Layers.kind;
import static dev.sinkwatch.analyzer.layer.Layers.mixer;
import static dev.sinkwatch.analyzer.layer.Layers.scaled;
import static dev.sinkwatch.analyzer.layer.Layers.shape;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The figures of small layers, and of extreme ones. */
class LayerFiguresTest {
  private static final String LOGITS = "h.3.hc_mlp.H_res_logits";

  private final LayerAnalysis analysis = analysis("secret");
  private final LayerHistory history = new LayerHistory();

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"DOUBLY_STOCHASTIC", "SINKHORN_LOGITS", "DENSE"})
  void nonFiniteValuesAreCountedAndNothingElseIsComputed(Kind kind) throws IOException {
    double[] values = mixer(4, 0.5);
    values[0] = Double.NaN;
    values[7] = Double.NEGATIVE_INFINITY;
    values[8] = Double.POSITIVE_INFINITY;
    values[9] = 1e200; // its square is infinite, itself is not
    LayerVerdict verdict = judge(ArraySnapshot.of("w", Shape.of(4, 4), values).with(kind(kind)));
    assertThat(verdict.kind()).isEqualTo(kind);
    assertThat(verdict.nonFinite()).isEqualTo(3);
    verdict.figures().forEach((figure, value) -> assertThat(figure).isNull());
    assertThat(verdict.matrix()).isNull();
    assertThat(verdict.link()).isFalse();
  }

  @Test
  void denseFiguresAreOfTheMatrixOfLeadingDimensionAndRest() throws IOException {
    // rows (3 0 0 0) and (0 0 0 4): singular values 4 and 3
    double[] values = {3, 0, 0, 0, 0, 0, 0, 4};
    LayerVerdict verdict = judge(ArraySnapshot.of("conv", Shape.of(2, 2, 2), values));
    assertThat(verdict.get(Figure.SIGMA1)).isCloseTo(4, within(1e-14));
    assertThat(verdict.get(Figure.SIGMA2)).isCloseTo(3, within(1e-14));
    assertThat(verdict.get(Figure.FROBENIUS)).isCloseTo(5, within(1e-14));
    assertThat(verdict.get(Figure.STABLE_RANK)).isCloseTo(25 / 16.0, within(1e-14));
    assertThat(verdict.figures().has(Figure.DETAIL_GAIN)).isFalse();
    assertThat(verdict.order()).isEmpty();
    assertThat(verdict.link()).isFalse();

    LayerVerdict zero = judge(ArraySnapshot.of("zero", Shape.of(3, 2), new double[6]));
    assertThat(zero.get(Figure.STABLE_RANK)).isZero();
    LayerVerdict row = judge(ArraySnapshot.of("row", Shape.of(1, 3), new double[] {1, 2, 2}));
    assertThat(row.get(Figure.SIGMA1)).isCloseTo(3, within(1e-14));
    assertThat(row.get(Figure.SIGMA2)).isZero();
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-200, 1e-150, 1e-30, 1e30, 1e150, 1e200})
  void scaleIsNoMatter(double scale) throws IOException {
    for (int[] shape : new int[][] {{3, 2}, {70, 90}}) {
      double[] values = new double[shape[0] * shape[1]];
      Random random = new Random(1);
      Arrays.setAll(values, i -> random.nextGaussian());
      Shape of = Shape.of(shape[0], shape[1]);
      LayerVerdict plain = judge(ArraySnapshot.of("w", of, values));
      LayerVerdict other = judge(ArraySnapshot.of("w", of, scaled(values, scale)));
      for (Figure figure :
          new Figure[] {Figure.SIGMA1, Figure.SIGMA2, Figure.FROBENIUS, Figure.STABLE_RANK}) {
        double expected = plain.get(figure) * (figure == Figure.STABLE_RANK ? 1 : scale);
        // the products of large matrices are made in single precision, and a scale that is no power
        // of two rounds their entries to other floats: a few units of 6e-8
        boolean single = shape[0] > 64 && figure != Figure.FROBENIUS;
        assertThat(other.get(figure))
            .as("%s", figure)
            .isCloseTo(expected, within((single ? 1e-6 : 1e-9) * expected));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 80})
  void normsBeyondAllDoublesAreInfiniteOrUndefined(int n) throws IOException {
    double[] values = new double[n * n];
    Arrays.fill(values, 1e308);
    LayerVerdict dense = judge(ArraySnapshot.of("w", Shape.of(n, n), values));
    assertThat(dense.nonFinite()).isZero();
    assertThat(dense.get(Figure.FROBENIUS)).isInfinite();
    LayerVerdict operator =
        judge(ArraySnapshot.of("w", Shape.of(n, n), values).with(kind(Kind.DOUBLY_STOCHASTIC)));
    assertThat(operator.get(Figure.ROW_RESIDUAL)).isInfinite();
    if (n == 80) {
      assertThat(operator.get(Figure.SIGMA2_UPPER)).isNaN();
    } else {
      assertThat(operator.get(Figure.SIGMA2)).as("exact: all rows are equal").isLessThan(1e295);
    }
  }

  @Test
  void ofABatchTheLiveliestSpeaksWithTheSpreadBeside() throws IOException {
    double[] batch = concat(mixer(3, 0.2), mixer(3, 0.8), mixer(3, 0.5));
    LayerVerdict verdict = judge(ArraySnapshot.of("w", Shape.of(3, 3, 3), batch));
    assertThat(verdict.batch()).isEqualTo(3);
    assertThat(verdict.get(Figure.SIGMA2)).isCloseTo(0.8, within(1e-14));
    assertThat(verdict.get(Figure.DETAIL_GAIN)).isCloseTo(0.8, within(1e-14));
    assertThat(verdict.get(Figure.EFFECTIVE_DEPTH))
        .isCloseTo(Math.log(0.01) / Math.log(0.8), within(1e-10));
    LayerVerdict least = judge(ArraySnapshot.of("w", Shape.of(3, 3), mixer(3, 0.8)));
    assertThat(least.sigma2Batch()).isNull();
    assertThat(verdict.get(Figure.ENTROPY)).isEqualTo(least.get(Figure.ENTROPY));
    LayerVerdict most = judge(ArraySnapshot.of("w", Shape.of(3, 3), mixer(3, 0.2)));
    assertThat(verdict.get(Figure.PERMUTATION_DISTANCE))
        .isEqualTo(most.get(Figure.PERMUTATION_DISTANCE));

    BatchSpread spread = Objects.requireNonNull(verdict.sigma2Batch());
    assertThat(spread.argmin()).isZero();
    assertThat(spread.argmax()).isEqualTo(1);
    assertThat(spread.median()).isCloseTo(0.5, within(1e-14));
    assertThat(spread.p95()).isCloseTo(0.77, within(1e-14));
    assertThat(verdict.matrix()).isEqualTo(batch);
  }

  @Test
  void anEmptyRowOfOneMakesTheBatchsGainSpreadUndefined() throws IOException {
    double[] batch = concat(mixer(2, 0.5), new double[] {0, 0, 0.5, 0.5}, mixer(2, 0.5));
    LayerVerdict verdict =
        judge(ArraySnapshot.of("w", Shape.of(3, 2, 2), batch).with(kind(Kind.DOUBLY_STOCHASTIC)));
    assertThat(verdict.figures().has(Figure.GAIN_SPREAD)).isTrue();
    assertThat(verdict.get(Figure.GAIN_SPREAD)).isNaN();
    assertThat(verdict.get(Figure.ROW_RESIDUAL)).isEqualTo(1);
    assertThat(verdict.get(Figure.ENTROPY)).as("an empty row has none").isCloseTo(0.5, within(0.2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"64,64", "2,64,64", "512,4,4", "8,16,16,2,2"})
  void operatorsOfUpTo64KiBTravel(String shape) throws IOException {
    Shape dimensions = shape(shape);
    assertThat(judge(identities(dimensions)).matrix()).hasSize((int) dimensions.elements());
  }

  @ParameterizedTest
  @ValueSource(strings = {"65,65", "3,64,64", "513,4,4"})
  void moreThanThatDoNot(String shape) throws IOException {
    LayerVerdict verdict = judge(identities(shape(shape)));
    assertThat(verdict.kind()).isEqualTo(Kind.DOUBLY_STOCHASTIC);
    assertThat(verdict.matrix()).isNull();
    assertThat(verdict.link()).isTrue();
  }

  @Test
  void projectedLogitsTravelAsTheModelAppliesThem() throws IOException {
    double[] logits = {0, 0.01, 0.05, -0.02};
    double[] p = new Projection(Projection.Method.LOG, 10, 0.05, 0).apply(logits, 2);
    LayerVerdict verdict = judge(ArraySnapshot.of(LOGITS, Shape.of(2, 2), logits));
    assertThat(verdict.matrix()).containsExactly(p[0], p[2], p[1], p[3]);
    assertThat(verdict.figures().has(Figure.ITERATIONS_TO_TOLERANCE)).isTrue();
    assertThat(verdict.get(Figure.COLUMN_RESIDUAL))
        .as("ends on columns, so that rows of the transpose are exact")
        .isGreaterThan(verdict.get(Figure.ROW_RESIDUAL));
  }

  private LayerVerdict judge(Snapshot snapshot) throws IOException {
    return analysis.judge(snapshot, history);
  }

  /** A sum of ones whose square root is rounded up, squared again. */
  @Test
  void aPermutationIsNeverFartherThanZero() throws IOException {
    for (int n : new int[] {66, 75, 82, 2, 3}) {
      LayerVerdict verdict = judge(identities(Shape.of(n, n)));
      assertThat(verdict.get(Figure.PERMUTATION_DISTANCE)).as("n = %d", n).isZero();
    }
  }
}
