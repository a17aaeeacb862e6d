package dev.sinkwatch.analyzer.layer;

import static dev.sinkwatch.analyzer.layer.Layers.concat;
import static dev.sinkwatch.analyzer.layer.Layers.gaussian;
import static dev.sinkwatch.analyzer.layer.Layers.kind;
import static dev.sinkwatch.analyzer.layer.Layers.mixed;
import static dev.sinkwatch.analyzer.layer.Layers.mixer;
import static dev.sinkwatch.analyzer.layer.Layers.scaled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Snapshots whose rows come in any order, beside one pass over the whole. */
class StreamedLayerTest {
  private static final int N = 150;

  private final Random random = new Random(1);
  private final LayerAnalysis analysis = Layers.analysis("streamed");
  private final LayerAnalysis onePass =
      new LayerAnalysis(
          new AnalysisSettings(AnalysisSettings.DEFAULT.profiles(), 0.01, 1e-3, 1e-9, 1),
          "streamed".getBytes(UTF_8));

  private static final java.nio.charset.Charset UTF_8 = java.nio.charset.StandardCharsets.UTF_8;

  @ParameterizedTest
  @EnumSource(names = {"DOUBLY_STOCHASTIC", "DENSE"})
  void theOrderOfRowsIsNoMatterToABit(Kind kind) throws IOException {
    ArraySnapshot snapshot = snapshot(kind, Shape.of(N, N), mixed(N, random));
    List<RowRange> cuts = cuts(N);
    LayerVerdict verdict = streamed(snapshot, cuts);
    for (int i = 0; i < 5; i++) {
      Collections.shuffle(cuts, random);
      Layers.assertSameBits(streamed(snapshot, cuts), verdict);
    }
  }

  @ParameterizedTest
  @CsvSource({", 0.3", "DOUBLY_STOCHASTIC, 0.3", "DOUBLY_STOCHASTIC, 0.001", ", 1"})
  void anOperatorIsJudgedAsInOnePass(@Nullable Kind kind, double gain) throws IOException {
    double[] p = mixer(N, gain);
    ArraySnapshot snapshot = snapshot(kind, Shape.of(N, N), p);
    LayerVerdict verdict = streamed(snapshot, shuffled(N));
    assertLikeOnePass(verdict, snapshot);
    assertThat(verdict.kind()).isEqualTo(Kind.DOUBLY_STOCHASTIC);
    assertThat(verdict.passes()).isEqualTo(1);
    assertThat(verdict.get(Figure.DETAIL_GAIN_LOWER)).isLessThanOrEqualTo(gain * (1 + 1e-5));
    assertThat(verdict.get(Figure.DETAIL_GAIN_UPPER)).isGreaterThanOrEqualTo(gain * (1 - 1e-9));
  }

  @Test
  void aStackOfOperatorsIsJudgedByItsLiveliest() throws IOException {
    double[] stack = concat(mixer(N, 0.2), mixer(N, 0.7), mixer(N, 0.4));
    LayerVerdict verdict = streamed(snapshot(null, Shape.of(3, N, N), stack), shuffled(3 * N));
    assertThat(verdict.batch()).isEqualTo(3);
    assertThat(verdict.get(Figure.DETAIL_GAIN_LOWER)).isLessThanOrEqualTo(0.7);
    assertThat(verdict.get(Figure.DETAIL_GAIN_UPPER)).isGreaterThanOrEqualTo(0.7);
    assertThat(verdict.get(Figure.ROW_RESIDUAL)).isLessThan(1e-12);
  }

  @ParameterizedTest
  @CsvSource({"150, 150", "70, 3000", "3000, 70"})
  void anOrdinaryMatrixIsJudgedAsInOnePass(int rows, int columns) throws IOException {
    ArraySnapshot snapshot =
        snapshot(null, Shape.of(rows, columns), gaussian(rows * columns, random));
    LayerVerdict verdict = streamed(snapshot, shuffled(rows));
    assertThat(verdict.kind()).isEqualTo(Kind.DENSE);
    LayerVerdict all = analysis.judge(snapshot, LayerHistory.ofOneSnapshot());
    assertThat(verdict.get(Figure.FROBENIUS)).isCloseTo(all.get(Figure.FROBENIUS), within(1e-9));
    assertThat(verdict.get(Figure.SIGMA2_LOWER)).isLessThanOrEqualTo(all.get(Figure.SIGMA2));
    assertThat(verdict.get(Figure.SIGMA2_UPPER)).isGreaterThanOrEqualTo(all.get(Figure.SIGMA2));
    assertLikeOnePass(verdict, snapshot);
  }

  @ParameterizedTest
  @CsvSource({"1e-30", "1e30", "1e200"})
  void soAreValuesBeyondFloats(double scale) throws IOException {
    ArraySnapshot snapshot =
        snapshot(Kind.DENSE, Shape.of(N, N), scaled(gaussian(N * N, random), scale));
    assertLikeOnePass(streamed(snapshot, shuffled(N)), snapshot);
  }

