package dev.sinkwatch.analyzer.layer;

import static dev.sinkwatch.analyzer.layer.Layers.kind;
import static dev.sinkwatch.analyzer.layer.Layers.mixer;
import static dev.sinkwatch.analyzer.layer.Layers.scaled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.profile.Profiles;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Matrices whose sums are meant to be 1/n. */
class MarginalLayersTest {
  private final LayerHistory history = new LayerHistory();

  @Test
  void whatWasAttentionOnceStaysAttentionWhateverBecomesOfIt() throws IOException {
    LayerAnalysis analysis = analysis("sinkformer");
    double[] good = scaled(mixer(4, 0.5), 0.25);
    LayerVerdict first = analysis.judge(snapshot(good), history);
    assertThat(first.kind()).isEqualTo(Kind.DOUBLY_STOCHASTIC);
    assertThat(first.get(Figure.DETAIL_GAIN)).isCloseTo(0.5, within(1e-14));

    double[] bad = good.clone();
    bad[0] += 0.05;
    LayerVerdict off = analysis.judge(snapshot(bad), history);
    assertThat(off.kind()).isEqualTo(Kind.DOUBLY_STOCHASTIC);
    assertThat(off.get(Figure.ROW_RESIDUAL)).isCloseTo(0.2, within(1e-14));

    bad[5] = Double.NaN;
    LayerVerdict broken = analysis.judge(snapshot(bad), history);
    assertThat(broken.kind()).isEqualTo(Kind.DOUBLY_STOCHASTIC);
    assertThat(broken.nonFinite()).isOne();

    assertThat(analysis.judge(snapshot(bad), new LayerHistory()).kind()).isEqualTo(Kind.DENSE);
  }

  @Test
  void sumsOfOneNeedNoRule() throws IOException {
    LayerVerdict verdict = analysis("sinkformer").judge(snapshot(mixer(4, 0.5)), history);
    assertThat(verdict.kind()).isEqualTo(Kind.DOUBLY_STOCHASTIC);
    assertThat(verdict.profile()).isEqualTo(Profiles.GENERIC);
    assertThat(verdict.get(Figure.DETAIL_GAIN)).isCloseTo(0.5, within(1e-14));
  }

  @Test
  void aPlanThatItsPublisherNamesNeedsNoProfile() throws IOException {
    double[] plan = {0.25, 0, 0.25, 0, 0.5, 0};
    ArraySnapshot snapshot = ArraySnapshot.of("plan", Shape.of(2, 3), plan);
    assertThat(analysis("auto").judge(snapshot, new LayerHistory()).kind()).isEqualTo(Kind.DENSE);
    LayerVerdict verdict =
        analysis("auto").judge(snapshot.with(kind(Kind.TRANSPORT_PLAN)), new LayerHistory());
    assertThat(verdict.kind()).isEqualTo(Kind.TRANSPORT_PLAN);
    assertThat(verdict.n()).isZero();
    assertThat(verdict.batch()).isOne();
    assertThat(verdict.get(Figure.ROW_RESIDUAL)).isLessThan(1e-15);
    assertThatThrownBy(() ->
            analysis("auto")
                .judge(
                    ArraySnapshot.of("v", Shape.of(6), plan).with(kind(Kind.TRANSPORT_PLAN)),
                    new LayerHistory()))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("cannot be of kind transport-plan");
  }

  private static LayerAnalysis analysis(String profile) {
    AnalysisSettings usual = AnalysisSettings.DEFAULT;
    return new LayerAnalysis(
        new AnalysisSettings(
            Profiles.named(profile).orElseThrow(),
            usual.eps(),
            usual.tolerance(),
            usual.failureProbability(),
            0),
        "marginal".getBytes(StandardCharsets.UTF_8));
  }

  private static ArraySnapshot snapshot(double[] values) {
    return ArraySnapshot.of("layers.0.attention", Shape.of(4, 4), values);
  }
}
