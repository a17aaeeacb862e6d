package dev.sinkwatch.analyzer.truth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.LayerHistory;
import dev.sinkwatch.analyzer.spectrum.CertifiedMatrices;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a certificate that is carried from snapshot to snapshot must keep to. */
class SequenceTest {
  private static final int STEPS = 25;
  private static final int SPIKE = 12;

  /** Snapshots from one certificate to the next, at most. */
  private static final int CARRIED = 10;

  private final LayerAnalysis analysis = analysis("sequence");

  @ParameterizedTest
  @ValueSource(ints = {256, 700})
  void boundsHoldAtEachStepAndASpikeIsCoveredAtOnce(int n) throws IOException {
    List<Stored> operators = drifting(n, STEPS);
    List<LayerVerdict> verdicts = judge(operators, n, carrying());
    // a full decomposition of 700 takes a second, so the sample has those around the spike
    FullSvd[] truths = new FullSvd[STEPS];
    IntStream.range(0, STEPS)
        .filter(step -> LongRun.ASKED || n <= 256 || step % 8 == 0 || Math.abs(step - SPIKE) <= 1)
        .parallel()
        .forEach(step -> truths[step] = FullSvd.of(operators.get(step).values(), n));
    Comparison comparison = new Comparison("sequence of 25, n " + n);
    int certified = 0;
    for (int step = 0; step < STEPS; step++) {
      LayerVerdict verdict = verdicts.get(step);
      if (truths[step] != null) {
        comparison.verdict("step " + step, truths[step], verdict, step == 0);
      }
      double width = width(verdict);
      assertThat(width).as("step %d", step).isLessThanOrEqualTo(Comparison.CARRIED_WIDTH);
      if (width <= Comparison.CERTIFIED_WIDTH) {
        certified = step;
      }
      assertThat(step - certified).as("step %d", step).isLessThan(CARRIED);
    }
    comparison.conclude();
    double spike = truths[SPIKE].detailGain();
    assertThat(verdicts.get(SPIKE).get(Figure.DETAIL_GAIN_UPPER)).isGreaterThanOrEqualTo(spike);
    assertThat(verdicts.get(SPIKE - 1).get(Figure.DETAIL_GAIN_UPPER)).isLessThan(spike / 2);
  }

  @Test
  void theSameSequenceAndSecretGiveTheSameBits() throws IOException {
    int n = 256;
    List<Stored> operators = drifting(n, SPIKE + 2);
    List<LayerVerdict> once = judge(operators, n, carrying());
    List<LayerVerdict> again = judge(operators, n, carrying());
    for (int step = 0; step < operators.size(); step++) {
      assertSameBits(again.get(step), once.get(step));
    }
  }

  @Test
  void anotherAttemptStartsAnew() throws IOException {
    int n = 256;
    LayerHistory history = carrying();
    List<Stored> operators = drifting(n, 4);
    judge(operators, n, history);
    LayerVerdict restarted = judge(operators.get(1), n, 1, 3, history);
    assertThat(width(restarted)).isLessThanOrEqualTo(Comparison.CERTIFIED_WIDTH);
    assertSameBits(restarted, judge(operators.get(1), n, 1, 3, carrying()));
  }

  /** A layer may be published with another size, of another type, or broken for a while. */
  @Test
  void whatCannotCarryACertificateDoesNot() throws IOException {
    LayerHistory history = carrying();
    Comparison comparison = new Comparison("interrupted sequence");
    int[] sizes = {100, 100, 90, 200, 200, 100, 100};
    RandomGenerator random = new SplittableRandom(3);
    for (int step = 0; step < sizes.length; step++) {
      int n = sizes[step];
      double[] p = Mixers.bulk(n, 1, random);
      if (step % 2 == 1) {
        double[] broken = p.clone();
        broken[n] = Double.NaN;
        LayerVerdict verdict = judge(Stored.as(Dtype.F64, broken), n, 0, 2L * step - 1, history);
        assertThat(verdict.nonFinite()).isEqualTo(1);
      }
      Stored stored = Stored.as(step % 3 == 0 ? Dtype.F32 : Dtype.BF16, p);
      LayerVerdict verdict = judge(stored, n, 0, 2L * step, history);
      comparison.verdict("step " + step, FullSvd.of(stored.values(), n), verdict, step == 0);
    }
    comparison.conclude();
  }

  /** To one goal until a direction appears, from then on to another goal at each step. */
  private static List<Stored> drifting(int n, int steps) {
    RandomGenerator random = new SplittableRandom(17L * n);
    double[] p = Mixers.bulk(n, 1, random);
    double[] goal = Mixers.bulk(n, 1, random);
    List<Stored> operators = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      if (step > 0) {
        p = Drift.towards(goal, p);
      }
      if (step == SPIKE) {
        p = Mixers.mix(0.5, p, Mixers.split(n, random));
      }
      if (step >= SPIKE) {
        goal = Mixers.bulk(n, 1, random);
      }
      operators.add(Stored.as(Dtype.F32, p));
    }
    return operators;
  }

  private List<LayerVerdict> judge(List<Stored> operators, int n, LayerHistory history)
      throws IOException {
    List<LayerVerdict> verdicts = new ArrayList<>();
    for (int step = 0; step < operators.size(); step++) {
      verdicts.add(judge(operators.get(step), n, 0, step, history));
    }
    return verdicts;
  }

  private LayerVerdict judge(Stored stored, int n, int attempt, long step, LayerHistory history)
      throws IOException {
    SnapshotId id = new SnapshotId("r", attempt, "w", step);
    return analysis.judge(stored.snapshot(id, Shape.of(n, n), Kind.DOUBLY_STOCHASTIC), history);
  }

  private static double width(LayerVerdict verdict) {
    return Comparison.width(
        verdict.get(Figure.DETAIL_GAIN_LOWER), verdict.get(Figure.DETAIL_GAIN_UPPER));
  }

  private static void assertSameBits(LayerVerdict actual, LayerVerdict expected) {
    assertThat(actual.passes()).isEqualTo(expected.passes());
    for (Figure figure : Figure.values()) {
      assertThat(Double.doubleToRawLongBits(actual.get(figure)))
          .as("%s of step %d", figure, actual.id().step())
          .isEqualTo(Double.doubleToRawLongBits(expected.get(figure)));
    }
  }

  private static LayerHistory carrying() {
    return new LayerHistory(CertifiedMatrices.ofAllSizes(1 << 26));
  }

  private static LayerAnalysis analysis(String secret) {
    return new LayerAnalysis(AnalysisSettings.DEFAULT, secret.getBytes(StandardCharsets.UTF_8));
  }
}
