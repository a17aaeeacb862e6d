package dev.sinkwatch.analyzer.layer;

import static dev.sinkwatch.analyzer.layer.Layers.analysis;
import static dev.sinkwatch.analyzer.layer.Layers.concat;
import static dev.sinkwatch.analyzer.layer.Layers.dense;
import static dev.sinkwatch.analyzer.layer.Layers.mixer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What is remembered of a layer from snapshot to snapshot. */
class LayerHistoryTest {
  private final LayerAnalysis analysis = analysis("secret");
  private final LayerHistory history = new LayerHistory();

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
  void anotherAttemptAndOtherSizesStartTheWatchAgain() throws IOException {
    history.begin(ofAttempt(0));
    assertThat(moved(mixer(2, 1), 0)).isZero();
    assertThat(moved(mixer(2, 1 - 1e-4), 1e-4)).isPositive();
    history.begin(ofAttempt(1));
    assertThat(moved(mixer(2, 1), 0)).isZero();
    assertThat(moved(concat(mixer(2, 1), mixer(2, 1)), 0)).isZero();
    double[] second = concat(mixer(2, 1), mixer(2, 1 - 1e-5));
    assertThat(moved(second, 0))
        .as("the one that moved most")
        .isCloseTo(1e-5 * Math.sqrt(1 / 2.0), within(1e-12));
  }

  private double moved(double[] operators, double distance) throws IOException {
    return history.frozen().movement(() -> operators, operators.length, 2, distance);
  }

  private static Snapshot ofAttempt(int attempt) {
    ArraySnapshot some = dense(2, 2);
    return new ArraySnapshot(
        new SnapshotId("r", attempt, "w", 0),
        some.shape(),
        some.dtype(),
        some.hints(),
        some.data(),
        0);
  }

  private double movement(long step, double gain) throws IOException {
    return judge(ArraySnapshot.of("w", step, Shape.of(4, 4), mixer(4, gain))).get(Figure.MOVEMENT);
  }

  private LayerVerdict judge(Snapshot snapshot) throws IOException {
    return analysis.judge(snapshot, history);
  }
}
