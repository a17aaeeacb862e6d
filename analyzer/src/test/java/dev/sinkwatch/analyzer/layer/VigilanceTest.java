package dev.sinkwatch.analyzer.layer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VigilanceTest {

  private final Vigilance vigilance = new Vigilance();

  @BeforeEach
  void fiveSnapshotsMakeTheBaseline() {
    for (int i = 0; i < 5; i++) {
      assertThat(vigilance.needsCertificate(0.01)).as("no alarm before the fifth").isFalse();
      assertThat(vigilance.needsCertificate(0.9)).isFalse();
      vigilance.judged(0.92, 0.9);
    }
  }

  @Test
  void aGainThatStaysHighIsCarried() {
    for (int i = 0; i < 30; i++) {
      assertThat(vigilance.needsCertificate(0.5)).isFalse();
      vigilance.judged(0.5, 0.5);
    }
  }

  @ParameterizedTest
  @CsvSource({
    // upper bound, whether it lies beyond a threshold: 0.1 to fire and half as much again to clear
    "0.0999, true",
    "0.1, true",
    "0.1499, true",
    "0.1501, false",
    "0.2, false",
  })
  void theFirstStepBeyondAThresholdIsCertified(double upper, boolean needed) {
    assertThat(vigilance.needsCertificate(upper)).isEqualTo(needed);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.12})
  void soIsWhatFollowsWhileTheAlarmCounts(double upper) {
    int certified = 0;
    for (int i = 0; i < 40; i++) {
      boolean needed = vigilance.needsCertificate(upper);
      assertThat(needed).as("snapshot %d after the change", i).isEqualTo(i <= 10);
      certified += needed ? 1 : 0;
      vigilance.judged(upper, upper);
    }
    assertThat(certified).isEqualTo(11);
  }

  @Test
  void eachChangeOfSideCountsAnew() {
    for (int i = 0; i < 20; i++) {
      vigilance.judged(0.05, 0.05);
    }
    assertThat(vigilance.needsCertificate(0.05)).isFalse();
    assertThat(vigilance.needsCertificate(0.12)).as("no longer held, not yet cleared").isTrue();
    vigilance.judged(0.12, 0.12);
    assertThat(vigilance.needsCertificate(0.12)).isTrue();
    assertThat(vigilance.needsCertificate(0.05)).isTrue();
    assertThat(vigilance.needsCertificate(0.9)).as("cleared").isTrue();
    vigilance.judged(0.9, 0.9);
    assertThat(vigilance.needsCertificate(0.9)).as("nothing counts up here").isFalse();
    assertThat(vigilance.needsCertificate(0.05)).isTrue();
  }

  @Test
  void theQuestionItselfChangesNothing() {
    for (int i = 0; i < 30; i++) {
      assertThat(vigilance.needsCertificate(0.05)).isTrue();
      assertThat(vigilance.needsCertificate(0.9)).isFalse();
    }
  }

  @Test
  void verdictsWithoutFiguresCountInTheWarmUpAsTheyDoForTheAlarm() {
    Vigilance broken = new Vigilance();
    for (double gain : new double[] {Double.NaN, 0.07, 0.09, Double.NaN, Double.NaN}) {
      assertThat(broken.needsCertificate(0.05)).isFalse();
      broken.judged(gain, gain);
    }
    // the baseline is 0.08
    assertThat(broken.needsCertificate(0.0601)).isFalse();
    assertThat(broken.needsCertificate(0.0599)).isTrue();
  }

  @Test
  void aLayerThatBeganLowIsMeasuredByItsBaseline() {
    Vigilance low = new Vigilance();
    // the median is 0.08: only below 0.04 is it half of what it was, and below 0.06 half as much
    for (double gain : new double[] {0.9, 0.08, 0.07, 0.08, 0.9}) {
      low.judged(gain, gain);
    }
    assertThat(low.needsCertificate(0.07)).isFalse();
    assertThat(low.needsCertificate(0.0601)).isFalse();
    assertThat(low.needsCertificate(0.0599)).isTrue();
    assertThat(low.needsCertificate(0.0399)).isTrue();
  }
}
