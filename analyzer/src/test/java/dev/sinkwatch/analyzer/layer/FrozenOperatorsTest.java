package dev.sinkwatch.analyzer.layer;

import static dev.sinkwatch.analyzer.layer.Layers.analysis;
import static dev.sinkwatch.analyzer.layer.Layers.identities;
import static dev.sinkwatch.analyzer.layer.Layers.kind;
import static dev.sinkwatch.analyzer.layer.Layers.mixer;
import static dev.sinkwatch.analyzer.layer.Layers.scaled;
import static dev.sinkwatch.analyzer.layer.Layers.shape;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.alarm.LayerAlarms;
import dev.sinkwatch.analyzer.spectrum.CertifiedMatrices;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers that stand still at a permutation, also where verdicts do not carry their operators. */
class FrozenOperatorsTest {
  private static final long SMALL = 16 * 8;
  private static final long ROOM = (4 << 20) + SMALL;

  private final LayerAnalysis analysis = analysis("frozen");
  private final LayerHistories histories =
      new LayerHistories(3, new CertifiedMatrices(0), new KeptRoom(ROOM));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "513,4,4 | DOUBLY_STOCHASTIC | 1",
        "10,32,32 | DOUBLY_STOCHASTIC | 1",
        "80,80 | DOUBLY_STOCHASTIC | 1",
        "2,70,70 | DOUBLY_STOCHASTIC | 1",
        "20,64,64 | TRANSPORT_PLAN | 0.015625",
        "513,4,4 | SINKHORN_LOGITS | 60",
        "10,32,32 | SINKHORN_LOGITS | 60",
        "80,80 | SINKHORN_LOGITS | 60"
      })
  void whatStandsStillAtAPermutationIsStagnant(String dimensions, Kind kind, double scale)
      throws IOException {
    Shape shape = shape(dimensions);
    double[] values = values(identities(shape), scale);
    for (int step = 0; step < 3; step++) {
      LayerVerdict verdict = judge("w", step, shape, values, kind(kind));
      assertThat(verdict.matrix()).isNull();
      assertThat(verdict.get(Figure.MOVEMENT)).isZero();
      assertThat(LayerAlarms.holding(verdict)).contains(LayerAlarms.IDENTITY_STAGNATION);
    }
    assertThat(histories.frozenBytes()).isEqualTo(8L * values.length);
  }

  @Test
  void whatMovesIsNot() throws IOException {
    int n = 100;
    double[] gains = {1, 1 - 1e-5, 1 - 3e-4, 0.9};
    double moved = Math.sqrt(1 - 1.0 / n); // of (g - g') (I - J), over sqrt(n)
    double[] movements = {0, 1e-5 * moved, 3e-4 * moved, Double.NaN};
    for (int step = 0; step < gains.length; step++) {
      LayerVerdict verdict = judge("w", step, Shape.of(n, n), mixer(n, gains[step]), Hints.NONE);
      assertThat(verdict.get(Figure.MOVEMENT)).isCloseTo(movements[step], within(1e-12));
      assertThat(LayerAlarms.holding(verdict).contains(LayerAlarms.IDENTITY_STAGNATION))
          .isEqualTo(step < 2);
    }
    assertThat(histories.frozenBytes()).as("of a layer that mixes again").isZero();
  }

  @Test
  void nothingIsReadAgainOrKeptOfALayerThatMixes() throws IOException {
    for (String dimensions : new String[] {"600,4,4", "128,128"}) {
      Shape shape = shape(dimensions);
      int n = (int) shape.columns();
      double[] one = mixer(n, 0.9);
      double[] values = new double[(int) shape.elements()];
      Arrays.setAll(values, i -> one[i % one.length]);
      CountedReads counted = CountedReads.of(ArraySnapshot.of(dimensions, shape, values));
      LayerVerdict verdict = analysis.judge(counted, histories.of(counted));
      assertThat(verdict.figures().has(Figure.MOVEMENT)).isFalse();
      CountedReads alone = CountedReads.of(ArraySnapshot.of(dimensions, shape, values));
      analysis.judge(alone, LayerHistory.ofOneSnapshot());
      assertThat(counted.passes()).isEqualTo(alone.passes());
    }
    assertThat(histories.frozenBytes()).isZero();
  }

  @Test
  void theRoomIsBoundedAndComesBack() throws IOException {
    Shape shape = Shape.of(512, 512); // two of them fit
    double[] values = values(identities(shape), 1);
    assertThat(movement("a", shape, values)).isZero();
    assertThat(movement("b", shape, values)).isZero();
    assertThat(movement("c", shape, values)).as("finds no room").isNaN();
    assertThat(histories.frozenBytes()).isEqualTo(4 << 20);
    Shape small = Shape.of(4, 4);
    movement("d", small, values(identities(small), 1)); // the fourth layer of three
    assertThat(histories.frozenBytes()).isEqualTo((2 << 20) + SMALL);
    assertThat(movement("c", shape, values)).isZero();
  }

  @Test
  void whatIsLargerIsJudgedFromOneSnapshotOnly() throws IOException {
    Shape shape = Shape.of(65537, 4, 4);
    double[] values = values(identities(shape), 1);
    assertThat(movement("a", shape, values)).isNaN();
    Snapshot alone = ArraySnapshot.of("a", shape, values);
    LayerVerdict verdict = analysis.judge(alone, LayerHistory.ofOneSnapshot());
    assertThat(LayerAlarms.holding(verdict)).contains(LayerAlarms.IDENTITY_STAGNATION);
  }

  private double movement(String layer, Shape shape, double[] values) throws IOException {
    return judge(layer, 0, shape, values, Hints.NONE).get(Figure.MOVEMENT);
  }

  private LayerVerdict judge(String layer, long step, Shape shape, double[] values, Hints hints)
      throws IOException {
    Snapshot snapshot = ArraySnapshot.of(layer, step, shape, values).with(hints);
    return analysis.judge(snapshot, histories.of(snapshot));
  }

  private static double[] values(ArraySnapshot identities, double scale) throws IOException {
    return scaled(SnapshotMatrix.values(identities).read(), scale);
  }
}
