package dev.sinkwatch.analyzer.spectrum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.kernel.Team;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertifiedMatricesTest {
  private static final int N = 70;
  private static final long BYTES = PanelMatrix.bytes(N, N);

  @Test
  void aLayersLastMatrixIsFoundByLayersAlone() throws IOException {
    CertifiedMatrices matrices = new CertifiedMatrices(10 * BYTES);
    Known layer = new Known();
    PanelMatrix matrix = kept(N, N, 0.5f, 2);
    assertThat(matrices.get(layer, matrix)).isNull();
    matrices.put(layer, matrix);
    assertThat(matrices.get(layer, kept(N, N, 0.5f, 2))).isSameAs(matrix);
    assertThat(matrices.get(new Known(), matrix)).as("another layer's").isNull();
    assertThat(matrices.bytes()).isEqualTo(BYTES);
  }

  @ParameterizedTest
  @CsvSource({"71, 70, 0.5, 2", "70, 71, 0.5, 2", "70, 70, 0.25, 2", "70, 70, 0.5, 1"})
  void oneThatIsPackedDifferentlyIsNotComparedWith(int rows, int columns, float shift, double scale)
      throws IOException {
    CertifiedMatrices matrices = new CertifiedMatrices(10 * BYTES);
    Known layer = new Known();
    PanelMatrix matrix = kept(N, N, 0.5f, 2);
    matrices.put(layer, matrix);
    assertThat(matrices.get(layer, kept(rows, columns, shift, scale))).isNull();
    assertThat(matrices.get(layer, matrix)).as("still there").isSameAs(matrix);
  }

  @Test
  void theNextOfALayerTakesThePlaceOfTheLast() throws IOException {
    CertifiedMatrices matrices = new CertifiedMatrices(10 * BYTES);
    Known layer = new Known();
    PanelMatrix before = kept(N, N, 0, 1);
    PanelMatrix after = kept(2 * N, N, 0, 1);
    matrices.put(layer, before);
    matrices.put(layer, after);
    assertThat(before.isKept()).as("its panels are used again").isFalse();
    assertThat(matrices.get(layer, before)).isNull();
    assertThat(matrices.get(layer, after)).isSameAs(after);
    assertThat(matrices.bytes()).isEqualTo(PanelMatrix.bytes(2 * N, N));
  }

  @Test
  void bytesAreBoundedAndTheLongestUnusedGo() throws IOException {
    CertifiedMatrices matrices = new CertifiedMatrices(3 * BYTES + BYTES / 2);
    List<Known> layers = new ArrayList<>();
    List<PanelMatrix> their = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      layers.add(new Known());
      their.add(kept(N, N, 0, 1));
    }
    for (int i = 0; i < 3; i++) {
      matrices.put(layers.get(i), their.get(i));
    }
    assertThat(matrices.bytes()).isEqualTo(3 * BYTES);
    assertThat(matrices.get(layers.getFirst(), their.getFirst())).isNotNull();
    matrices.put(layers.get(3), their.get(3));
    assertThat(matrices.bytes()).isEqualTo(3 * BYTES);
    assertThat(matrices.get(layers.get(1), their.get(1))).as("the longest unused").isNull();
    assertThat(their.get(1).isKept()).as("someone may still be reading it").isTrue();
    assertThat(matrices.get(layers.get(2), their.get(2))).isNotNull();
    matrices.put(layers.get(4), their.get(4));
    assertThat(matrices.get(layers.getFirst(), their.getFirst())).isNull();
    for (int i = 2; i < 5; i++) {
      assertThat(matrices.get(layers.get(i), their.get(i))).isSameAs(their.get(i));
    }
  }

  @Test
  void aLargeOneMayTakeThePlaceOfSeveral() throws IOException {
    CertifiedMatrices matrices = new CertifiedMatrices(3 * BYTES);
    for (int i = 0; i < 3; i++) {
      matrices.put(new Known(), kept(N, N, 0, 1));
    }
    Known layer = new Known();
    PanelMatrix large = kept(2 * N, N, 0, 1);
    matrices.put(layer, large);
    assertThat(matrices.get(layer, large)).isSameAs(large);
    assertThat(matrices.bytes()).isLessThanOrEqualTo(3 * BYTES).isGreaterThan(0);
  }

  @Test
  void whatIsTooLargeOrNotKeptIsGivenBackAndDisplacesOnlyItsLayers() throws IOException {
    CertifiedMatrices matrices = new CertifiedMatrices(2 * BYTES - 1);
    Known layer = new Known();
    Known other = new Known();
    PanelMatrix others = kept(N, N, 0, 1);
    matrices.put(other, others);
    PanelMatrix large = kept(4 * N, N, 0, 1);
    matrices.put(layer, large);
    assertThat(large.isKept()).isFalse();
    assertThat(matrices.get(layer, large)).isNull();
    assertThat(matrices.get(other, others)).isSameAs(others);
    matrices.put(other, new PanelMatrix(zeros(N, N), 0, 1, false, Team.alone()));
    assertThat(matrices.get(other, others)).isNull();
    assertThat(others.isKept()).isFalse();
    assertThat(matrices.bytes()).isZero();
  }

  private static Rows zeros(int rows, int columns) {
    return new Rows(new double[rows * columns], columns);
  }

  private static PanelMatrix kept(int rows, int columns, float shift, double scale)
      throws IOException {
    PanelMatrix matrix = new PanelMatrix(zeros(rows, columns), shift, scale, true, Team.alone());
    matrix.first(List.of(), false, true, null);
    return matrix;
  }
}
