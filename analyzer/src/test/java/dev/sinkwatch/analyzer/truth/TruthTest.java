package dev.sinkwatch.analyzer.truth;

import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.LayerHistory;
import dev.sinkwatch.analyzer.spectrum.CertifiedMatrices;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Not one truth outside its bounds: random operators against full decompositions in double
 * precision. The whole ({@code ./verify --long}) is 98,000 operators of 2 to 64, 10,000 of each
 * family and 800 sequences of 10, and 2,000 of 65 to 1024, 150 of each family and 65 sequences of
 * 10; sizes are log-uniform, so that a large operator costs on average an eighth of the largest.
 * The sample has sizes up to 400.
 */
class TruthTest {
  private static final int LARGEST = LongRun.choose(400, 1024);
  private static final int STEPS = 10;
  private static final Dtype[] DTYPES = {Dtype.F32, Dtype.BF16, Dtype.F64};

  private final LayerAnalysis analysis =
      new LayerAnalysis(AnalysisSettings.DEFAULT, "truth".getBytes(StandardCharsets.UTF_8));

  @ParameterizedTest
  @EnumSource(Family.class)
  void smallOperatorsAreExact(Family family) {
    Comparison comparison = new Comparison("small " + family);
    IntStream.range(0, LongRun.choose(400, 10_000))
        .parallel()
        .forEach(index -> one(family, index, 2, Comparison.EXACT_SIZE, comparison));
    comparison.conclude();
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void largeOperatorsAreWithinTheirBounds(Family family) {
    Comparison comparison = new Comparison("large " + family);
    IntStream.range(0, LongRun.choose(8, 150))
        .parallel()
        .forEach(index -> one(family, index, Comparison.EXACT_SIZE + 1, LARGEST, comparison));
    comparison.conclude();
  }

  @Test
  void smallOperatorsAreExactOverTime() {
    Comparison comparison = new Comparison("small sequences");
    IntStream.range(0, LongRun.choose(30, 800))
        .parallel()
        .forEach(index -> sequence(index, 2, Comparison.EXACT_SIZE, comparison, comparison));
    comparison.conclude();
  }

  @Test
  void largeOperatorsAreWithinTheirBoundsOverTime() {
    Comparison certified = new Comparison("large sequences");
    Comparison carried = Comparison.ofBounds("the same, carried");
    IntStream.range(0, LongRun.choose(9, 65))
        .parallel()
        .forEach(index -> sequence(index, Comparison.EXACT_SIZE + 1, LARGEST, certified, carried));
    certified.conclude();
    carried.conclude();
  }

  private void one(Family family, int index, int from, int to, Comparison comparison) {
    RandomGenerator random = new SplittableRandom(31L * family.name().hashCode() + index);
    int n = size(from, to, random);
    Stored stored = Stored.as(dtype(random), family.of(n, random));
    String which = family + " " + index + " " + stored.dtype();
    LayerVerdict verdict = judge(which, 0, n, stored, new LayerHistory());
    comparison.verdict(which, FullSvd.of(stored.values(), n), verdict, true);
  }

  /**
   * Snapshots of one layer that moves by 1e-3 a step, to one goal or to another each time, and in
   * which a direction appears from one step to the next that was not there.
   *
   * @param carried of verdicts that carry a certificate also at sizes where each snapshot gets its
   *     own
   */
  private void sequence(int index, int from, int to, Comparison certified, Comparison carried) {
    RandomGenerator random = new SplittableRandom(7_000_003L + index);
    Family[] families = Family.values();
    Family family = families[index % families.length];
    int n = size(from, to, random);
    Dtype dtype = dtype(random);
    boolean steady = random.nextBoolean();
    int appears = 2 + random.nextInt(STEPS - 2);
    double share = Family.decades(-3, -0.05, random);
    LayerHistory history = new LayerHistory();
    LayerHistory carrying = new LayerHistory(CertifiedMatrices.ofAllSizes(1 << 26));
    double[] p = family.of(n, random);
    double[] goal = Mixers.bulk(n, 1, random);
    for (int step = 0; step < STEPS; step++) {
      if (step > 0) {
        p = Drift.towards(goal, p);
        goal = steady ? goal : Mixers.bulk(n, 1, random);
      }
      if (step == appears) {
        p = Mixers.mix(share, p, Mixers.split(n, random));
      }
      String which =
          "sequence %d of %s %s step %d, %s appears at %d"
              .formatted(index, family, dtype, step, share, appears);
      Stored stored = Stored.as(dtype, p);
      FullSvd truth = FullSvd.of(stored.values(), n);
      certified.verdict(which, truth, judge(which, step, n, stored, history), true);
      carried.verdict(which, truth, judge(which, step, n, stored, carrying), step == 0);
    }
  }

  private LayerVerdict judge(String which, int step, int n, Stored stored, LayerHistory history) {
    SnapshotId id = new SnapshotId("truth", 0, which.replaceFirst(" step.*", ""), 10L * step);
    try {
      return analysis.judge(stored.snapshot(id, Shape.of(n, n), Kind.DOUBLY_STOCHASTIC), history);
    } catch (IOException e) {
      throw new UncheckedIOException(which, e);
    }
  }

  private static int size(int from, int to, RandomGenerator random) {
    double n = Math.exp(random.nextDouble(Math.log(from), Math.log(to + 1)));
    return Math.clamp((long) n, from, to);
  }

  private static Dtype dtype(RandomGenerator random) {
    return DTYPES[random.nextInt(DTYPES.length)];
  }
}
