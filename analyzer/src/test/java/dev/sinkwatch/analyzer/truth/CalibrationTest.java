package dev.sinkwatch.analyzer.truth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.LayerHistory;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Upper bounds fail no more often than they say, where failing is easiest: one direction hides
 * right above the edge of a bulk, so that a start which hardly meets it sees the bulk alone.
 */
class CalibrationTest {
  private static final int OPERATORS = LongRun.choose(8, 20);
  private static final int DRAWS = LongRun.choose(400, 10_000);

  /**
   * @param passes that may be made, 0 for as many as wanted: with few the bound rests on its
   *     probability alone, with many it has the time to find the direction
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 4})
  void upperBoundsMissNoMoreOftenThanAskedFor(int passes) {
    Draws often = draw(0.1, passes, DRAWS);
    assertThat(often.missedUpper).isLessThanOrEqualTo(most(0.1, DRAWS, 3));
    assertThat(often.missedLower).isZero();
    Draws never = draw(1e-9, passes, DRAWS / 4);
    assertThat(never.missedUpper).isZero();
    assertThat(never.missedLower).isZero();
    if (passes == 0) {
      assertThat(often.median()).isLessThanOrEqualTo(Comparison.CERTIFIED_WIDTH);
      assertThat(never.widest()).isLessThanOrEqualTo(Comparison.CERTIFIED_WIDTH);
    }
  }

  private static Draws draw(double failureProbability, int passes, int count) {
    AnalysisSettings settings =
        new AnalysisSettings(
            AnalysisSettings.DEFAULT.profiles(), 0.01, 1e-3, failureProbability, passes);
    Draws draws = new Draws(count);
    for (int operator = 0; operator < OPERATORS; operator++) {
      Hidden hidden = Hidden.of(operator);
      int before = draws.missedUpper;
      int from = count * operator / OPERATORS;
      int to = count * (operator + 1) / OPERATORS;
      IntStream.range(from, to)
          .parallel()
          .forEach(i -> draws.take(i, hidden.gain, hidden.judge(settings, "draw " + i)));
      // whatever the snapshot: none may fail more often so that others make up for it
      int missed = draws.missedUpper - before;
      assertThat(missed)
          .as("operator %d", operator)
          .isLessThanOrEqualTo(most(failureProbability, to - from, 4));
    }
    System.out.printf(
        Locale.ROOT,
        "calibration at %.0e, passes %d: %d draws, upper bounds missed %d, lower %d, interval"
            + " median %.1e, widest %.1e%n",
        failureProbability,
        passes,
        count,
        draws.missedUpper,
        draws.missedLower,
        draws.median(),
        draws.widest());
    return draws;
  }

  /** Misses that so many draws may have by chance, so many standard deviations above the mean. */
  private static int most(double probability, int draws, int deviations) {
    return (int)
        (probability * draws + deviations * Math.sqrt(probability * (1 - probability) * draws));
  }

  /** What the draws found; take is safe for several threads. */
  private static final class Draws {
    private final double[] widths;
    private int missedUpper;
    private int missedLower;

    Draws(int count) {
      widths = new double[count];
    }

    synchronized void take(int i, double gain, LayerVerdict verdict) {
      double lower = verdict.get(Figure.DETAIL_GAIN_LOWER);
      double upper = verdict.get(Figure.DETAIL_GAIN_UPPER);
      widths[i] = Comparison.width(lower, upper);
      missedUpper += Comparison.upperHolds(upper, gain) ? 0 : 1;
      missedLower += Comparison.lowerHolds(lower, gain) ? 0 : 1;
    }

    double median() {
      return java.util.Arrays.stream(widths).sorted().skip(widths.length / 2).findFirst().orElse(0);
    }

    double widest() {
      return java.util.Arrays.stream(widths).max().orElse(0);
    }
  }

  /** An operator with one direction at 1.02 to 1.3 times the edge of its bulk. */
  private record Hidden(Stored stored, int n, double gain) {

    static Hidden of(int index) {
      RandomGenerator random = new SplittableRandom(41L + index);
      int n = 128 + 172 * index / Math.max(1, OPERATORS - 1);
      double times = 1.02 + 0.28 * random.nextDouble();
      double[] bulk = Mixers.centred(Mixers.bulk(n, 1, random), n);
      double edge = FullSvd.singularValues(bulk, n, n)[0];
      double[] left = Mixers.directions(n, 1, random)[0];
      double[] right = Mixers.directions(n, 1, random)[0];
      double[] p = Mixers.uniform(n);
      Mixers.add(p, 1, without(bulk, left, right, n));
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          p[i * n + j] += times * edge * left[i] * right[j];
        }
      }
      Stored stored = Stored.as(Dtype.F64, p);
      double gain = FullSvd.of(stored.values(), n).detailGain();
      assertThat(gain).isGreaterThan(1.01 * edge);
      return new Hidden(stored, n, gain);
    }

    /** (I - ll') A (I - rr'): nothing of A is left in the way of the direction. */
    private static double[] without(double[] a, double[] left, double[] right, int n) {
      double[] rest = a.clone();
      double[] along = new double[n];
      for (int i = 0; i < n; i++) {
        double share = 0;
        for (int j = 0; j < n; j++) {
          share += rest[i * n + j] * right[j];
        }
        for (int j = 0; j < n; j++) {
          rest[i * n + j] -= share * right[j];
          along[j] += left[i] * rest[i * n + j];
        }
      }
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          rest[i * n + j] -= left[i] * along[j];
        }
      }
      return rest;
    }

    LayerVerdict judge(AnalysisSettings settings, String secret) {
      try {
        return new LayerAnalysis(settings, secret.getBytes(StandardCharsets.UTF_8))
            .judge(stored.snapshot(Shape.of(n, n), Kind.DOUBLY_STOCHASTIC), new LayerHistory());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
