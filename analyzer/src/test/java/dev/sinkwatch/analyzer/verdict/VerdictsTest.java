package dev.sinkwatch.analyzer.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.ingest.Activation;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VerdictsTest {
  private static final String WITH_MATRIX =
      """
      {"run":"r","layer":"l","step":1,"kind":"doubly-stochastic","observability":"exact",
      "shape":[2,2],"n":%d,"batch":%d,"matrix":[%s]}\
      """;

  @Test
  void theLiveliestOperatorSpeaksAndTheLeastMixedForEntropy() {
    Figures liveliest =
        Figures.liveliest(
            List.of(
                figures(0.3, 0.9, 1),
                figures(0.5, 0.2, Double.POSITIVE_INFINITY),
                figures(0.1, 0.4, 3)));
    assertThat(liveliest.get(Figure.SIGMA2)).isEqualTo(0.5);
    assertThat(liveliest.get(Figure.ENTROPY)).isEqualTo(0.2);
    assertThat(liveliest.get(Figure.EFFECTIVE_DEPTH)).isInfinite();
    assertThat(liveliest.has(Figure.SIGMA1)).isFalse();
  }

  @Test
  void oneUndefinedValueMakesTheFigureUndefinedWhereverItIs() {
    for (int undefined = 0; undefined < 3; undefined++) {
      Figures[] batch = {figures(0.3, 0.9, 1), figures(0.5, 0.2, 2), figures(0.1, 0.4, 3)};
      batch[undefined] = figures(Double.NaN, Double.NaN, 1);
      Figures liveliest = Figures.liveliest(Arrays.asList(batch));
      assertThat(liveliest.has(Figure.SIGMA2)).isTrue();
      assertThat(liveliest.get(Figure.SIGMA2)).isNaN();
      assertThat(liveliest.get(Figure.ENTROPY)).isNaN();
      assertThat(liveliest.get(Figure.EFFECTIVE_DEPTH)).isEqualTo(undefined == 2 ? 2 : 3);
    }
  }

  @Test
  void figuresAreNotChangedByWhatIsMadeOfThem() {
    Figures before = figures(0.3, 0.9, 1);
    Figures after = before.with(Figure.SIGMA2, 0.4).with(Figure.MOVEMENT, 0.1);
    assertThat(before.get(Figure.SIGMA2)).isEqualTo(0.3);
    assertThat(before.has(Figure.MOVEMENT)).isFalse();
    assertThat(after.get(Figure.SIGMA2)).isEqualTo(0.4);
    assertThat(after.get(Figure.ENTROPY)).isEqualTo(0.9);
    assertThat(Figures.NONE.get(Figure.SIGMA2)).isNaN();
  }

  @Test
  void aBatchSpreadsAsNumPySays() {
    // numpy.percentile([5, 1, 4, 1, 5, 2], [50, 95]) = 3, 5
    assertThat(BatchSpread.of(new double[] {5, 1, 4, 1, 5, 2}))
        .isEqualTo(new BatchSpread(1, 3, 5, 5, 1, 0));
    double[] counted = new double[21];
    Arrays.setAll(counted, i -> 20 - i);
    assertThat(BatchSpread.of(counted)).isEqualTo(new BatchSpread(0, 10, 19, 20, 20, 0));
    BatchSpread two = BatchSpread.of(new double[] {0, 1});
    assertThat(two.p95()).isCloseTo(0.95, within(1e-15));
    assertThat(two.median()).isEqualTo(0.5);
    assertThat(BatchSpread.of(new double[] {7})).isEqualTo(new BatchSpread(7, 7, 7, 7, 0, 0));
  }

  /** Also sorted ones, equal ones, and an order that makes medians of three useless. */
  @Test
  void ranksAreThoseOfASort() {
    java.util.Random random = new java.util.Random(1);
    for (int count : new int[] {1, 2, 31, 33, 100, 1000, 5000}) {
      for (int kind = 0; kind < 5; kind++) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
          values[i] =
              switch (kind) {
                case 0 -> random.nextGaussian();
                case 1 -> i;
                case 2 -> -i;
                case 3 -> random.nextInt(3);
                default -> i % 2 == 0 ? i : count - i;
              };
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        OrderStatistics statistics = new OrderStatistics(values, sorted[0], sorted[count - 1]);
        for (int rank = 0; rank < count; rank += 1 + count / 50) {
          assertThat(statistics.at(rank)).isEqualTo(sorted[rank]);
        }
      }
    }
  }

  @Test
  void aLayersVerdictComesBackAsItWent() throws IOException {
    Figures.Builder figures = new Figures.Builder();
    double value = Math.PI;
    for (Figure figure : Figure.values()) {
      figures.set(figure, value);
      value = value * 1.7 - 3;
    }
    LayerVerdict verdict =
        verdict(figures.build(), new BatchSpread(0.1, 0.2, 0.3, 0.4, 5, 6), new double[] {1, 0.1});
    assertEqual(roundTrip(verdict), verdict);
  }

  @Test
  void whatIsAbsentInfiniteOrUndefinedComesBackSo() throws IOException {
    Figures figures =
        new Figures.Builder()
            .set(Figure.EFFECTIVE_DEPTH, Double.POSITIVE_INFINITY)
            .set(Figure.ITERATIONS_TO_TOLERANCE, Double.POSITIVE_INFINITY)
            .set(Figure.GAIN_SPREAD, Double.NaN)
            .set(Figure.CONTRACTION_RATE, Double.NaN)
            .set(Figure.SIGMA2, Double.MIN_VALUE)
            .build();
    LayerVerdict verdict = verdict(figures, null, null);
    assertThat(VerdictJson.layer(verdict).get("effectiveDepth").isNull()).isTrue();
    assertThat(VerdictJson.layer(verdict).get("gainSpread").isNull()).isTrue();
    assertEqual(roundTrip(verdict), verdict);

    LayerVerdict dense =
        new LayerVerdictBuilder(new SnapshotId("r", 0, "w", 0), Kind.DENSE, Shape.of(0, 3))
            .nonFinite(7)
            .build();
    assertEqual(roundTrip(dense), dense);
  }

  @Test
  void whatAVerdictIsWithoutTravelsWithItAndOtherwiseIsNotThere() throws IOException {
    LayerVerdict whole = verdict(Figures.NONE, null, null);
    assertThat(VerdictJson.layer(whole).has("partsMissing")).isFalse();
    LayerVerdict without =
        whole.without(
            List.of(
                new MissingPart("layers.0.fn", MissingPart.Cause.TOO_LARGE),
                new MissingPart("layers.0.a|layers.0.b", MissingPart.Cause.ABSENT)));
    assertThat(VerdictJson.layer(without).get("partsMissing").toString())
        .isEqualTo(
            "[{\"tensor\":\"layers.0.fn\",\"cause\":\"too-large\"},"
                + "{\"tensor\":\"layers.0.a|layers.0.b\",\"cause\":\"absent\"}]");
    assertEqual(roundTrip(without), without);
  }

  @Test
  void theMatrixTravelsOnTheTopicOnly() {
    LayerVerdict verdict = verdict(Figures.NONE, null, new double[] {1, 2});
    assertThat(VerdictJson.layer(verdict).has("matrix")).isFalse();
    assertThat(new String(VerdictJson.layerBytes(verdict), StandardCharsets.UTF_8))
        .contains("\"matrix\":[1.0,2.0]")
        .doesNotContain("\n");
  }

  @Test
  void whatIsNoVerdictIsRefusedInOneLine() {
    for (String json :
        List.of(
            "",
            "[]",
            "{",
            "null",
            "{\"run\":\"r\"}",
            "{\"run\":\"r\",\"layer\":\"l\",\"step\":1,\"kind\":\"new\",\"observability\":\"exact\","
                + "\"shape\":[]}",
            WITH_MATRIX.formatted(2, 1, "1,0,0"),
            WITH_MATRIX.formatted(0, 0, ""),
            WITH_MATRIX.formatted(-2, -1, "1,0,0,1"))) {
      assertThatThrownBy(() -> VerdictJson.readLayer(json.getBytes(StandardCharsets.UTF_8)))
          .as(json)
          .isInstanceOf(IOException.class)
          .extracting(e -> String.valueOf(e.getMessage()).lines().count())
          .isEqualTo(1L);
    }
  }

  @Test
  void figuresAreNamedInCamelCase() {
    assertThat(Figure.DETAIL_GAIN_UPPER.key()).isEqualTo("detailGainUpper");
    assertThat(Figure.SIGMA2.key()).isEqualTo("sigma2");
    for (Figure figure : Figure.values()) {
      assertThat(Figure.ofKey(figure.key())).isEqualTo(figure);
    }
    assertThat(Figure.ofKey("run")).isNull();
  }

  private static LayerVerdict roundTrip(LayerVerdict verdict) throws IOException {
    return VerdictJson.readLayer(VerdictJson.layerBytes(verdict));
  }

  private static void assertEqual(LayerVerdict actual, LayerVerdict expected) {
    assertThat(actual).usingRecursiveComparison().ignoringFields("figures").isEqualTo(expected);
    for (Figure figure : Figure.values()) {
      assertThat(actual.figures().has(figure)).isEqualTo(expected.figures().has(figure));
      assertThat(actual.get(figure)).as("%s", figure).isEqualTo((Object) expected.get(figure));
    }
  }

  private static LayerVerdict verdict(
      Figures figures, @Nullable BatchSpread spread, double @Nullable [] matrix) {
    return new LayerVerdictBuilder(
            new SnapshotId("run-1", 2, "layers.0.é\"\\", Long.MAX_VALUE),
            Kind.SINKHORN_LOGITS,
            Shape.of(2, 1, 1))
        .observability(Observability.STATIC_PROXY)
        .profile("megatron")
        .operator(1, 2, List.of(0, 1))
        .passes(17)
        .figures(figures)
        .sigma2Batch(spread)
        .residualBatch(spread)
        .matrix(matrix)
        .operators(12)
        .activation(Activation.FLOAT16)
        .alarms(List.of("HomogeneityTrap", "SinkhornNotConverged"))
        .appendedMillis(1_700_000_000_000L)
        .build();
  }

  private static Figures figures(double sigma2, double entropy, double depth) {
    return new Figures.Builder()
        .set(Figure.SIGMA2, sigma2)
        .set(Figure.ENTROPY, entropy)
        .set(Figure.EFFECTIVE_DEPTH, depth)
        .build();
  }
}
