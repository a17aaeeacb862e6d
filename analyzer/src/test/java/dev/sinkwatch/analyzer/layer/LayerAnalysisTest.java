package dev.sinkwatch.analyzer.layer;

import static dev.sinkwatch.analyzer.layer.Layers.analysis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds of all judgements. */
class LayerAnalysisTest {
  private final LayerAnalysis analysis = analysis("secret");
  private final LayerHistory history = new LayerHistory();

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

  private LayerVerdict judge(Snapshot snapshot) throws IOException {
    return analysis.judge(snapshot, history);
  }
}
