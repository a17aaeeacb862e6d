package dev.sinkwatch.analyzer.alarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DriftWatchTest {
  private final DriftWatch watch = new DriftWatch(DriftState.NONE);
  private final Random random = new Random(3);

  @Test
  void aSteadyFallIsDrawnOnToWhereItEnds() {
    still(50, 0.6);
    Drift drift = null;
    for (int step = 50; step < 100; step++) { // comes down to 0.1 at step 180
      double logit = DriftWatch.logit(0.6) - (step - 50) * 2.6027 / 130;
      drift = watch.accept(step, gain(logit + 0.02 * random.nextGaussian()));
    }
    Drift last = Objects.requireNonNull(drift);
    assertThat(last.sum()).isGreaterThan(last.limit());
    assertThat(last.level()).isCloseTo(0.6, within(0.02));
    assertThat(last.sinceStep()).isBetween(55L, 75L);
    Trend trend = Objects.requireNonNull(last.trend());
    assertThat((double) Objects.requireNonNull(trend.crossing(0.1))).isCloseTo(180, within(5.0));
  }

  @Test
  void oneThatBeginsAsTheIdentityAndLearnsToMixALittleIsNoDrift() {
    Drift drift = null;
    for (int step = 0; step < 200; step++) {
      drift = watch.accept(step, 1 - 0.09 * Math.max(0, step - 40) / 160);
    }
    assertThat(sum(drift)).isZero();
    for (int step = 200; step < 240; step++) {
      drift = watch.accept(step, 0.3);
    }
    Drift fallen = Objects.requireNonNull(drift);
    assertThat(fallen.sum()).isGreaterThan(fallen.limit());
  }

  @Test
  void oneWildValueIsNoDrift() {
    still(50, 0.6);
    assertThat(sum(watch.accept(50, 1e-9))).isLessThan(0.5);
    still(51, 60, 0.6);
    assertThat(sum(watch.accept(60, 0.6))).isZero();
  }

  @Test
  void whatRisesRaisesTheLevelThatAFallIsMeasuredFrom() {
    for (int step = 0; step < 400; step++) {
      watch.accept(step, gain(-4 + 5.0 * Math.min(1, step / 200.0)));
    }
    Drift drift = null;
    for (int step = 400; step < 440; step++) {
      drift = watch.accept(step, gain(-1));
    }
    Drift last = Objects.requireNonNull(drift);
    assertThat(last.level()).isCloseTo(gain(1), within(0.02));
    assertThat(last.sum()).isGreaterThan(last.limit());
  }

  @Test
  void aRestartFromACheckpointVoidsWhatCameAfterIt() {
    still(50, 0.6);
    for (int step = 50; step < 90; step++) {
      watch.accept(step, gain(DriftWatch.logit(0.6) - 0.05 * (step - 50)));
    }
    assertThat(watch.state().path()).isNotEmpty();
    watch.back(45);
    assertThat(watch.state().path()).isEmpty();
    Drift drift = null;
    for (int step = 45; step < 80; step++) {
      drift = watch.accept(step, gain(DriftWatch.logit(0.6)));
    }
    assertThat(sum(drift)).isZero();
  }

  @Test
  void anotherOneGoesOnFromItsStateToTheSameBits() {
    for (int step = 0; step < 300; step++) {
      double logit = 0.5 - 0.01 * Math.max(0, step - 100) + 0.1 * random.nextGaussian();
      DriftWatch next = new DriftWatch(watch.state());
      assertThat(next.accept(step, gain(logit))).isEqualTo(watch.accept(step, gain(logit)));
      assertThat(next.state()).isEqualTo(watch.state());
    }
  }

  @Test
  void itsMemoryIsBounded() {
    for (int step = 0; step < 5000; step++) {
      watch.accept(step, step < 100 ? 0.6 : 0.3);
      assertThat(watch.state().path()).hasSizeLessThan(32);
      assertThat(watch.state().recent()).hasSizeLessThanOrEqualTo(16);
    }
    assertThat(watch.state().path()).hasSizeGreaterThan(14);
  }

  @Test
  void gainsAtTheEdgesAreJudged() {
    for (double gain : new double[] {0, 1, 1.2, 1e-300}) {
      DriftWatch edge = new DriftWatch(DriftState.NONE);
      for (int step = 0; step < 100; step++) {
        assertThat(sum(edge.accept(step, gain))).isZero();
      }
    }
  }

  private void still(int steps, double gain) {
    still(0, steps, gain);
  }

  private void still(int from, int to, double gain) {
    for (int step = from; step < to; step++) {
      watch.accept(step, gain(DriftWatch.logit(gain) + 0.02 * random.nextGaussian()));
    }
  }

  private static double sum(@Nullable Drift drift) {
    return drift == null ? 0 : drift.sum();
  }

  private static double gain(double logit) {
    return 1 / (1 + Math.exp(-logit));
  }
}
