package dev.sinkwatch.analyzer.layer;

import static dev.sinkwatch.analyzer.layer.Layers.concat;
import static dev.sinkwatch.analyzer.layer.Layers.kind;
import static dev.sinkwatch.analyzer.layer.Layers.mixer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.spectrum.CertifiedMatrices;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Sequences of large operators. */
class LargeOperatorsTest {
  private static final int N = 100;

  /** What a certificate's interval is at most, relative, up to n = 1024. */
  private static final double CERTIFIED = 1.01e-3;

  private final LayerAnalysis analysis = Layers.analysis("batch");
  private final LayerHistory history = new LayerHistory(CertifiedMatrices.ofAllSizes(1 << 26));

  @Test
  void anAlarmOnABatchChangesItsStateByACertificateOfTheOperatorThatDecides() throws IOException {
    // one keeps 0.09 all the time; as long as the other keeps 0.9, nobody asks for the first
    for (int step = 0; step < 7; step++) {
      judge(step, 0.09 + 1e-4 * step, 0.9);
    }
    LayerVerdict trapped = judge(7, 0.09 + 7e-4, 0.05);
    assertThat(trapped.get(Figure.DETAIL_GAIN)).isBetween(0.09, 0.092);
    assertThat(width(trapped)).isLessThan(CERTIFIED);
    assertThat(width(judge(8, 0.09 + 8e-4, 0.05))).as("while it counts").isLessThan(CERTIFIED);
    LayerVerdict clear = judge(9, 0.09 + 9e-4, 0.9);
    assertThat(width(clear)).as("and when it clears").isLessThan(CERTIFIED);
  }

  @Test
  void whereNoAlarmIsNearABatchIsCarried() throws IOException {
    judge(0, 0.5, 0.6);
    for (int step = 1; step < 9; step++) {
      LayerVerdict verdict = judge(step, 0.5, 0.6 + 1e-3 * step);
      assertThat(width(verdict)).isGreaterThan(CERTIFIED);
      assertThat(verdict.passes()).isLessThanOrEqualTo(3);
    }
  }

  @Test
  void anExactlyUniformLayerKeepsNothingOfTheDetail() throws IOException {
    for (int step = 0; step < 3; step++) {
      double[] uniform = new double[N * N];
      Arrays.fill(uniform, 1.0 / N);
      LayerVerdict verdict = judge(ArraySnapshot.of("w", step, Shape.of(N, N), uniform));
      assertThat(verdict.get(Figure.DETAIL_GAIN)).isBetween(0.0, 1e-9);
      assertThat(verdict.get(Figure.DETAIL_GAIN_LOWER)).isBetween(0.0, 1e-9);
      assertThat(verdict.get(Figure.DETAIL_GAIN_UPPER)).isBetween(0.0, 1e-6);
      assertThat(verdict.get(Figure.SIGMA2_UPPER)).isBetween(0.0, 1e-6);
    }
  }

  private LayerVerdict judge(long step, double... gains) throws IOException {
    double[] stack = new double[0];
    for (double gain : gains) {
      stack = concat(stack, mixer(N, gain));
    }
    return judge(ArraySnapshot.of("w", step, Shape.of(gains.length, N, N), stack));
  }

  private LayerVerdict judge(ArraySnapshot snapshot) throws IOException {
    return analysis.judge(snapshot.with(kind(Kind.DOUBLY_STOCHASTIC)), history);
  }

  private static double width(LayerVerdict verdict) {
    return verdict.get(Figure.DETAIL_GAIN_UPPER) / verdict.get(Figure.DETAIL_GAIN_LOWER) - 1;
  }
}
