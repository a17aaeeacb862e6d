package dev.sinkwatch.analyzer.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What weight decay alone would have made of a layer. */
class DecayedLogitsTest {
  private static final double DECAY = 0.1;

  private final LayerAnalysis analysis = Layers.analysis("secret");
  private final LayerHistory history = new LayerHistory();
  private final double[] logits = Layers.gaussian(3 * 16, new Random(1));

  @Test
  void ofLogitsThatOnlyDecayItIsWhatIsMeasured() throws IOException {
    for (int step = 0; step <= 2000; step++) {
      if (step % 100 == 0) {
        Figures figures = judge(0, step, rate(step));
        assertThat(figures.get(Figure.SIGMA2_FROM_DECAY))
            .isCloseTo(figures.get(Figure.SIGMA2), within(1e-4));
      }
      for (int i = 0; i < logits.length; i++) {
        logits[i] *= 1 - rate(step) * DECAY;
      }
    }
    Figures last = judge(0, 2001, rate(2001));
    assertThat(last.get(Figure.SIGMA2)).isLessThan(0.5);
    assertThat(last.get(Figure.DECAY_FACTOR)).isBetween(0.2, 0.25);
  }

  @Test
  void whatElseHappensToThemIsNotDecay() throws IOException {
    double before = judge(0, 0, 0.01).get(Figure.SIGMA2);
    for (int i = 0; i < logits.length; i++) {
      logits[i] *= 0.1;
    }
    Figures figures = judge(0, 10, 0.01);
    assertThat(figures.get(Figure.SIGMA2)).isLessThan(0.3 * before);
    assertThat(figures.get(Figure.SIGMA2_FROM_DECAY)).isCloseTo(before, within(0.02));
  }

  @Test
  void withoutARateThereIsNoneAndAnotherAttemptBeginsAnew() throws IOException {
    assertThat(judge(0, 0, null).has(Figure.SIGMA2_FROM_DECAY)).isFalse();
    judge(0, 100, 0.1);
    assertThat(judge(0, 200, 0.1).get(Figure.DECAY_FACTOR))
        .isCloseTo(Math.pow(0.99, 100), within(1e-12));
    assertThat(judge(1, 150, 0.1).get(Figure.DECAY_FACTOR)).isEqualTo(1);
    assertThat(judge(1, 160, null).has(Figure.DECAY_FACTOR)).isFalse();
    assertThat(judge(1, 170, 0.1).get(Figure.DECAY_FACTOR)).as("a gap").isEqualTo(1);
    assertThat(judge(1, 180, 20.0).has(Figure.DECAY_FACTOR)).as("all at once").isFalse();
  }

  @Test
  void manyAtOnceAreProjectedToTheSame() throws IOException {
    double[] many = Layers.gaussian(100 * 16, new Random(2));
    double[] figures = new double[2];
    for (int step = 0; step < 2; step++) {
      Figures judged = judge(many, 0, 100L * step, 0.1);
      figures[step] = judged.get(Figure.SIGMA2_FROM_DECAY);
      assertThat(figures[step]).isCloseTo(judged.get(Figure.SIGMA2), within(1e-9));
      for (int i = 0; i < many.length; i++) {
        many[i] *= Math.pow(1 - 0.1 * DECAY, 100);
      }
    }
    assertThat(figures[1]).isLessThan(figures[0]);
  }

  @Test
  void theRoomForFirstLogitsIsBounded() {
    KeptRoom room = KeptRoom.ofLogits();
    assertThat(room.take(8 << 20)).isTrue();
    assertThat(room.take(1)).isFalse();
    room.giveBack(128);
    assertThat(room.take(128)).isTrue();
  }

  /** Goes down evenly from snapshot to snapshot. */
  private static double rate(int step) {
    return 0.01 * (1 - step / 4000.0);
  }

  private Figures judge(int attempt, long step, @Nullable Double rate) throws IOException {
    return judge(logits, attempt, step, rate);
  }

  private Figures judge(double[] values, int attempt, long step, @Nullable Double rate)
      throws IOException {
    ArraySnapshot all =
        ArraySnapshot.of("l", step, Shape.of(values.length / 16, 4, 4), values)
            .with(
                new Hints(
                    Kind.SINKHORN_LOGITS,
                    null,
                    null,
                    null,
                    null,
                    rate,
                    rate == null ? null : DECAY));
    ArraySnapshot snapshot =
        new ArraySnapshot(
            new SnapshotId("r", attempt, "l", step),
            all.shape(),
            all.dtype(),
            all.hints(),
            all.data(),
            all.appendedMillis());
    return analysis.judge(snapshot, history).figures();
  }
}
