package dev.sinkwatch.analyzer.kernel;

import static dev.sinkwatch.analyzer.kernel.PanelProducts.assertSame;
import static dev.sinkwatch.analyzer.kernel.PanelProducts.column;
import static dev.sinkwatch.analyzer.kernel.PanelProducts.gaussian;
import static dev.sinkwatch.analyzer.kernel.PanelProducts.matrix;
import static dev.sinkwatch.analyzer.kernel.PanelProducts.norm;
import static dev.sinkwatch.analyzer.kernel.PanelProducts.packed;
import static dev.sinkwatch.analyzer.kernel.PanelProducts.quads;
import static dev.sinkwatch.analyzer.kernel.PanelProducts.source;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinkwatch.analyzer.spectrum.Jacobi;
import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products of packed matrices. */
class PanelMatrixTest {
  private static final int[][] SIZES = {{65, 65}, {100, 513}, {513, 100}, {1000, 70}, {33, 2000}};

  @ParameterizedTest
  @EnumSource(
      value = Dtype.class,
      names = {"F32", "BF16", "F16", "F8_E4M3", "F8_E5M2", "F64", "I8"})
  void productsErrByNoMoreThanPromised(Dtype dtype) throws IOException {
    for (int[] size : SIZES) {
      PiecedRows source = source(dtype, size[0], size[1], new Random(1));
      // of entries near 1 a shift of 1/4 rounds, of a few columns it is what a mean would be
      assertProduct(source, 0, 1);
      assertProduct(source, 0.25f, 1);
      assertProduct(source, 1f / size[1], 0x1p-3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-300, -100, 100, 300})
  void aScaleBringsDoublesIntoTheRangeOfFloats(int exponent) throws IOException {
    double[] values = gaussian(70 * 80, new Random(2));
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.scalb(values[i], -exponent);
    }
    assertProduct(PiecedRows.of(Dtype.F64, 80, values), 0, Math.scalb(1.0, exponent));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 15, 16, 17, 19, 31, 33, 127, 128, 129, 130})
  void rowsThatFillNoPanelAreFilledUpWithNothing(int rows) throws IOException {
    for (int columns : new int[] {1, 3, 70}) {
      assertProduct(source(Dtype.F32, rows, columns, new Random(3)), 0.5f, 1);
      assertProduct(source(Dtype.F64, rows, columns, new Random(4)), 0.5f, 2);
    }
  }

  @Test
  void nothingOfAnEarlierMatrixIsLeftInAPanel() throws IOException {
    // panels go back and forth between matrices of the same width
    for (int rows : new int[] {64, 17, 64, 1, 64, 50}) {
      PanelMatrix matrix = matrix(source(Dtype.F32, rows, 90, new Random(rows)), 0.5f, 1, true, 2);
      matrix.first(List.of(), false, true, null);
      matrix.release();
      assertProduct(source(Dtype.F32, rows, 90, new Random(rows + 1)), 0.5f, 1);
    }
  }

  private static void assertProduct(PiecedRows source, float shift, double scale)
      throws IOException {
    int columns = source.columns();
    int rows = (int) source.rows();
    double[] s = packed(source, shift, scale);
    double sigma = Jacobi.singularValues(s, rows, columns)[0];
    List<Quad> v = quads(columns, 2, new Random(5));
    PanelMatrix matrix = matrix(source, shift, scale, false, 1);
    PanelMatrix.Product product = matrix.times(v);
    for (int c = 0; c < 8; c++) {
      double[] x = column(v, c, columns);
      double[] y = new double[rows];
      double[] z = new double[columns];
      double sum = 0;
      double magnitudes = 0;
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          y[i] += s[i * columns + j] * x[j];
          magnitudes += Math.abs(s[i * columns + j] * x[j]);
        }
        for (int j = 0; j < columns; j++) {
          z[j] += s[i * columns + j] * y[i];
        }
        sum += y[i];
      }
      double[] actual = column(product.z(), c, columns);
      double square = 0;
      for (int j = 0; j < columns; j++) {
        square += (actual[j] - z[j]) * (actual[j] - z[j]);
      }
      assertThat(Math.sqrt(square))
          .as("%s, %d x %d, vector %d", source.dtype(), rows, columns, c)
          .isLessThanOrEqualTo(PanelMatrix.ROUNDING * sigma * sigma * norm(x) + 1e-40);
      assertThat(Math.abs(product.sums()[c] - sum)).isLessThanOrEqualTo(1e-6 * magnitudes);
    }
  }

  @ParameterizedTest
  @CsvSource({"F32, 1", "BF16, 1", "F64, 1", "F32, 4", "I8, 1"})
  void neitherThreadsNorKeepingChangeABit(Dtype dtype, double scale) throws IOException {
    // more than eight parts' worth of panels, and fewer
    for (int[] size : new int[][] {{513, 100}, {65, 65}, {17, 700}}) {
      PiecedRows source = source(dtype, size[0], size[1], new Random(6));
      List<Quad> v = quads(size[1], 2, new Random(7));
      PanelMatrix.Product expected = null;
      for (int threads : new int[] {1, 2, 3}) {
        for (boolean keep : new boolean[] {false, true}) {
          PanelMatrix matrix = matrix(source, 0.25f, scale, keep, threads);
          PanelMatrix.Product first =
              Objects.requireNonNull(matrix.first(v, false, true, null).product());
          expected = expected == null ? first : expected;
          assertThat(matrix.isKept()).isEqualTo(keep);
          assertSame(first, expected);
          assertSame(matrix.times(v), expected);
          assertSame(matrix.times(v), expected);
          matrix.release();
          assertThat(matrix.isKept()).isFalse();
          assertSame(matrix.times(v), expected);
          assertThat(matrix.isKept()).as("from the first use on that pays").isEqualTo(keep);
          matrix.release();
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"513, 100", "65, 65", "17, 700", "33, 2000"})
  void oneVectorAloneGivesTheBitsOfTheFirstOfFour(int rows, int columns) throws IOException {
    PiecedRows source = source(Dtype.F32, rows, columns, new Random(14));
    List<Quad> four = quads(columns, 1, new Random(15));
    Quad one = Quad.single(columns);
    for (int i = 0; i < columns; i++) {
      one.set(i, 0, four.getFirst().get(i, 0));
    }
    for (int threads : new int[] {1, 3}) {
      PanelMatrix matrix = matrix(source, 0.25f, 1, threads > 1, threads);
      PanelMatrix.Product expected = matrix.times(four);
      PanelMatrix.Product first =
          Objects.requireNonNull(matrix.first(List.of(one), false, true, null).product());
      for (PanelMatrix.Product actual : List.of(first, matrix.times(List.of(one)))) {
        assertThat(actual.z()).hasSize(1);
        for (int i = 0; i < columns; i++) {
          assertThat(actual.z().getFirst().get(i, 0)).isEqualTo(expected.z().getFirst().get(i, 0));
          for (int c = 1; c < 4; c++) {
            assertThat(actual.z().getFirst().get(i, c)).isZero();
          }
        }
        assertThat(actual.sums()[0]).isEqualTo(expected.sums()[0]);
        assertThat(actual.z().getFirst().single()).isTrue();
      }
    }
  }

  @Test
  void panelsAreNotKeptWhereNothingFollows() throws IOException {
    PanelMatrix matrix = matrix(source(Dtype.F32, 70, 70, new Random(8)), 0, 1, true, 1);
    assertThat(matrix.first(List.of(), false, false, null).product()).isNull();
    assertThat(matrix.isKept()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"F32, 1", "F64, 1", "F32, 2"})
  void theDistanceFromAKeptMatrixIsThatOfTheFloats(Dtype dtype, double scale) throws IOException {
    for (int[] size : SIZES) {
      PiecedRows one = source(dtype, size[0], size[1], new Random(9));
      PiecedRows two = source(dtype, size[0], size[1], new Random(10));
      double exact = 0;
      double[] a = packed(one, 0.25f, scale);
      double[] b = packed(two, 0.25f, scale);
      for (int i = 0; i < a.length; i++) {
        exact += (a[i] - b[i]) * (a[i] - b[i]);
      }
      for (int threads : new int[] {1, 3}) {
        PanelMatrix kept = matrix(one, 0.25f, scale, true, threads);
        assertThat(kept.first(List.of(), false, true, null).squaredDistance()).isNaN();
        PanelMatrix other = matrix(two, 0.25f, scale, false, threads);
        double distance = other.first(List.of(), false, false, kept).squaredDistance();
        assertThat(Math.abs(distance - exact)).isLessThanOrEqualTo(1e-12 * exact);
        PanelMatrix same = matrix(one, 0.25f, scale, false, threads);
        assertThat(same.first(List.of(), false, false, kept).squaredDistance()).isZero();
      }
    }
  }

  @Test
  void aMatrixThatIsNotKeptHasNoDistance() {
    PiecedRows source = source(Dtype.F32, 70, 70, new Random(11));
    PanelMatrix other = matrix(source, 0, 1, false, 1);
    assertThatThrownBy(() -> matrix(source, 0, 1, false, 1).first(List.of(), false, false, other))
        .isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void whatASourceThrowsReachesTheCaller(int threads) {
    PiecedRows rows = source(Dtype.F32, 200, 70, new Random(12));
    RowSource gone = new BrokenRows(rows, 100);
    PanelMatrix matrix = new PanelMatrix(gone, 0, 1, true, new Team(threads));
    assertThatThrownBy(() -> matrix.first(List.of(), false, true, null))
        .isInstanceOf(IOException.class)
        .hasMessage("gone");
  }

  @Test
  void theFirstRowComesInAsManyPiecesAsItLikes() throws IOException {
    PiecedRows source = source(Dtype.BF16, 3, 3000, new Random(13));
    assertThat(source.leadingRow()).isEqualTo(Arrays.copyOf(source.values(), 3000));
  }
}
