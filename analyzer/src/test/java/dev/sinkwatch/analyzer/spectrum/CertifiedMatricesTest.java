package dev.sinkwatch.analyzer.spectrum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.kernel.Rows;
import dev.sinkwatch.analyzer.kernel.Team;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertifiedMatricesTest {
  private static final int N = 70;

  /** Of the panels and four vectors. */
  private static final long BYTES = PanelMatrix.bytes(N, N) + PanelMatrix.bytes(1, N) / 4;

  @Test
  void aLayersLastMatrixIsFoundByTheLayerAlone() throws IOException {
    CertifiedMatrices room = CertifiedMatrices.ofAllSizes(10 * BYTES);
    Known layer = new Known(room);
    PanelMatrix matrix = kept(N, 0.5f, 2);
    assertThat(layer.matrix(matrix)).isNull();
    certify(layer, matrix);
    assertThat(layer.matrix(kept(N, 0.5f, 2))).isSameAs(matrix);
    assertThat(layer.vectors(N)).isNotNull();
    assertThat(layer.vectors(N + 1)).isNull();
    assertThat(new Known(room).matrix(matrix)).as("another layer's").isNull();
    assertThat(room.bytes()).isEqualTo(BYTES);
  }

  @ParameterizedTest
  @CsvSource({"71, 0.5, 2", "70, 0.25, 2", "70, 0.5, 1"})
  void oneThatIsPackedDifferentlyIsNotComparedWith(int rows, float shift, double scale)
      throws IOException {
    Known layer = new Known(CertifiedMatrices.ofAllSizes(10 * BYTES));
    PanelMatrix matrix = kept(N, 0.5f, 2);
    certify(layer, matrix);
    assertThat(layer.matrix(kept(rows, shift, scale))).isNull();
    assertThat(layer.matrix(matrix)).as("still there").isSameAs(matrix);
  }

  @Test
  void theNextOfALayerTakesThePlaceOfItsLastAlsoWhenAllIsFull() throws IOException {
    CertifiedMatrices room = CertifiedMatrices.ofAllSizes(BYTES);
    Known layer = new Known(room);
    PanelMatrix before = kept(N, 0, 1);
    PanelMatrix after = kept(N, 0, 1);
    certify(layer, before);
    certify(layer, after);
    assertThat(before.isKept()).as("its panels are used again").isFalse();
    assertThat(layer.matrix(after)).isSameAs(after);
    assertThat(room.bytes()).isEqualTo(BYTES);
    assertThat(room.wasRefused()).isFalse();
  }

  @Test
  void aNewcomerIsRefusedAndDrivesNobodyOut() throws IOException {
    CertifiedMatrices room = CertifiedMatrices.ofAllSizes(2 * BYTES + BYTES / 2);
    List<Known> layers = List.of(new Known(room), new Known(room), new Known(room));
    List<PanelMatrix> their = List.of(kept(N, 0, 1), kept(N, 0, 1), kept(N, 0, 1));
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 3; i++) {
        certify(layers.get(i), round == 0 ? their.get(i) : kept(N, 0, 1));
      }
      assertThat(layers.get(0).matrix(their.get(0))).isNotNull();
      assertThat(layers.get(1).matrix(their.get(0))).isNotNull();
      assertThat(layers.get(2).matrix(their.get(0))).isNull();
      assertThat(layers.get(2).vectors(N)).as("of no use without it").isNull();
      assertThat(their.get(2).isKept()).isFalse();
      assertThat(room.bytes()).isEqualTo(2 * BYTES);
      assertThat(room.wasRefused()).isTrue();
      assertThat(room.wasRefused()).as("once asked").isFalse();
    }
    layers.getFirst().forget();
    assertThat(room.bytes()).isEqualTo(BYTES);
    certify(layers.get(2), kept(N, 0, 1));
    assertThat(layers.get(2).matrix(their.get(0))).isNotNull();
  }

  @Test
  void whatIsTooLargeOrWithoutPanelsGivesBackWhatItsLayerHad() throws IOException {
    CertifiedMatrices room = CertifiedMatrices.ofAllSizes(2 * BYTES - 1);
    Known layer = new Known(room);
    PanelMatrix first = kept(N, 0, 1);
    certify(layer, first);
    PanelMatrix large = kept(4 * N, 0, 1);
    certify(layer, large);
    assertThat(large.isKept()).isFalse();
    assertThat(first.isKept()).isFalse();
    assertThat(room.bytes()).isZero();
    assertThat(room.wasRefused()).as("there will never be a place for it").isFalse();
    certify(layer, kept(N, 0, 1));
    certify(layer, new PanelMatrix(zeros(N), 0, 1, false, Team.alone()));
    assertThat(room.bytes()).isZero();
  }

  private static void certify(Known layer, PanelMatrix matrix) {
    layer.certified(matrix, 0.5, Block.gaussian(N, 4, new Random(1)));
  }

  private static Rows zeros(int rows) {
    return new Rows(new double[rows * N], N);
  }

  private static PanelMatrix kept(int rows, float shift, double scale) throws IOException {
    PanelMatrix matrix = new PanelMatrix(zeros(rows), shift, scale, true, Team.alone());
    matrix.first(List.of(), false, true, null);
    return matrix;
  }
}