  @Test
  void aSquareMatrixThatBeginsAsAnOperatorMayBeNone() throws IOException {
    double[] p = mixer(N, 0.5);
    p[N * N - 1] += 0.5;
    ArraySnapshot snapshot = snapshot(null, Shape.of(N, N), p);
    List<RowRange> cuts = cuts(N);
    LayerVerdict verdict = streamed(snapshot, cuts);
    assertThat(verdict.kind()).isEqualTo(Kind.DENSE);
    Collections.shuffle(cuts, random);
    Layers.assertSameBits(streamed(snapshot, cuts), verdict);
  }

  @Test
  void columnsAloneMayTellThatItIsNoOperator() throws IOException {
    double[] p = new double[N * N];
    for (int i = 0; i < N; i++) {
      p[i * N] = 1;
    }
    assertThat(streamed(snapshot(null, Shape.of(N, N), p), shuffled(N)).kind())
        .isEqualTo(Kind.DENSE);
  }

  @ParameterizedTest
  @EnumSource(names = {"DOUBLY_STOCHASTIC", "DENSE"})
  void nothingElseIsSaidOfWhatIsNotFinite(Kind kind) throws IOException {
    double[] p = mixer(N, 0.5);
    p[7] = Double.NaN;
    p[N * N - 3] = Double.POSITIVE_INFINITY;
    LayerVerdict verdict = streamed(snapshot(kind, Shape.of(N, N), p), shuffled(N));
    assertThat(verdict.kind()).isEqualTo(kind);
    assertThat(verdict.nonFinite()).isEqualTo(2);
    assertThat(verdict.get(Figure.DETAIL_GAIN)).isNaN();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SINKHORN_LOGITS   | 200,200   | logits, whose scaling takes many passes",
        "DOUBLY_STOCHASTIC | 9,4,4     | operators of n = 4",
        "                  | 9,64,64   | operators of n = 64",
        "DENSE             | 900,8     | a matrix of 8 columns",
        "DENSE             | 3,200,100 | a tensor of more than two dimensions",
        "DENSE             | 65,40000000 | a matrix of so many rows or columns",
      })
  void whatOnePassCannotJudgeIsRefusedBeforeItsRowsAre(
      @Nullable Kind kind, String shape, String why) {
    ArraySnapshot head = ArraySnapshot.of("w", Layers.shape(shape), new double[0]).with(kind(kind));
    assertThatThrownBy(() -> analysis.streamedBytes(head))
        .isInstanceOf(RejectedException.class)
        .hasMessageStartingWith(why)
        .hasMessageEndingWith("cannot be judged in one pass, as its rows come");
  }

  @Test
  void whatIsNotAnalysedTakesNothing() throws IOException {
    assertThat(analysis.streamedBytes(ArraySnapshot.of("w", Shape.of(900), new double[0])))
        .isEmpty();
    assertThat(
            analysis.streamedBytes(
                ArraySnapshot.of("w", Shape.of(4, 4), new double[0]).with(kind(Kind.IGNORE))))
        .isEmpty();
  }

  private void assertLikeOnePass(LayerVerdict verdict, ArraySnapshot snapshot) throws IOException {
    LayerVerdict whole = onePass.judge(snapshot, LayerHistory.ofOneSnapshot());
    assertThat(verdict.kind()).isEqualTo(whole.kind());
    for (Figure figure : Figure.values()) {
      double expected = whole.get(figure);
      if (Double.isNaN(expected) || Double.isInfinite(expected)) {
        assertThat(verdict.get(figure)).as("%s", figure).isEqualTo(Double.valueOf(expected));
      } else {
        assertThat(verdict.get(figure))
            .as("%s", figure)
            .isCloseTo(expected, within(1e-5 * Math.abs(expected) + 1e-9));
      }
    }
  }

  private static ArraySnapshot snapshot(@Nullable Kind kind, Shape shape, double[] values) {
    return ArraySnapshot.of("w", shape, values).with(kind(kind));
  }

  private LayerVerdict streamed(ArraySnapshot snapshot, List<RowRange> order) throws IOException {
    LayerHistory history = LayerHistory.ofOneSnapshot();
    StreamedLayer layer = analysis.streamed(snapshot, history);
    long rowBytes = snapshot.shape().columns() * snapshot.dtype().bytes();
    for (RowRange rows : order) {
      layer.add(rows, snapshot.data().asSlice(rows.from() * rowBytes, rows.count() * rowBytes));
    }
    return layer.judge(snapshot, history);
  }

  private List<RowRange> shuffled(int rows) {
    List<RowRange> cuts = cuts(rows);
    Collections.shuffle(cuts, random);
    return cuts;
  }

  private List<RowRange> cuts(int rows) {
    List<RowRange> cuts = new ArrayList<>();
    for (int from = 0; from < rows; ) {
      int to = Math.min(rows, from + random.nextInt(1, 40));
      cuts.add(new RowRange(from, to));
      from = to;
    }
    return cuts;
  }
}
