package dev.sinkwatch.analyzer.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.Verdicts;
import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Observability;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of thousands of drawn mixers there is always one whose sums are off: that alone is no alarm. */
class SampledResidualTest {
  private static final int COUNT = 64;
  private static final int N = 4;

  @ParameterizedTest
  @CsvSource({
    "isotropic-proxy, 0, false",
    "isotropic-proxy, 2, false",
    "isotropic-proxy, 10, true",
    "sampled, 2, false",
    "sampled, 10, true",
    "exact, 2, true", // here every operator is one that the model applies to every token
  })
  void judgedOnItsNinetyFifthPercentile(String seen, int slow, boolean holds) {
    LayerVerdict verdict = sample(Observability.named(seen).orElseThrow(), slow);
    assertThat(LayerAlarms.holding(verdict).contains(LayerAlarms.SINKHORN_NOT_CONVERGED))
        .isEqualTo(holds);
  }

  /** Of 64 mixers so many have rows and columns that sum to 1.05. */
  private static LayerVerdict sample(Observability seen, int slow) {
    LayerVerdict one = Verdicts.mixer("r", 0, 0, 0.5, N);
    double[] matrix = new double[COUNT * N * N];
    for (int i = 0; i < matrix.length; i++) {
      boolean off = i / (N * N) < slow;
      matrix[i] = java.util.Objects.requireNonNull(one.matrix())[i % (N * N)] * (off ? 1.05 : 1);
    }
    double[] sigma2 = new double[COUNT];
    Arrays.fill(sigma2, 0.5);
    return one.change()
        .observability(seen)
        .operator(N, COUNT, one.order())
        .sigma2Batch(BatchSpread.of(sigma2))
        .matrix(matrix)
        .build()
        .with(Figure.ROW_RESIDUAL, slow > 0 ? 0.05 : 0);
  }
}
