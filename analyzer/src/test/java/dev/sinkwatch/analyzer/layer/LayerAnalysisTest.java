package dev.sinkwatch.analyzer.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Activation;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerAnalysisTest {
  private static final String LOGITS = "h.3.hc_mlp.H_res_logits";

  private final LayerAnalysis analysis = analysis("secret");
  private final LayerHistory history = new LayerHistory();

  @Test
  void aPublishersKindWinsOverTheRuleForTheName() throws IOException {
    ArraySnapshot snapshot = ArraySnapshot.of(LOGITS, Shape.of(4, 4), mixer(4, 0.5));
    assertThat(judge(snapshot))
        .returns(Kind.SINKHORN_LOGITS, LayerVerdict::kind)
        .returns("tokenbender", LayerVerdict::profile);
    LayerVerdict itself = judge(snapshot.with(kind(Kind.DOUBLY_STOCHASTIC)));
    assertThat(itself)
        .returns(Kind.DOUBLY_STOCHASTIC, LayerVerdict::kind)
        .returns("generic", LayerVerdict::profile);
    assertThat(itself.get(Figure.SIGMA2)).isCloseTo(0.5, within(1e-14));
    assertThat(judge(snapshot.with(kind(Kind.DENSE))))
        .returns(Kind.DENSE, LayerVerdict::kind)
        .returns(0, LayerVerdict::n);
    assertThat(judge(snapshot.with(kind(Kind.IGNORE))).kind()).isEqualTo(Kind.IGNORE);
  }

  @Test
  void aPublishersKindOfLogitsTakesTheRuleForTheNameIfThereIsOne() throws IOException {
    double[] logits = {0, 1, 2, 0};
    LayerVerdict ruled =
        judge(ArraySnapshot.of(LOGITS, Shape.of(2, 2), logits).with(kind(Kind.SINKHORN_LOGITS)));
    assertThat(ruled.profile()).isEqualTo("tokenbender");
    assertThat(ruled.order()).containsExactly(3, 1);

    LayerVerdict unknown =
        judge(ArraySnapshot.of("mixer.7", Shape.of(2, 2), logits).with(kind(Kind.SINKHORN_LOGITS)));
    assertThat(unknown.profile()).isEqualTo("generic");
    assertThat(unknown.observability()).isEqualTo(Observability.EXACT);
    assertThat(unknown.order()).containsExactly(7);
    assertThat(unknown.matrix()).isEqualTo(Projection.SITE.apply(logits, 2));
  }

  @Test
  void whatElseAPublisherSaysWinsToo() throws IOException {
    Hints hints = new Hints(null, Observability.SAMPLED, 42, 12, Activation.FLOAT32);
    assertThat(judge(ArraySnapshot.of(LOGITS, Shape.of(4, 4), mixer(4, 0.5)).with(hints)))
        .returns(Kind.SINKHORN_LOGITS, LayerVerdict::kind)
        .returns(Observability.SAMPLED, LayerVerdict::observability)
        .returns(List.of(42), LayerVerdict::order)
        .returns(12, LayerVerdict::operators)
        .returns(Activation.FLOAT32, LayerVerdict::activation);
  }

  @Test
  void sumsWithinATenthAreRecognisedWithoutARule() throws IOException {
    assertThat(judgeNew(scaled(mixer(4, 0.5), 1.0999)).kind()).isEqualTo(Kind.DOUBLY_STOCHASTIC);
    assertThat(judgeNew(scaled(mixer(4, 0.5), 0.9001)).kind()).isEqualTo(Kind.DOUBLY_STOCHASTIC);
    assertThat(judgeNew(scaled(mixer(4, 0.5), 1.1001)).kind()).isEqualTo(Kind.DENSE);
    assertThat(judgeNew(scaled(mixer(4, 0.5), 0.8999)).kind()).isEqualTo(Kind.DENSE);
    // all sums are 1, but mixing is no averaging
    assertThat(judgeNew(mixer(4, -0.5)).kind()).isEqualTo(Kind.DENSE);
    // rows alone are not enough, as in attention
    assertThat(judgeNew(new double[] {1, 0, 1, 0}).kind()).isEqualTo(Kind.DENSE);
    // of a batch one is enough to spoil it
    double[] batch = concat(mixer(2, 0.5), new double[] {1, 1, 1, 1});
    assertThat(judge(ArraySnapshot.of("w", Shape.of(2, 2, 2), batch), new LayerHistory()).kind())
        .isEqualTo(Kind.DENSE);
  }

  @Test
  void onceRecognisedALayerKeepsItsKind() throws IOException {
    double[] off = scaled(mixer(4, 0.5), 1.5);
    assertThat(judge(ArraySnapshot.of("w", 1, Shape.of(4, 4), off)).kind()).isEqualTo(Kind.DENSE);
    judge(ArraySnapshot.of("w", 2, Shape.of(4, 4), mixer(4, 0.5)));
    LayerVerdict later = judge(ArraySnapshot.of("w", 3, Shape.of(4, 4), off));
    assertThat(later.kind()).isEqualTo(Kind.DOUBLY_STOCHASTIC);
    assertThat(later.get(Figure.ROW_RESIDUAL)).isCloseTo(0.5, within(1e-12));
    double[] negative = mixer(4, -0.5);
    assertThat(judge(ArraySnapshot.of("w", 4, Shape.of(4, 4), negative)).kind())
        .isEqualTo(Kind.DOUBLY_STOCHASTIC);
    negative[0] = Double.NaN;
    assertThat(judge(ArraySnapshot.of("w", 5, Shape.of(4, 4), negative)))
        .returns(Kind.DOUBLY_STOCHASTIC, LayerVerdict::kind)
        .returns(4, LayerVerdict::n)
        .returns(1L, LayerVerdict::nonFinite);
  }

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
  void oneStreamIsIgnored() throws IOException {
    assertThat(
            judge(
                    ArraySnapshot.of("w", Shape.of(3, 1, 1), new double[] {1, 1, 1})
                        .with(kind(Kind.DOUBLY_STOCHASTIC)))
                .kind())
        .isEqualTo(Kind.IGNORE);
    assertThat(judge(ArraySnapshot.of(LOGITS, Shape.of(1, 1), new double[] {1})).kind())
        .isEqualTo(Kind.IGNORE);
    // weights before, after and one logit
    assertThat(
            judge(ArraySnapshot.of("layers.0.hc_attn_base", Shape.of(3), new double[] {1, 1, 1}))
                .kind())
        .isEqualTo(Kind.IGNORE);
  }

  @Test
  void vectorsAndScalarsAreIgnored() throws IOException {
    assertThat(judge(ArraySnapshot.of("b", Shape.of(5), new double[5])).kind())
        .isEqualTo(Kind.IGNORE);
    assertThat(judge(ArraySnapshot.of("s", Shape.of(), new double[1])).kind())
        .isEqualTo(Kind.IGNORE);
    assertThat(judge(ArraySnapshot.of("e", Shape.of(0, 4), new double[0])).kind())
        .isEqualTo(Kind.IGNORE);
  }

  @Test
  void integersAreDenseOnly() throws IOException {
    byte[] identity = {1, 0, 0, 1};
    ArraySnapshot snapshot =
        new ArraySnapshot(
            new SnapshotId("r", 0, "w", 0),
            Shape.of(2, 2),
            Dtype.I8,
            Hints.NONE,
            MemorySegment.ofArray(identity),
            0);
    LayerVerdict verdict = judge(snapshot);
    assertThat(verdict.kind()).isEqualTo(Kind.DENSE);
    assertThat(verdict.get(Figure.SIGMA2)).isEqualTo(1);
    for (Kind kind : new Kind[] {Kind.DOUBLY_STOCHASTIC, Kind.SINKHORN_LOGITS}) {
      assertUnfit(snapshot.with(kind(kind)), "integers cannot be of kind " + kind.wireName());
    }
    judge(ArraySnapshot.of("w", Shape.of(2, 2), mixer(2, 1)));
    assertThat(judge(snapshot).kind()).as("though floats were recognised").isEqualTo(Kind.DENSE);
  }

  @Test
  void aKindThatDoesNotFitTheShapeIsRefused() {
    assertUnfit(dense(4, 5).with(kind(Kind.DOUBLY_STOCHASTIC)), "[4,5]");
    assertUnfit(dense(4, 5).with(kind(Kind.SINKHORN_LOGITS)), "[4,5]");
    assertUnfit(dense(0, 0).with(kind(Kind.DOUBLY_STOCHASTIC)), "[0,0]");
    assertUnfit(ArraySnapshot.of("w", Shape.of(4), new double[4]).with(kind(Kind.DENSE)), "[4]");
    assertUnfit(ArraySnapshot.of("layers.0.hc_attn_base", Shape.of(23), new double[23]), "[23]");
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

  @Test
  void theBoundsFollowFromTheSecret() throws IOException {
    int n = 80;
    double[] logits = new double[n * n];
    Random random = new Random(1);
    Arrays.setAll(logits, i -> random.nextGaussian());
    Snapshot snapshot =
        ArraySnapshot.of(
            "w", Shape.of(n, n), new Projection(Projection.Method.LOG, 200, 1, 0).apply(logits, n));
    double upper = judge(snapshot).get(Figure.DETAIL_GAIN_UPPER);
    LayerVerdict same = analysis("secret").judge(snapshot, new LayerHistory());
    assertThat(same.get(Figure.DETAIL_GAIN_UPPER)).isEqualTo(upper);
    LayerVerdict other = analysis("other").judge(snapshot, new LayerHistory());
    assertThat(other.get(Figure.DETAIL_GAIN_UPPER))
        .isNotEqualTo(upper)
        .isCloseTo(upper, within(0.01 * upper));
  }

  @Test
  void movementIsWatchedWhileAnOperatorIsFrozen() throws IOException {
    assertThat(movement(1, 0.5)).isNaN();
    assertThat(movement(2, 1 - 1e-5)).isZero();
    double moved = 1e-5 * Math.sqrt(3 / 4.0); // of (g - g') (I - J), over sqrt(n)
    assertThat(movement(3, 1)).isCloseTo(moved, within(1e-12));
    assertThat(movement(4, 1 - 3e-5)).as("from the first").isCloseTo(2 * moved, within(1e-12));
    assertThat(movement(5, 1 - 3e-4)).isCloseTo(29 * moved, within(1e-12));
    assertThat(movement(6, 1 - 3e-4)).as("it starts again where it went").isZero();
    assertThat(movement(7, 0.9)).isNaN();
    assertThat(movement(8, 1)).isZero();
  }

  @Test
  void anotherAttemptAndOtherSizesStartTheWatchAgain() {
    history.attempt(0);
    assertThat(history.movement(mixer(2, 1), 2, 0)).isZero();
    assertThat(history.movement(mixer(2, 1 - 1e-4), 2, 1e-4)).isPositive();
    history.attempt(1);
    assertThat(history.movement(mixer(2, 1), 2, 0)).isZero();
    assertThat(history.movement(concat(mixer(2, 1), mixer(2, 1)), 2, 0)).isZero();
    double[] second = concat(mixer(2, 1), mixer(2, 1 - 1e-5));
    assertThat(history.movement(second, 2, 0))
        .as("the one that moved most")
        .isCloseTo(1e-5 * Math.sqrt(1 / 2.0), within(1e-12));
  }

  @Test
  void anUnknownProfileIsNamedWithTheKnownOnes() {
    assertThatThrownBy(() ->
            new LayerAnalysis(new AnalysisSettings("llama", 0.01, 1e-3, 1e-9, 0), new byte[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("llama")
        .hasMessageContaining("tokenbender");
  }

  private double movement(long step, double gain) throws IOException {
    return judge(ArraySnapshot.of("w", step, Shape.of(4, 4), mixer(4, gain))).get(Figure.MOVEMENT);
  }

  private void assertUnfit(Snapshot snapshot, String detail) {
    assertThatThrownBy(() -> judge(snapshot))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> assertThat(e.rejection().reason()).isEqualTo(Reason.KIND_NOT_SHAPE))
        .hasMessageContaining(detail);
  }

  private LayerVerdict judge(Snapshot snapshot) throws IOException {
    return judge(snapshot, history);
  }

  private LayerVerdict judge(Snapshot snapshot, LayerHistory its) throws IOException {
    return analysis.judge(snapshot, its);
  }

  private LayerVerdict judgeNew(double[] square) throws IOException {
    int n = (int) Math.sqrt(square.length);
    return judge(ArraySnapshot.of("w", Shape.of(n, n), square), new LayerHistory());
  }

  private static LayerAnalysis analysis(String secret) {
    return new LayerAnalysis(AnalysisSettings.DEFAULT, secret.getBytes(StandardCharsets.UTF_8));
  }

  private static Hints kind(@Nullable Kind kind) {
    return new Hints(kind, null, null, null, null);
  }

  private static ArraySnapshot dense(int rows, int columns) {
    return ArraySnapshot.of("w", Shape.of(rows, columns), new double[rows * columns]);
  }

  private static Shape shape(String dimensions) {
    return Shape.of(Arrays.stream(dimensions.split(",", -1)).mapToLong(Long::parseLong).toArray());
  }

  private static ArraySnapshot identities(Shape shape) {
    int n = (int) shape.columns();
    double[] values = new double[(int) shape.elements()];
    Arrays.setAll(values, i -> i % (n * n) % (n + 1) == 0 ? 1 : 0);
    return ArraySnapshot.of("w", shape, values);
  }

  /** (1 - g) J + g I, whose detail gain is |g|. */
  private static double[] mixer(int n, double gain) {
    double[] p = new double[n * n];
    Arrays.setAll(p, i -> (1 - gain) / n + (i % (n + 1) == 0 ? gain : 0));
    return p;
  }

  private static double[] scaled(double[] values, double factor) {
    return Arrays.stream(values).map(value -> factor * value).toArray();
  }

  private static double[] concat(double[]... parts) {
    return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
  }
}
