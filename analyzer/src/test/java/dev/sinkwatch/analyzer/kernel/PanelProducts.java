package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Dtype;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Matrices and vectors for tests of their products. */
final class PanelProducts {

  private PanelProducts() {}

  /** S as floats have it: the shift is taken off in single precision where A is single. */
  static double[] packed(PiecedRows source, float shift, double scale) {
    double[] s = source.values();
    boolean wide = scale != 1 || !ElementDecoder.fitsFloat(source.dtype());
    for (int i = 0; i < s.length; i++) {
      s[i] = wide ? (float) ((s[i] - shift) * scale) : (float) s[i] - shift;
    }
    return s;
  }

  static PanelMatrix matrix(
      RowSource source, float shift, double scale, boolean keep, int threads) {
    return new PanelMatrix(source, shift, scale, keep, new Team(threads));
  }

  static PiecedRows source(Dtype dtype, int rows, int columns, Random random) {
    return dtype.bytes() == 1
        ? PiecedRows.ofCodes(dtype, rows, columns, random)
        : PiecedRows.of(dtype, columns, gaussian(rows * columns, random));
  }

  static double[] gaussian(int count, Random random) {
    double[] values = new double[count];
    Arrays.setAll(values, i -> random.nextGaussian());
    return values;
  }

  static List<Quad> quads(int columns, int count, Random random) {
    List<Quad> quads = new ArrayList<>();
    for (int q = 0; q < count; q++) {
      Quad quad = new Quad(columns);
      for (int i = 0; i < columns; i++) {
        for (int c = 0; c < 4; c++) {
          quad.set(i, c, random.nextGaussian());
        }
      }
      quads.add(quad);
    }
    return quads;
  }

  static double[] column(List<Quad> quads, int c, int columns) {
    double[] column = new double[columns];
    Arrays.setAll(column, i -> quads.get(c / 4).get(i, c % 4));
    return column;
  }

  static double norm(double[] x) {
    return Math.sqrt(Arrays.stream(x).map(value -> value * value).sum());
  }

  static void assertSame(PanelMatrix.Product actual, PanelMatrix.Product expected) {
    for (int q = 0; q < expected.z().size(); q++) {
      assertThat(Arrays.mismatch(actual.z().get(q).values(), expected.z().get(q).values()))
          .isEqualTo(-1);
    }
    assertThat(actual.sums()).isEqualTo(expected.sums());
  }
}
