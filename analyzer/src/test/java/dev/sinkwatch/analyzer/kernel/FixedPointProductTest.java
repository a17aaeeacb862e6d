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

import dev.sinkwatch.analyzer.spectrum.Jacobi;
import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products of packed matrices that are kept in fixed point. */
class FixedPointProductTest {

  @ParameterizedTest
  @CsvSource({"513, 100", "65, 65", "17, 700", "33, 2000"})
  void allPassesMultiplyWithTheSame(int rows, int columns) throws IOException {
    long before = PanelMatrix.floatsInUse();
    PiecedRows source = source(Dtype.F32, rows, columns, new Random(16));
    List<Quad> v = quads(columns, 2, new Random(17));
    double[] s = packed(source, 0.25f, 1);
    double sigma = Jacobi.singularValues(s, rows, columns)[0];
    PanelMatrix.Product single = matrix(source, 0.25f, 1, false, 1).times(v);
    PanelMatrix.Product expected = null;
    for (int threads : new int[] {1, 3}) {
      PanelMatrix matrix = new PanelMatrix(source, 0.25f, 1, true, true, new Team(threads));
      PanelMatrix.Product first =
          Objects.requireNonNull(matrix.first(v, false, true, null).product());
      expected = expected == null ? first : expected;
      assertSame(first, expected);
      assertSame(matrix.times(v), expected);
      QuantizationError error = matrix.quantizationError();
      double change = error.frobenius();
      assertThat(change).isPositive().isLessThan(sigma / 96);
      for (int c = 0; c < 8; c++) {
        double[] z = column(first.z(), c, columns);
        double[] exact = column(single.z(), c, columns);
        double[] x = column(v, c, columns);
        for (int i = 0; i < columns; i++) {
          z[i] -= exact[i];
        }
        double norm = norm(x);
        assertThat(norm(z))
            .isLessThanOrEqualTo(
                (change * (2 * sigma + change) + 2 * PanelMatrix.ROUNDING * sigma * sigma) * norm);
      }
      double[] losses = error.columnSums();
      assertThat(losses).hasSize(columns);
      assertThat(norm(losses)).isPositive().isLessThan(change * Math.sqrt(rows));
      double squared =
          matrix(source, 0.25f, 1, false, threads)
              .first(List.of(), false, false, matrix)
              .squaredDistance();
      assertThat(Math.sqrt(squared)).isBetween(0.95 * change, change);
      matrix.release();
      assertSame(matrix.times(v), expected);
      assertThat(matrix.quantizationError().frobenius()).isEqualTo(change);
      assertSame(matrix.times(v), expected);
      matrix.release();
    }
    assertThat(PanelMatrix.floatsInUse()).isEqualTo(before);
  }

  @Test
  void whereThatWouldChangeTooMuchFloatsAreKept() throws IOException {
    // beside ones what is a step is much of what is small
    int n = 2200;
    double[] values = gaussian(n * 1100, new Random(18));
    for (int i = 0; i < values.length; i++) {
      values[i] = i % (n + 1) == 0 ? 1 : 1e-3 * values[i];
    }
    PiecedRows source = PiecedRows.of(Dtype.F32, n, values);
    List<Quad> v = quads(n, 1, new Random(19));
    PanelMatrix matrix = new PanelMatrix(source, 0, 1, true, true, new Team(2));
    PanelMatrix.Product expected = matrix(source, 0, 1, true, 1).times(v);
    assertSame(Objects.requireNonNull(matrix.first(v, false, true, null).product()), expected);
    assertSame(matrix.times(v), expected);
    assertThat(matrix.quantizationError()).isSameAs(QuantizationError.NONE);
  }
}
