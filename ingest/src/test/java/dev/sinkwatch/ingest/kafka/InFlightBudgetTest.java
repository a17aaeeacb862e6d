package dev.sinkwatch.ingest.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class InFlightBudgetTest {

  @Test
  void exhausted_givenRecordsUsedUp_untilHalfIsFree() {
    InFlightBudget budget = new InFlightBudget(4, 1000);
    for (int i = 0; i < 3; i++) {
      budget.take(1);
      assertThat(budget.exhausted()).isFalse();
    }
    budget.take(1);
    assertThat(budget.exhausted()).isTrue();
    budget.giveBack(1);
    assertThat(budget.exhausted()).isTrue();
    budget.giveBack(1);
    assertThat(budget.exhausted()).isFalse();
  }

  @Test
  void exhausted_givenBytesUsedUp_untilHalfIsFree() {
    InFlightBudget budget = new InFlightBudget(1000, 100);
    budget.take(60);
    assertThat(budget.exhausted()).isFalse();
    budget.take(40);
    assertThat(budget.exhausted()).isTrue();
    budget.giveBack(40);
    assertThat(budget.exhausted()).isTrue();
    budget.giveBack(60);
    assertThat(budget.exhausted()).isFalse();
  }

  @Test
  void exhausted_givenMostIsHeld_comesFreeWhenTheRestIsGone() {
    InFlightBudget budget = new InFlightBudget(2, 100);
    for (int i = 0; i < 8; i++) {
      budget.take(10);
      budget.hold(10, 10);
      assertThat(budget.exhausted()).isFalse();
    }
    budget.take(20);
    assertThat(budget.exhausted()).isTrue();
    budget.giveBack(20);
    assertThat(budget.exhausted()).isFalse();
  }

  @Test
  void exhausted_givenWhatWasHeldGoesOn_countsItAgain() {
    InFlightBudget budget = new InFlightBudget(2, 100);
    for (int i = 0; i < 2; i++) {
      budget.take(10);
      budget.hold(10, 30);
    }
    assertThat(budget.bytes()).isEqualTo(60);
    budget.goOn(10, 30);
    assertThat(budget.exhausted()).isFalse();
    budget.goOn(10, 30);
    assertThat(budget.bytes()).isEqualTo(20);
    assertThat(budget.exhausted()).isTrue();
  }

  @Test
  void exhausted_givenRecordLargerThanAll_comesFreeOnceItIsGone() {
    InFlightBudget budget = new InFlightBudget(1, 10);
    budget.take(500);
    assertThat(budget.exhausted()).isTrue();
    budget.giveBack(500);
    assertThat(budget.exhausted()).isFalse();
    assertThat(budget.records()).isZero();
    assertThat(budget.bytes()).isZero();
  }
}
