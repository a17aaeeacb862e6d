package dev.sinkwatch.analyzer.layer;

import static dev.sinkwatch.analyzer.layer.Layers.assertSameBits;
import static dev.sinkwatch.analyzer.layer.Layers.concat;
import static dev.sinkwatch.analyzer.layer.Layers.gaussian;
import static dev.sinkwatch.analyzer.layer.Layers.kind;
import static dev.sinkwatch.analyzer.layer.Layers.mixed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Large layers that nobody said the kind of, and that begin as a doubly stochastic matrix does. */
class StochasticGuessTest {
  private static final int N = 100;

  private final LayerAnalysis analysis = Layers.analysis("guess");
  private final Random random = new Random(1);

  @Test
  void attentionCostsOnePassMoreThanWhatIsSaidToBeDense() throws IOException {
    // too little memory for panels, so that each pass reads
    long bytes = Footprint.of(N, N, 1).bytes(Footprint.ALL_PRODUCTS, true) - 1;
    LayerAnalysis reading =
        new LayerAnalysis(
            AnalysisSettings.DEFAULT, new byte[1], new AnalysisResources(1, 1 << 30, bytes, 0));
    ArraySnapshot snapshot = ArraySnapshot.of("w", Shape.of(N, N), attention(N));
    CountedReads said = CountedReads.of(snapshot.with(kind(Kind.DENSE)));
    CountedReads guessed = CountedReads.of(snapshot);
    LayerVerdict dense = reading.judge(said, new LayerHistory());
    assertSameBits(reading.judge(guessed, new LayerHistory()), dense);
    assertThat(said.passes()).isEqualTo(dense.passes()).isGreaterThan(3);
    assertThat(guessed.passes()).isEqualTo(said.passes() + 1);
  }

  @Test
  void aWrongGuessLeavesNothing() throws IOException {
    LayerHistories histories = analysis.histories();
    double[] stack = concat(mixed(N, random), attention(N));
    for (ArraySnapshot snapshot :
        new ArraySnapshot[] {
          ArraySnapshot.of("w", Shape.of(N, N), attention(N)),
          ArraySnapshot.of("stack", Shape.of(2, N, N), stack),
        }) {
      LayerHistory history = histories.of(snapshot);
      assertThat(analysis.judge(snapshot, history).kind()).isEqualTo(Kind.DENSE);
      assertThat(history.recognised()).isNull();
      assertThat(histories.certifiedBytes()).isZero();
    }
  }

  @Test
  void whatIsOneIsRecognisedAndAfterThatWhateverItsSums() throws IOException {
    LayerHistory history = new LayerHistory();
    double[] stack = concat(mixed(N, random), mixed(N, random));
    assertThat(judge("w", Shape.of(2, N, N), stack, history).kind())
        .isEqualTo(Kind.DOUBLY_STOCHASTIC);
    double[] scaled = Arrays.stream(stack).map(p -> 1.2 * p).toArray();
    LayerVerdict off = judge("w", Shape.of(2, N, N), scaled, history);
    assertThat(off.kind()).isEqualTo(Kind.DOUBLY_STOCHASTIC);
    assertThat(off.get(Figure.ROW_RESIDUAL)).isGreaterThan(0.19);
    double[] worse = concat(attention(N), mixed(N, random));
    LayerVerdict later = judge("w", Shape.of(2, N, N), worse, history);
    assertThat(later.kind()).isEqualTo(Kind.DOUBLY_STOCHASTIC);
    assertThat(later.get(Figure.COLUMN_RESIDUAL)).isGreaterThan(1);
  }

  @Test
  void whatIsOneButForAFewNaNsIsTakenForOne() throws IOException {
    double[] mixer = mixed(N, random);
    mixer[7] = Double.NaN; // in the first row, by which it is guessed
    mixer[5 * N + 3] = Double.POSITIVE_INFINITY;
    LayerHistory history = new LayerHistory();
    assertThat(judge("w", Shape.of(N, N), mixer, history))
        .returns(Kind.DOUBLY_STOCHASTIC, LayerVerdict::kind)
        .returns(2L, LayerVerdict::nonFinite);
    assertThat(history.recognised()).isNull();
    double[] attention = attention(N);
    attention[7] = Double.NaN;
    assertThat(judge("w", Shape.of(N, N), attention, history).kind()).isEqualTo(Kind.DENSE);
    Arrays.fill(mixer, Double.NaN);
    assertThat(judge("w", Shape.of(N, N), mixer, history).kind()).isEqualTo(Kind.DENSE);
  }

  @Test
  void whatIsSaidToBeOneIsJudgedAsOneWhateverItsSums() throws IOException {
    ArraySnapshot snapshot = ArraySnapshot.of("w", Shape.of(N, N), attention(N));
    LayerVerdict verdict =
        analysis.judge(snapshot.with(kind(Kind.DOUBLY_STOCHASTIC)), new LayerHistory());
    assertThat(verdict.kind()).isEqualTo(Kind.DOUBLY_STOCHASTIC);
    assertThat(verdict.get(Figure.DETAIL_GAIN_UPPER)).isPositive();
  }

  @Test
  void aStackThatOnlyBeginsStochasticIsOneLargeMatrix() throws IOException {
    // rows of 6400: the first begins with 80 times 1/80, has length 4; another has 3
    double[] values = new double[200 * 80 * 80];
    Arrays.fill(values, 0, 80, 1 / 80.0);
    values[100] = Math.sqrt(16 - 1 / 80.0);
    values[6400 * 7 + 200] = 3;
    LayerVerdict verdict = judge("w", Shape.of(200, 80, 80), values, new LayerHistory());
    assertThat(verdict.kind()).isEqualTo(Kind.DENSE);
    assertThat(verdict.get(Figure.SIGMA1)).isCloseTo(4, within(1e-5));
    assertThat(verdict.get(Figure.SIGMA2)).isCloseTo(3, within(1e-5));
  }

  @Test
  void soIsAStackOfMatricesThatAreSmallEach() throws IOException {
    double[] values = gaussian(500 * 64 * 64, random);
    Arrays.fill(values, 0, 64, 1 / 64.0);
    LayerVerdict stack = judge("w", Shape.of(500, 64, 64), values, new LayerHistory());
    LayerVerdict matrix = judge("w", Shape.of(500, 64 * 64), values, new LayerHistory());
    assertThat(stack.kind()).isEqualTo(Kind.DENSE);
    assertSameBits(stack, matrix);
  }

  private LayerVerdict judge(String layer, Shape shape, double[] values, LayerHistory history)
      throws IOException {
    return analysis.judge(ArraySnapshot.of(layer, shape, values), history);
  }

  /** Rows sum to 1, but some columns take more than others. */
  private double[] attention(int n) {
    double[] p = gaussian(n * n, random);
    for (int i = 0; i < n; i++) {
      double sum = 0;
      for (int j = 0; j < n; j++) {
        p[i * n + j] = Math.exp(p[i * n + j] + (j < 5 ? 2 : 0));
        sum += p[i * n + j];
      }
      for (int j = 0; j < n; j++) {
        p[i * n + j] /= sum;
      }
    }
    return p;
  }
}
