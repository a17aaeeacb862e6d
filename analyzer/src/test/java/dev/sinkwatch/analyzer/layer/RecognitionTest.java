package dev.sinkwatch.analyzer.layer;

import static dev.sinkwatch.analyzer.layer.Layers.analysis;
import static dev.sinkwatch.analyzer.layer.Layers.concat;
import static dev.sinkwatch.analyzer.layer.Layers.dense;
import static dev.sinkwatch.analyzer.layer.Layers.kind;
import static dev.sinkwatch.analyzer.layer.Layers.mixer;
import static dev.sinkwatch.analyzer.layer.Layers.scaled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
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
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a layer is taken for. */
class RecognitionTest {
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
    assertThat(VerdictJson.readLayer(VerdictJson.layerBytes(unknown)).projectionAssumed()).isTrue();
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

  @Test
  void whatIsLeftOfAMixerTellsWhatItWas() throws IOException {
    for (double broken :
        new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
      double[] one = mixer(4, 0.5);
      one[5] = broken;
      assertThat(judgeNew(one))
          .returns(Kind.DOUBLY_STOCHASTIC, LayerVerdict::kind)
          .returns(4, LayerVerdict::n)
          .returns(1L, LayerVerdict::nonFinite);
    }
    double[] batch = concat(mixer(2, 0.5), new double[] {Double.NaN, 1, 1, 1}, mixer(2, 0.5));
    assertThat(judge(ArraySnapshot.of("w", Shape.of(3, 2, 2), batch)))
        .returns(Kind.DENSE, LayerVerdict::kind); // 1 and 1 are 2
    Arrays.fill(batch, 4, 8, Double.NaN);
    assertThat(judge(ArraySnapshot.of("w", Shape.of(3, 2, 2), batch)))
        .returns(Kind.DOUBLY_STOCHASTIC, LayerVerdict::kind)
        .returns(3, LayerVerdict::batch)
        .returns(4L, LayerVerdict::nonFinite);
    assertThat(history.recognised()).as("by a part alone").isNull();
  }

  @Test
  void whatIsLeftOfAMixerMayBeTooLittleToTell() throws IOException {
    double[] all = new double[16];
    Arrays.fill(all, Double.NaN);
    assertThat(judgeNew(all).kind()).isEqualTo(Kind.DENSE);
    double[] two = mixer(2, 0.5);
    two[0] = Double.NaN;
    assertThat(judgeNew(two).kind()).as("one row").isEqualTo(Kind.DENSE);
    double[] rows = mixer(4, 0.5);
    rows[0] = rows[5] = rows[10] = Double.NaN;
    assertThat(judgeNew(rows).kind()).as("one row").isEqualTo(Kind.DENSE);
    double[] negative = mixer(4, -0.5);
    negative[0] = Double.NaN;
    assertThat(judgeNew(negative).kind()).isEqualTo(Kind.DENSE);
    double[] attention = {Double.NaN, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
    assertThat(judgeNew(attention).kind()).isEqualTo(Kind.DENSE);
  }

  @Test
  void anotherAttemptMayBeAnotherModelAndIsRecognisedAnew() throws IOException {
    judge(ArraySnapshot.of("w", 1, Shape.of(4, 4), mixer(4, 0.5)));
    ArraySnapshot off = ArraySnapshot.of("w", 2, Shape.of(4, 4), scaled(mixer(4, 0.5), 1.5));
    assertThat(judge(off).kind()).isEqualTo(Kind.DOUBLY_STOCHASTIC);
    SnapshotId restarted = new SnapshotId("r", 1, "w", 2);
    assertThat(
            judge(
                    new ArraySnapshot(
                        restarted, off.shape(), off.dtype(), off.hints(), off.data(), 0))
                .kind())
        .isEqualTo(Kind.DENSE);
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
}
