package dev.sinkwatch.bench;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.kernel.Quad;
import dev.sinkwatch.analyzer.kernel.Survey;
import dev.sinkwatch.analyzer.kernel.Team;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The analyzer's single passes over a large matrix. What is prepared is not timed. */
final class Passes {
  private final Team team;

  Passes(Team team) {
    this.team = team;
  }

  /**
   * Sums of rows, of columns and of squares. Finds {@code total} (of all values), {@code squares},
   * {@code firstColumn}.
   */
  Work sums(RawMatrix a) {
    PanelMatrix matrix = new PanelMatrix(a, 0, 1, false, team);
    return () -> {
      Survey survey = matrix.first(List.of(), false, false, null).survey();
      double[] columnSums = survey.columnSums();
      return Map.of(
          "total",
          Arrays.stream(columnSums).sum(),
          "squares",
          survey.frobenius() * survey.frobenius(),
          "firstColumn",
          columnSums[0]);
    };
  }

  /**
   * Y = A V and Z = A'Y in one pass over A as the analyzer keeps it from the second pass on. Finds
   * {@code norm} (of Z, Frobenius) and {@code corner} (Z[0][0]).
   *
   * @param v columns x k, row-major; k a multiple of 4
   * @param half whether A is kept in 16 bits, as it is beyond 1024 columns, or in single precision
   */
  Work fused(RawMatrix a, float[] v, int k, boolean half) throws IOException {
    List<Quad> quads = quads(v, k);
    PanelMatrix matrix = new PanelMatrix(a, 0, 1, true, half, team);
    matrix.first(List.of(), false, true, null);
    return () -> found(matrix.times(quads));
  }

  /**
   * The same over A's bytes as they came: decoding, all sums, and keeping A for further passes are
   * timed.
   */
  Work first(RawMatrix a, float[] v, int k) {
    List<Quad> quads = quads(v, k);
    return () -> {
      PanelMatrix matrix = new PanelMatrix(a, 0, 1, true, true, team);
      PanelMatrix.Product product = matrix.first(quads, false, true, null).product();
      matrix.release();
      return found(Objects.requireNonNull(product));
    };
  }

  private static List<Quad> quads(float[] v, int k) {
    int n = v.length / k;
    List<Quad> quads = new ArrayList<>();
    for (int first = 0; first < k; first += 4) {
      Quad quad = new Quad(n);
      for (int i = 0; i < n; i++) {
        for (int c = 0; c < 4; c++) {
          quad.set(i, c, v[i * k + first + c]);
        }
      }
      quads.add(quad);
    }
    return quads;
  }

  private static Map<String, Double> found(PanelMatrix.Product product) {
    double squares = 0;
    for (Quad quad : product.z()) {
      double[] dots = quad.dots(quad);
      squares += dots[0] + dots[5] + dots[10] + dots[15];
    }
    return Map.of("norm", Math.sqrt(squares), "corner", (double) product.z().getFirst().get(0, 0));
  }
}
