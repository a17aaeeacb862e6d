package dev.sinkwatch.analyzer.alarm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.LayerHistory;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Of thousands of sampled mixers there is always one whose sums are off: that alone is no alarm.
 */
class SampledResidualTest {
  private static final LayerAnalysis ANALYSIS =
      new LayerAnalysis(AnalysisSettings.DEFAULT, "secret".getBytes(UTF_8));

  /**
   * Small batches travel with their verdict; mixers of 4 are judged together, those of 20 alone.
   */
  @ParameterizedTest
  @CsvSource({
    "isotropic-proxy, 4, 64, 0, false",
    "isotropic-proxy, 4, 64, 2, false",
    "isotropic-proxy, 4, 64, 10, true",
    "sampled, 4, 64, 2, false",
    "sampled, 4, 64, 10, true",
    "sampled, 4, 2000, 60, false",
    "sampled, 4, 2000, 200, true",
    "sampled, 20, 100, 3, false",
    "sampled, 20, 100, 10, true",
    "sampled, 65, 30, 1, false",
    "sampled, 65, 30, 10, true",
    "exact, 4, 64, 2, true", // here every operator is one that the model applies to every token
    "exact, 4, 2000, 60, true",
  })
  void judgedOnItsNinetyFifthPercentile(String seen, int n, int count, int slow, boolean holds)
      throws IOException {
    LayerVerdict verdict = judge(Observability.named(seen).orElseThrow(), n, count, slow);
    assertThat(verdict.matrix() != null).isEqualTo(8 * count * n * n <= 64 << 10 && n <= 64);
    assertThat(notConverged(verdict)).isEqualTo(holds);
    assertThat(notConverged(VerdictJson.readLayer(VerdictJson.layerBytes(verdict.withoutMatrix()))))
        .isEqualTo(holds);
  }

  private static boolean notConverged(LayerVerdict verdict) {
    return LayerAlarms.holding(verdict).contains(LayerAlarms.SINKHORN_NOT_CONVERGED);
  }

  /** Of the mixers (I + J) / 2 the last so many have rows and columns that sum to 1.05. */
  private static LayerVerdict judge(Observability seen, int n, int count, int slow)
      throws IOException {
    double[] values = new double[count * n * n];
    for (int i = 0; i < values.length; i++) {
      boolean diagonal = i % (n * n) % (n + 1) == 0;
      boolean off = i / (n * n) >= count - slow;
      values[i] = (0.5 / n + (diagonal ? 0.5 : 0)) * (off ? 1.05 : 1);
    }
    Hints hints = new Hints(Kind.DOUBLY_STOCHASTIC, seen, null, null, null);
    ArraySnapshot snapshot = ArraySnapshot.of("w", Shape.of(count, n, n), values).with(hints);
    return ANALYSIS.judge(snapshot, new LayerHistory());
  }
}
