package dev.sinkwatch.analyzer.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How often a gain that only fluctuates is taken for one that drifts; prints the rates of
 * docs/alarms.md.
 */
class FalseAlarmsTest {
  private static final int LENGTH = 5000;
  private static final int SEQUENCES = Boolean.getBoolean("sinkwatch.long") ? 400 : 10;

  /** Verdicts in a row that a firing alarm takes, as by default. */
  private static final int CONSECUTIVE = 3;

  @ParameterizedTest
  @CsvSource({
    "0.1, 0.0, false", "0.1, 0.5, false", "0.1, 0.8, false", "0.1, 0.9, false",
    "0.3, 0.0, false", "0.3, 0.5, false", "0.3, 0.8, false", "0.3, 0.9, false",
    "0.1, 0.0, true", "0.1, 0.5, true", "0.1, 0.8, true", "0.1, 0.9, true",
    "0.3, 0.0, true", "0.3, 0.5, true", "0.3, 0.8, true", "0.3, 0.9, true",
  })
  void atMostOneIn100000Verdicts(double deviation, double correlation, boolean heavyTails) {
    Rate rate = rate(deviation, correlation, heavyTails);
    System.out.printf(
        "noise %.1f, correlation %.1f, %s: %d false alarms in %d verdicts%n",
        deviation, correlation, heavyTails ? "t(4)" : "normal", rate.alarms(), rate.verdicts());
    // at that rate more than three standard deviations above the mean would be chance
    double expected = rate.verdicts() / 1e5;
    assertThat((double) rate.alarms()).isLessThanOrEqualTo(expected + 3 * Math.sqrt(expected));
  }

  private record Rate(int alarms, long verdicts) {}

  private static Rate rate(double deviation, double correlation, boolean heavyTails) {
    Random random = new Random(7);
    int alarms = 0;
    long verdicts = 0;
    for (int sequence = 0; sequence < SEQUENCES; sequence++) {
      DriftWatch watch = new DriftWatch(DriftState.NONE);
      double value = deviation * random.nextGaussian();
      int inARow = 0;
      for (int step = 0; step < LENGTH && inARow < CONSECUTIVE; step++) {
        double push = heavyTails ? heavyTailed(random) : random.nextGaussian();
        value = correlation * value + deviation * Math.sqrt(1 - correlation * correlation) * push;
        Drift drift = watch.accept(step, 1 / (1 + Math.exp(-value)));
        inARow = drift != null && drift.sum() > drift.limit() ? inARow + 1 : 0;
        verdicts++;
      }
      alarms += inARow == CONSECUTIVE ? 1 : 0;
    }
    return new Rate(alarms, verdicts);
  }

  /** Student's t with four degrees of freedom, of variance 1. */
  private static double heavyTailed(Random random) {
    double squares = 0;
    for (int i = 0; i < 4; i++) {
      double g = random.nextGaussian();
      squares += g * g;
    }
    return random.nextGaussian() / Math.sqrt(squares / 4) / Math.sqrt(2);
  }
}
