package dev.sinkwatch.analyzer.layer;

import static dev.sinkwatch.analyzer.layer.Layers.assertSameBits;
import static dev.sinkwatch.analyzer.layer.Layers.kind;
import static dev.sinkwatch.analyzer.layer.Layers.mixed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.spectrum.CertifiedMatrices;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LayerHistoriesTest {
  private static final int N = 80;
  private static final long BYTES = PanelMatrix.bytes(N, N) + PanelMatrix.bytes(1, N) / 4;
  private static final long HOUR = 3_600_000;

  private final LayerAnalysis analysis = Layers.analysis("lanes");
  private final Map<String, double[]> layers = new HashMap<>();

  private record At(String layer, int step) {}

  @Test
  void bitsDoNotDependOnHowLayersAreInterleaved() throws IOException {
    List<At> inTurn = new ArrayList<>();
    for (int step = 0; step < 6; step++) {
      for (String layer : List.of("a", "b", "c", "d")) {
        inTurn.add(new At(layer, step));
      }
    }
    List<At> oneByOne = new ArrayList<>(inTurn);
    oneByOne.sort(Comparator.comparing(At::layer));
    Map<At, LayerVerdict> some = judge(histories(100, 4 * BYTES), inTurn);
    Map<At, LayerVerdict> others = judge(histories(100, 4 * BYTES), oneByOne);
    some.forEach((at, verdict) -> assertSameBits(Objects.requireNonNull(others.get(at)), verdict));
  }

  @Test
  void layersInTurnThatDoNotAllFitDoNotDriveEachOtherOut() throws IOException {
    LayerHistories histories = histories(100, 2 * BYTES);
    for (int step = 0; step < 4; step++) {
      for (String layer : List.of("a", "b", "c")) {
        boolean carried = carried(judge(histories, layer, step, 0, 0));
        assertThat(carried).as("%s %d", layer, step).isEqualTo(step > 0 && !layer.equals("c"));
      }
    }
  }

  @Test
  void aLayerThatIsSilentForAnHourGivesItsRoomToANewcomer() throws IOException {
    LayerHistories histories = histories(100, BYTES);
    judge(histories, "ended", 0, 0, 0);
    judge(histories, "new", 0, 0, HOUR / 2);
    assertThat(carried(judge(histories, "new", 1, 0, HOUR))).isFalse();
    judge(histories, "new", 2, 0, HOUR + 1);
    assertThat(carried(judge(histories, "new", 3, 0, HOUR + 2))).isTrue();
    assertThat(histories.certifiedBytes()).isEqualTo(BYTES);
  }

  @Test
  void afterAnHourOfSilenceALayerIsCertifiedAnewAlsoWhereThereIsRoom() throws IOException {
    LayerHistories histories = histories(100, 10 * BYTES);
    judge(histories, "a", 0, 0, 0);
    assertThat(carried(judge(histories, "a", 1, 0, HOUR))).isTrue();
    assertThat(carried(judge(histories, "a", 2, 0, 2 * HOUR + 1))).isFalse();
  }

  @Test
  void whatIsForgottenGivesItsRoomBack() throws IOException {
    LayerHistories histories = histories(2, 10 * BYTES);
    for (String layer : List.of("a", "b", "c", "d")) {
      judge(histories, layer, 0, 0, 0);
    }
    assertThat(histories.certifiedBytes()).isEqualTo(2 * BYTES);
    assertThat(carried(judge(histories, "a", 1, 0, 0))).as("forgotten").isFalse();
    assertThat(carried(judge(histories, "d", 1, 0, 0))).isTrue();
    assertThat(carried(judge(histories, "d", 2, 1, 0))).as("another attempt").isFalse();
    ArraySnapshot broken = snapshot("d", 0, 2, 0);
    assertThat(histories.of(broken)).isSameAs(histories.of(snapshot("d", 9, 0, 0)));
    histories.of(broken).begin(broken);
    assertThat(histories.certifiedBytes()).isEqualTo(BYTES);
  }

  private static LayerHistories histories(int maxLayers, long certifiedBytes) {
    return new LayerHistories(
        maxLayers, CertifiedMatrices.ofAllSizes(certifiedBytes), new KeptRoom(1 << 20));
  }

  private Map<At, LayerVerdict> judge(LayerHistories histories, List<At> order) throws IOException {
    Map<At, LayerVerdict> verdicts = new HashMap<>();
    for (At at : order) {
      verdicts.put(at, judge(histories, at.layer(), at.step(), 0, 0));
    }
    return verdicts;
  }

  private LayerVerdict judge(
      LayerHistories histories, String layer, int step, int attempt, long millis)
      throws IOException {
    ArraySnapshot snapshot = snapshot(layer, step, attempt, millis);
    return analysis.judge(snapshot, histories.of(snapshot));
  }

  /** Of a layer that moves a little at each step. */
  private ArraySnapshot snapshot(String layer, int step, int attempt, long millis) {
    double[] p =
        layers.computeIfAbsent(layer, name -> mixed(N, new Random(name.hashCode()))).clone();
    for (int i = 0; i < p.length; i++) {
      p[i] *= 1 + 1e-3 * step;
    }
    ArraySnapshot snapshot = ArraySnapshot.of(layer, step, Shape.of(N, N), p);
    return new ArraySnapshot(
        new SnapshotId("r", attempt, layer, step),
        snapshot.shape(),
        snapshot.dtype(),
        kind(Kind.DOUBLY_STOCHASTIC),
        snapshot.data(),
        millis);
  }

  private static boolean carried(LayerVerdict verdict) {
    return verdict.get(Figure.DETAIL_GAIN_UPPER)
        > verdict.get(Figure.DETAIL_GAIN_LOWER) * (1 + 1.01e-3);
  }
}
