package dev.sinkwatch.analyzer;

import static dev.sinkwatch.analyzer.RecordedDelivery.shard;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.Rejection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Snapshots that are too large to wait, whose shards go on as they come. */
class StreamedShardsTest {
  private static final long SUMS = 40;

  /** Room for two. */
  private final SnapshotAssembler assembler =
      new SnapshotAssembler(
          new AssemblyLimits(11, 100, 5 * Loan.MIN_BYTES, 2 * SUMS + 1, 1000),
          _ -> OptionalLong.of(SUMS),
          JoinRoom.within(100));

  @Test
  void shardsGoOnAsTheyComeAndTheLastBringsAllLoans() {
    RecordedDelivery last = shard(1, 0, 3);
    RecordedDelivery first = shard(1, 3, 6);
    Assembled.Rows begun = rows(first).orElseThrow();
    assertThat(begun.delivery()).isSameAs(first);
    assertThat(begun.complete()).isNull();
    assertThat(assembler.bufferedBytes()).isEqualTo(SUMS);
    Assembled.Rows whole = rows(last).orElseThrow();
    assertThat(whole.snapshot()).isSameAs(begun.snapshot());
    assertThat(requireNonNull(whole.complete()).loans()).containsExactly(last, first);
    whole.snapshot().close();
    assertThat(assembler.bufferedBytes()).isZero();
  }

  @Test
  void theSameRowsAgainAreADuplicateAndOthersAConflictThoughTheDataAreGone() {
    rows(shard(0, 1, 0, 3, 7));
    RecordedDelivery same = shard(0, 1, 0, 3, 7);
    RecordedDelivery other = shard(0, 1, 0, 3, 8);
    RecordedDelivery overlapping = shard(0, 1, 2, 5, 7);
    assertThat(rows(same)).isEmpty();
    assertThat(rows(other)).isEmpty();
    assertThat(rows(overlapping)).isEmpty();
    assertThat(same.outcome).isEqualTo(Outcome.Settled.DUPLICATE);
    assertThat(other.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(overlapping.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(rows(shard(0, 1, 3, 6, 7)).orElseThrow().complete()).isNotNull();
    RecordedDelivery late = shard(0, 1, 0, 3, 7);
    assertThat(rows(late)).isEmpty();
    assertThat(late.outcome).isEqualTo(Outcome.Settled.DUPLICATE);
  }

  @Test
  void rowsThatWereTakenBackAreNotLookedAtTwice() {
    RecordedDelivery before = shard(1, 0, 3);
    rows(before);
    rows(shard(1, 3, 5));
    before.recalled = true;
    assembler.tick(1);
    assertThat(rows(shard(1, 5, 6)).orElseThrow().complete()).as("one loan is missing").isNull();
    RecordedDelivery again = shard(1, 0, 3);
    Assembled.Rows whole = rows(again).orElseThrow();
    assertThat(whole.delivery()).isNull();
    assertThat(again.released).isTrue();
    assertThat(requireNonNull(whole.complete()).loans()).contains(again).doesNotContain(before);
  }

  @Test
  void aSnapshotThatWasTakenBackAsAWholeBeginsAnew() {
    RecordedDelivery before = shard(1, 0, 3);
    StreamedSnapshot begun = rows(before).orElseThrow().snapshot();
    before.recalled = true;
    assembler.tick(1);
    assertThat(begun.closed()).isTrue();
    assertThat(assembler.bufferedBytes()).isZero();
    Assembled.Rows again = rows(shard(1, 0, 3)).orElseThrow();
    assertThat(again.snapshot()).isNotSameAs(begun);
    assertThat(again.delivery()).isNotNull();
  }

  @Test
  void whatFindsNoRoomIsRefusedWithAllOfItsShards() {
    StreamedSnapshot first = rows(shard(1, 0, 3)).orElseThrow().snapshot();
    rows(shard(2, 0, 3));
    RecordedDelivery third = shard(3, 0, 3);
    assertThat(rows(third)).isEmpty();
    assertThat(third.reason()).isEqualTo(Reason.SNAPSHOT_TOO_LARGE);
    first.close();
    RecordedDelivery rest = shard(3, 3, 6);
    assertThat(rows(rest)).isEmpty();
    assertThat(rest.outcome).isEqualTo(third.outcome);
    assertThat(rows(shard(4, 0, 3))).as("there is room again").isPresent();
  }

  @Test
  void whatStaysIncompleteIsDroppedAndGivesItsRoomBack() {
    RecordedDelivery waiting = shard(1, 0, 3);
    StreamedSnapshot snapshot = rows(waiting).orElseThrow().snapshot();
    assembler.tick(1000);
    assertThat(waiting.outcome).isEqualTo(Outcome.Settled.INCOMPLETE);
    assertThat(snapshot.closed()).isTrue();
    assertThat(assembler.bufferedBytes()).isZero();
  }

  @Test
  void aHigherAttemptEndsIt() {
    RecordedDelivery waiting = shard(0, 1, 0, 3, 0);
    rows(waiting);
    rows(shard(1, 1, 0, 3, 0));
    assertThat(waiting.outcome).isEqualTo(Outcome.Settled.STALE);
    assertThat(assembler.bufferedBytes()).isEqualTo(SUMS);
  }

  @Test
  void whenItsLaneCannotGoOnAllOfItsShardsSayWhy() {
    RecordedDelivery before = shard(1, 0, 3);
    StreamedSnapshot snapshot = rows(before).orElseThrow().snapshot();
    Outcome why = new Outcome.Rejected(new Rejection(Reason.ANALYSIS_FAILED, "why"));
    snapshot.fail(why);
    assembler.tick(1);
    assertThat(before.outcome).isEqualTo(why);
    RecordedDelivery after = shard(1, 3, 6);
    assertThat(rows(after)).isEmpty();
    assertThat(after.outcome).isEqualTo(why);
    assertThat(assembler.bufferedBytes()).isZero();
  }

  @Test
  void oneInTooManyShardsIsRefusedSoThatIntakeGoesOn() {
    RecordedDelivery other = shard(2, 0, 3);
    rows(other);
    List<RecordedDelivery> tiny =
        IntStream.range(0, 6).mapToObj(row -> shard(1, row, row + 1)).toList();
    tiny.subList(0, 4).forEach(shard -> assertThat(rows(shard)).isPresent());
    assertThat(rows(tiny.get(4))).as("it is refused, and nobody need look at it").isEmpty();
    assertThat(rows(tiny.get(5))).isEmpty();
    for (RecordedDelivery shard : tiny) {
      assertThat(shard.reason()).isEqualTo(Reason.SNAPSHOT_TOO_LARGE);
    }
    assertThat(assembler.bufferedBytes()).as("the other one's").isEqualTo(SUMS);
    assertThat(rows(shard(2, 3, 6)).orElseThrow().complete()).isNotNull();
  }

  @Test
  void smallOnesOfTheSameLayerWaitBesideIt() {
    rows(shard(1, 0, 3));
    SnapshotAssembler both =
        new SnapshotAssembler(
            new AssemblyLimits(12, Loan.MIN_BYTES, Loan.MIN_BYTES, SUMS, 1000),
            _ -> OptionalLong.of(SUMS),
            JoinRoom.within(Loan.MIN_BYTES));
    assertThat(both.accept(shard(1, 0, 3), 0)).isEmpty();
    assertThat(both.bufferedBytes()).isEqualTo(Loan.MIN_BYTES);
  }

  private Optional<Assembled.Rows> rows(RecordedDelivery delivery) {
    return assembler.accept(delivery, 0).map(Assembled.Rows.class::cast);
  }
}
