package dev.sinkwatch.ingest.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MembershipTest {
  private long now = Long.MAX_VALUE - 10; // as this clock may stand anywhere
  private final Membership membership = new Membership(() -> now);

  @Test
  void hasItsShare_givenPartitions_atOnceAndUntilItLeaves() {
    assertThat(membership.hasItsShare()).isFalse();
    membership.owns(3);
    assertThat(membership.hasItsShare()).isTrue();
    membership.left();
    assertThat(membership.hasItsShare()).isFalse();
  }

  @Test
  void hasItsShare_givenNoneAtFirst_onceSomeCome() {
    membership.owns(0);
    now += Membership.NONE_MUST_STAND.toNanos() - 1;
    assertThat(membership.hasItsShare()).isFalse();
    membership.owns(1);
    assertThat(membership.hasItsShare()).isTrue();
  }

  @Test
  void hasItsShare_givenNone_onceThatHasStood() {
    membership.owns(0);
    now += Membership.NONE_MUST_STAND.toNanos() / 2;
    membership.owns(0);
    now += Membership.NONE_MUST_STAND.toNanos() / 2;
    assertThat(membership.hasItsShare()).isTrue();
  }
}
