package dev.sinkwatch.analyzer;

import static dev.sinkwatch.analyzer.RecordedDelivery.shard;
import static dev.sinkwatch.analyzer.SnapshotAssemblerTest.assembler;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Shards that their source takes back before they are settled, and that come again. */
class RecalledShardsTest {
  private static final long MIB = 1 << 20;

  private final SnapshotAssembler assembler = assembler(MIB, MIB);

  @Test
  void whatWasTakenBackBeforeItsVerdictWasSafeIsJudgedWhenItComesAgain() {
    RecordedDelivery safe = shard(1, 0, 6);
    accept(safe);
    safe.settle(Outcome.Settled.ANALYZED);
    List<RecordedDelivery> waiting = List.of(shard(2, 0, 3), shard(2, 3, 6), shard(3, 0, 6));
    waiting.forEach(this::accept);
    waiting.forEach(shard -> shard.recalled = true);

    RecordedDelivery repeated = shard(1, 0, 6);
    accept(repeated);
    assertThat(repeated.outcome).isEqualTo(Outcome.Settled.DUPLICATE);
    assertThat(accept(shard(2, 0, 3))).isEmpty();
    assertThat(accept(shard(2, 3, 6))).isPresent();
    assertThat(accept(shard(3, 0, 6))).isPresent();
    RecordedDelivery older = shard(2, 0, 3);
    accept(older);
    assertThat(older.outcome).as("of what waits for its verdict").isEqualTo(Outcome.Settled.STALE);
  }

  @Test
  void anIncompleteSnapshotThatWasTakenBackWaitsForAllOfItsRows() {
    RecordedDelivery before = shard(1, 0, 3);
    accept(before);
    before.recalled = true;
    RecordedDelivery again = shard(1, 0, 3);
    assertThat(accept(again)).isEmpty();
    assertThat(again.outcome).isNull();
    AssembledSnapshot whole = (AssembledSnapshot) accept(shard(1, 3, 6)).orElseThrow();
    assertThat(whole.deliveries()).contains(again).doesNotContain(before);
    assertThat(assembler.bufferedBytes()).isZero();
  }

  @Test
  void aSnapshotThatCameTwiceIsOneNewerOneForThoseThatWait() {
    RecordedDelivery waiting = shard(1, 0, 3);
    accept(waiting);
    for (int time = 0; time < 3; time++) {
      RecordedDelivery newer = shard(2, 0, 6);
      assertThat(accept(newer)).isPresent();
      newer.recalled = true;
    }
    assertThat(waiting.outcome).isNull();
  }

  @Test
  void whatBeganAnewHasItsWholeTime() {
    RecordedDelivery before = shard(1, 0, 3);
    assembler.accept(before, 0);
    before.recalled = true;
    RecordedDelivery again = shard(1, 0, 3);
    assembler.accept(again, 900);
    assembler.tick(1500);
    assertThat(again.outcome).isNull();
    assembler.tick(1900);
    assertThat(again.outcome).isEqualTo(Outcome.Settled.INCOMPLETE);
  }

  @Test
  void whatWasTakenBackMakesNobodyElseLeave() {
    SnapshotAssembler small = assembler(100, 2 * Loan.MIN_BYTES);
    RecordedDelivery live = shard(1, 0, 3);
    RecordedDelivery gone = shard(2, 0, 2);
    small.accept(live, 0);
    small.accept(gone, 0);
    gone.recalled = true;
    small.accept(shard(3, 0, 2), 0);
    assertThat(live.outcome).isNull();
  }

  @Test
  void whatIsTakenBackOnItsWayIsNotWaitedFor() {
    RecordedDelivery gone = shard(1, 0, 6);
    gone.recalled = true;
    assertThat(accept(gone)).isEmpty();
    assertThat(accept(shard(1, 0, 6))).isPresent();
  }

  @Test
  void whatWasTakenBackHoldsNoRoomForLong() {
    RecordedDelivery waiting = shard(1, 0, 3);
    accept(waiting);
    waiting.recalled = true;
    assembler.tick(1);
    assertThat(assembler.bufferedBytes()).isZero();
    assembler.tick(60_000);
    assertThat(waiting.outcome).isNull();
  }

  @Test
  void whatWasTakenBackIsJudgedThoughALaterStepIsSettled() {
    RecordedDelivery earlier = shard(5, 0, 6);
    RecordedDelivery later = shard(6, 0, 6);
    accept(earlier);
    accept(later);
    earlier.recalled = true;
    later.settle(Outcome.Settled.ANALYZED);

    RecordedDelivery again = shard(5, 0, 6);
    assertThat(accept(again)).isPresent();
    RecordedDelivery repeated = shard(6, 0, 6);
    accept(repeated);
    assertThat(repeated.outcome).isEqualTo(Outcome.Settled.DUPLICATE);
    again.settle(Outcome.Settled.ANALYZED);
    RecordedDelivery late = shard(5, 0, 6);
    accept(late);
    assertThat(late.outcome).isEqualTo(Outcome.Settled.STALE);
  }

  @Test
  void whatWasTakenBackTwiceIsJudgedThoughALaterStepIsSettled() {
    RecordedDelivery earlier = shard(5, 0, 6);
    RecordedDelivery later = shard(6, 0, 6);
    accept(earlier);
    accept(later);
    earlier.recalled = true;
    later.settle(Outcome.Settled.ANALYZED);
    for (int time = 0; time < 3; time++) {
      RecordedDelivery again = shard(5, 0, 6);
      assertThat(accept(again)).isPresent();
      again.recalled = true;
    }
  }

  @Test
  void whatWasTakenBackAndDoesNotComeIsNotWaitedForEver() {
    RecordedDelivery earlier = shard(5, 0, 6);
    accept(earlier);
    earlier.recalled = true;
    for (long step = 6; step < 8; step++) {
      RecordedDelivery later = shard(step, 0, 6);
      accept(later);
      later.settle(Outcome.Settled.ANALYZED);
    }
    RecordedDelivery again = shard(5, 0, 6);
    accept(again);
    assertThat(again.outcome).isEqualTo(Outcome.Settled.STALE);
  }

  private Optional<Assembled> accept(RecordedDelivery delivery) {
    return assembler.accept(delivery, 0);
  }
}
