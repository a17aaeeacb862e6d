package dev.sinkwatch.analyzer.spectrum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.kernel.Team;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
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
    assertThat(get(matrices, layer, matrix)).isNull();
    matrices.put(layer, matrix);
    assertThat(get(matrices, layer, kept(N, N, 0.5f, 2))).isSameAs(matrix);
    assertThat(get(matrices, new Known(), matrix)).as("another layer's").isNull();
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
    assertThat(get(matrices, layer, kept(rows, columns, shift, scale))).isNull();
    assertThat(get(matrices, layer, matrix)).as("still there").isSameAs(matrix);
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
    assertThat(get(matrices, layer, before)).isNull();
    assertThat(get(matrices, layer, after)).isSameAs(after);
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
    assertThat(get(matrices, layers.getFirst(), their.getFirst())).isNotNull();
    PanelMatrix read = matrices.lend(layers.get(1), their.get(1));
    get(matrices, layers.getFirst(), their.getFirst()); // used after that
    get(matrices, layers.get(2), their.get(2));
    matrices.put(layers.get(3), their.get(3));
    assertThat(matrices.bytes()).isEqualTo(3 * BYTES);
    assertThat(get(matrices, layers.get(1), their.get(1))).as("the longest unused").isNull();
    assertThat(their.get(1).isKept()).as("someone is still reading it").isTrue();
    matrices.giveBack(Objects.requireNonNull(read));
    assertThat(their.get(1).isKept()).as("its panels are used again").isFalse();
    assertThat(get(matrices, layers.get(2), their.get(2))).isNotNull();
    matrices.put(layers.get(4), their.get(4));
    assertThat(get(matrices, layers.getFirst(), their.getFirst())).isNull();
    for (int i = 2; i < 5; i++) {
      assertThat(get(matrices, layers.get(i), their.get(i))).isSameAs(their.get(i));
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
    assertThat(get(matrices, layer, large)).isSameAs(large);
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
    assertThat(get(matrices, layer, large)).isNull();
    assertThat(get(matrices, other, others)).isSameAs(others);
    matrices.put(other, new PanelMatrix(zeros(N, N), 0, 1, false, Team.alone()));
    assertThat(get(matrices, other, others)).isNull();
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

  private static @Nullable PanelMatrix get(
      CertifiedMatrices matrices, Known layer, PanelMatrix like) {
    PanelMatrix matrix = matrices.lend(layer, like);
    if (matrix != null) {
      matrices.giveBack(matrix);
    }
    return matrix;
  }
}
