package dev.sinkwatch.dashboard.canary;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.alarm.LayerAlarms;
import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.LayerHistory;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The truth that canaries are held against, and the analyzer's verdicts on it. */
final class KnownMixerTest {
  private static final long STEPS = 600;

  private record Whole(SnapshotId id, KnownMixer mixer) implements Snapshot {
    @Override
    public Shape shape() {
      return Shape.of(mixer.n(), mixer.n());
    }

    @Override
    public Dtype dtype() {
      return Dtype.F32;
    }

    @Override
    public Hints hints() {
      return new Hints(Kind.DOUBLY_STOCHASTIC, null, null, null, null);
    }

    @Override
    public long appendedMillis() {
      return id.step();
    }

    @Override
    public void scan(RowRange rows, BlockVisitor visitor) {
      visitor.block(rows.from(), rows.count(), mixer.rows((int) rows.from(), (int) rows.to()));
    }
  }

  private final LayerAnalysis analysis =
      new LayerAnalysis(AnalysisSettings.DEFAULT, "secret".getBytes(UTF_8));
  private final LayerHistory history = new LayerHistory();

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 128})
  void theAnalyzerAgreesWithTheClosedForm(int n) throws Exception {
    double worst = 0;
    double widest = 0;
    for (long step = 0; step < STEPS; step++) {
      KnownMixer mixer = KnownMixer.of(n, 3, step);
      LayerVerdict verdict = judge(mixer, step);
      Comparison comparison = mixer.compare(verdict);
      assertThat(comparison.right()).as(comparison.detail()).isTrue();
      assertThat(comparison.exact()).isEqualTo(n <= 64);
      assertThat(LayerAlarms.holding(verdict)).isEmpty();
      worst = Math.max(worst, comparison.error());
      widest =
          Math.max(
              widest,
              verdict.get(Figure.DETAIL_GAIN_UPPER) / verdict.get(Figure.DETAIL_GAIN_LOWER) - 1);
    }
    assertThat(worst).isLessThan(n <= 64 ? 1e-9 : 1e-3);
    System.out.printf(
        Locale.ROOT,
        "%d canaries of size %d: largest error %.1e, widest bounds %.1e%n",
        STEPS,
        n,
        worst,
        widest);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 128})
  void everyRowAndColumnSumsToOneExactly(int n) {
    for (long step = 0; step < STEPS; step++) {
      float[] values = KnownMixer.of(n, 5, step).rows(0, n).toArray(ValueLayout.JAVA_FLOAT);
      double[] columns = new double[n];
      for (int row = 0; row < n; row++) {
        double sum = 0;
        for (int column = 0; column < n; column++) {
          sum += values[row * n + column];
          columns[column] += values[row * n + column];
        }
        assertThat(sum).isEqualTo(1);
      }
      assertThat(columns).containsOnly(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 128})
  void aVerdictOfAnotherSnapshotIsWrong(int n) throws Exception {
    KnownMixer mixer = KnownMixer.of(n, 3, 100);
    for (long step = 90; step < 110; step++) {
      LayerVerdict verdict = judge(KnownMixer.of(n, 3, step), step);
      assertThat(mixer.compare(verdict).right()).as("step %d", step).isEqualTo(step == 100);
    }
    Comparison otherLayer = mixer.compare(judge(KnownMixer.of(n, 4, 100), 200));
    assertThat(otherLayer.right()).isFalse();
    assertThat(otherLayer.detail()).contains("step 200");
  }

  @Test
  void aVerdictWithoutFiguresIsWrong() throws Exception {
    LayerVerdict small = judge(KnownMixer.of(4, 0, 0), 0);
    Comparison comparison = KnownMixer.of(8, 0, 0).compare(small);
    assertThat(comparison.right()).isFalse();
    assertThat(comparison.error()).isNaN();
    assertThat(comparison.detail()).contains("of size 4 instead of a mixer of size 8");
  }

  @Test
  void aMixerReturnsOnlyAfterLong() {
    Set<KnownMixer> seen = new HashSet<>();
    for (long step = 0; step < 256; step++) {
      assertThat(seen.add(KnownMixer.of(4, 1, step))).as("step %d", step).isTrue();
    }
  }

  private LayerVerdict judge(KnownMixer mixer, long step) throws Exception {
    return analysis.judge(
        new Whole(new SnapshotId("r", 0, "canary.0.mixer", step), mixer), history);
  }
}
