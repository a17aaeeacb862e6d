package dev.sinkwatch.analyzer.alarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class StretchTest {

  @Test
  void theOperatorsThatLoseMostAreFound() {
    double[] gain = chain(86, 30, 59);
    Stretch stretch = Stretch.ofMostLoss(gain);
    assertThat(stretch).isEqualTo(new Stretch(30, 59));
    assertThat(stretch.operators()).isEqualTo(30);
    assertThat(stretch.gain(gain)).isCloseTo(Math.pow(0.77, 30), within(1e-12));
  }

  @Test
  void whereAllLoseTheSameItIsAllOfThem() {
    assertThat(Stretch.ofMostLoss(chain(12, 0, 11)).operators()).isEqualTo(12);
    assertThat(Stretch.ofMostLoss(new double[] {0.01})).isEqualTo(new Stretch(0, 0));
  }

  @Test
  void aGainThatUnderflowsIsStillSomewhere() {
    double[] gain = {0.9, 0.8, 0, 0};
    assertThat(Stretch.ofMostLoss(gain)).isEqualTo(new Stretch(2, 2));
  }

  /** Gains 0.77 from one index to another, 0.99 elsewhere. */
  private static double[] chain(int operators, int from, int to) {
    double[] gain = new double[operators];
    double left = 1;
    for (int l = 0; l < operators; l++) {
      left *= l >= from && l <= to ? 0.77 : 0.99;
      gain[l] = left;
    }
    return gain;
  }
}
