package dev.sinkwatch.analyzer.truth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.kernel.Rows;
import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.LayerHistory;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Operators that are too large for a full decomposition in a test, and large enough to be kept in
 * fixed point: Kronecker products of two small ones, whose singular values are the products of
 * theirs. 60 of them and 20 sequences of 12 in {@code ./verify --long}, a sample else.
 */
class KroneckerTruthTest {

  /** The next is certified again, and the one after that carries the new certificate. */
  private static final int STEPS = 12;

  private final LayerAnalysis analysis =
      new LayerAnalysis(AnalysisSettings.DEFAULT, "truth".getBytes(StandardCharsets.UTF_8));

  @Test
  void theyAreWithinTheirBounds() throws IOException {
    Comparison comparison = new Comparison("kronecker");
    for (int index = 0; index < LongRun.choose(3, 60); index++) {
      RandomGenerator random = new SplittableRandom(index);
      double[] a = factor(random);
      double[] b = factor(random);
      judge("kronecker " + index, 0, a, b, new LayerHistory(), comparison);
    }
    comparison.conclude();
  }

  @Test
  void theyAreWithinTheirBoundsOverTime() throws IOException {
    Comparison comparison = new Comparison("kronecker sequences");
    for (int index = 0; index < LongRun.choose(1, 20); index++) {
      RandomGenerator random = new SplittableRandom(1000 + index);
      double[] a = factor(random);
      double[] b = factor(random);
      double[] goal = Mixers.bulk(order(a), 1, random);
      LayerHistory history = new LayerHistory();
      for (int step = 0; step < STEPS; step++) {
        judge("kronecker sequence " + index, step, a, b, history, comparison);
        a = Drift.towards(goal, a);
      }
    }
    comparison.conclude();
  }

  @Test
  void theyAreKeptInFixedPoint() throws IOException {
    RandomGenerator random = new SplittableRandom(2000);
    double[] p = product(factor(random), factor(random));
    int n = order(p);
    PanelMatrix matrix = new PanelMatrix(new Rows(p, n), 1f / n, 1, true, true, Team.alone());
    var _ = matrix.first(List.of(), true, true, null);
    assertThat(matrix.quantizationError().frobenius()).isPositive();
    matrix.release();
  }

  private static double[] factor(RandomGenerator random) {
    return Mixers.bulk(random.nextInt(33, 45), random.nextDouble(0.2, 0.5), random);
  }

  private static int order(double[] p) {
    return (int) Math.round(Math.sqrt(p.length));
  }

  private static double[] product(double[] a, double[] b) {
    int m = order(a);
    int k = order(b);
    int n = m * k;
    double[] p = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        p[i * n + j] = a[i / k * m + j / k] * b[i % k * k + j % k];
      }
    }
    return p;
  }

  private void judge(
      String which, int step, double[] a, double[] b, LayerHistory history, Comparison comparison)
      throws IOException {
    FullSvd left = FullSvd.of(a, order(a));
    FullSvd right = FullSvd.of(b, order(b));
    double[] p = product(a, b);
    int n = order(p);
    Stored stored = Stored.as(Dtype.F64, p);
    SnapshotId id = new SnapshotId("truth", 0, which, 10L * step);
    LayerVerdict verdict =
        analysis.judge(stored.snapshot(id, Shape.of(n, n), Kind.DOUBLY_STOCHASTIC), history);
    double second = Math.max(left.sigma1() * right.sigma2(), left.sigma2() * right.sigma1());
    FullSvd truth =
        new FullSvd(
            Math.max(left.detailGain(), right.detailGain()),
            left.sigma1() * right.sigma1(),
            second);
    comparison.verdict(which + " step " + step, truth, verdict, step == 0);
  }
}
