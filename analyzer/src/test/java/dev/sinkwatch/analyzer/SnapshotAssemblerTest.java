package dev.sinkwatch.analyzer;

import static dev.sinkwatch.analyzer.RecordedDelivery.shard;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SnapshotAssemblerTest {
  private static final long MIB = 1 << 20;

  private final SnapshotAssembler assembler = assembler(MIB, MIB);

  @Test
  void aSnapshotIsCompleteWhenItsRowsTileInAnyOrder() throws IOException {
    assertThat(accept(shard(1, 4, 6))).isEmpty();
    assertThat(accept(shard(1, 0, 3))).isEmpty();
    AssembledSnapshot snapshot = (AssembledSnapshot) accept(shard(1, 3, 4)).orElseThrow();

    StringBuilder rows = new StringBuilder();
    snapshot.scan((first, count, data) -> rows.append(first).append('+').append(count).append(' '));
    assertThat(rows).hasToString("0+3 3+1 4+2 ");
    assertThat(assembler.bufferedBytes()).isZero();
  }

  @Test
  void theSameRowsAgainAreADuplicateBeforeAndAfterTheVerdict() {
    accept(shard(1, 0, 3));
    RecordedDelivery early = shard(1, 0, 3);
    accept(early);
    accept(shard(1, 3, 6));
    RecordedDelivery late = shard(1, 3, 6);
    accept(late);

    assertThat(early.outcome).isEqualTo(Outcome.Settled.DUPLICATE);
    assertThat(late.outcome).isEqualTo(Outcome.Settled.DUPLICATE);
  }

  @Test
  void otherContentForTheSameRowsIsAConflictBeforeAndAfterTheVerdict() {
    accept(shard(1, 0, 3));
    RecordedDelivery early = shard(0, 1, 0, 3, 9);
    accept(early);
    accept(shard(1, 3, 6));
    RecordedDelivery late = shard(0, 1, 3, 6, 9);
    accept(late);

    assertThat(early.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(late.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(late.outcome)
        .asString()
        .contains("step 1 was judged already, with other values in rows 3:6");
  }

  @Test
  void rowsThatWereCutOtherwiseAreAConflictAfterTheVerdictThatSaysSo() {
    accept(shard(1, 0, 6));
    RecordedDelivery late = shard(1, 0, 3);
    accept(late);

    assertThat(late.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(late.outcome)
        .asString()
        .contains("step 1 was judged already, from other shards than one of rows 0:3");
  }

  @Test
  void overlappingRowsAreAConflictFromEitherSide() {
    accept(shard(1, 2, 4));
    for (RecordedDelivery overlapping :
        new RecordedDelivery[] {shard(1, 0, 3), shard(1, 3, 6), shard(1, 0, 6)}) {
      accept(overlapping);
      assertThat(overlapping.reason()).isEqualTo(Reason.CONFLICT);
    }
    assertThat(accept(shard(1, 0, 2))).isEmpty();
    assertThat(accept(shard(1, 4, 6))).isPresent();
  }

  @Test
  void anotherShapeInTheSameSnapshotIsAConflict() {
    accept(shard(1, 0, 3));
    RecordedDelivery other =
        new RecordedDelivery(
            new Shard(
                new SnapshotId("r", 0, "l", 1),
                Shape.of(8, 2),
                new RowRange(3, 8),
                Dtype.U8,
                MemorySegment.ofArray(new byte[10]),
                Hints.NONE,
                0));
    accept(other);
    assertThat(other.reason()).isEqualTo(Reason.CONFLICT);
  }

  @Test
  void aStepOlderThanTheLastJudgedOneIsStale() {
    accept(shard(7, 0, 6));
    RecordedDelivery older = shard(6, 0, 6);
    accept(older);
    assertThat(older.outcome).isEqualTo(Outcome.Settled.STALE);
  }

  @Test
  void aHigherAttemptStartsAnewAndMakesTheLowerStale() {
    accept(shard(7, 0, 6));
    RecordedDelivery waiting = shard(8, 0, 3);
    accept(waiting);
    assertThat(accept(shard(1, 2, 0, 6, 0))).isPresent();
    RecordedDelivery late = shard(0, 9, 0, 6, 0);
    accept(late);

    assertThat(waiting.outcome).isEqualTo(Outcome.Settled.STALE);
    assertThat(late.outcome).isEqualTo(Outcome.Settled.STALE);
  }

  @Test
  void anIncompleteSnapshotIsDroppedAtItsTimeout() {
    RecordedDelivery waiting = shard(1, 0, 3);
    assembler.accept(waiting, 5000);
    assembler.tick(5999);
    assertThat(waiting.outcome).isNull();
    assembler.tick(6000);
    assertThat(waiting.outcome).isEqualTo(Outcome.Settled.INCOMPLETE);
    assertThat(assembler.bufferedBytes()).isZero();
  }

  @Test
  void anIncompleteSnapshotIsDroppedWhenTwoNewerOnesAreComplete() {
    RecordedDelivery waiting = shard(1, 0, 3);
    accept(waiting);
    accept(shard(2, 0, 6));
    assertThat(waiting.outcome).isNull();
    accept(shard(3, 0, 6));
    assertThat(waiting.outcome).isEqualTo(Outcome.Settled.INCOMPLETE);
  }

  @Test
  void theOldestIncompleteSnapshotMakesRoomWhenTheBufferIsFull() {
    SnapshotAssembler small = assembler(100, Loan.MIN_BYTES);
    RecordedDelivery oldest = shard(1, 0, 3);
    RecordedDelivery newest = shard(2, 0, 3);
    small.accept(oldest, 0);
    small.accept(newest, 0);
    assertThat(oldest.outcome).isEqualTo(Outcome.Settled.INCOMPLETE);
    assertThat(newest.outcome).isNull();
    assertThat(small.bufferedBytes()).isEqualTo(Loan.MIN_BYTES);
  }

  @Test
  void aSnapshotOfTooManyTinyShardsIsRefusedAsAWholeAndOthersGoOn() {
    SnapshotAssembler small = assembler(100, 2 * Loan.MIN_BYTES);
    RecordedDelivery other = shard(1, 0, 3);
    small.accept(other, 0);
    List<RecordedDelivery> tiny =
        IntStream.range(0, 5).mapToObj(row -> shard(2, row, row + 1)).toList();
    tiny.forEach(shard -> small.accept(shard, 0));
    for (RecordedDelivery shard : tiny) {
      assertThat(shard.reason()).isEqualTo(Reason.SNAPSHOT_TOO_LARGE);
    }
  }

  @Test
  void aShardWaitsUntilItsSnapshotIsWhole() {
    RecordedDelivery first = shard(1, 0, 3);
    RecordedDelivery last = shard(1, 3, 6);
    accept(first);
    assertThat(first.waiting).isTrue();
    accept(last);
    assertThat(first.waiting).isFalse();
    assertThat(last.waiting).isFalse();
  }

  @Test
  void aSnapshotThatCanNeitherWaitNorBeJudgedAsItComesIsRefusedAtItsFirstShard() {
    SnapshotAssembler small = assembler(11, 100);
    RecordedDelivery shard = shard(1, 0, 3);
    small.accept(shard, 0);
    assertThat(shard.reason()).isEqualTo(Reason.SNAPSHOT_TOO_LARGE);
  }

  @Test
  void anEmptyTensorIsCompleteAtOnce() {
    RecordedDelivery empty =
        new RecordedDelivery(
            new Shard(
                new SnapshotId("r", 0, "l", 1),
                Shape.of(0, 4),
                new RowRange(0, 0),
                Dtype.F32,
                MemorySegment.ofArray(new byte[0]),
                Hints.NONE,
                0));
    assertThat(accept(empty)).isPresent();
  }

  @Test
  void whatWaitsForItsSiteHasItsPartInWhatMayBeBuffered() {
    JoinRoom joins = JoinRoom.within(8 * Loan.MIN_BYTES);
    SnapshotAssembler tight =
        new SnapshotAssembler(
            new AssemblyLimits(12, 8 * Loan.MIN_BYTES, 80 * Loan.MIN_BYTES, 0, 1000),
            head -> OptionalLong.empty(),
            joins);
    List<RecordedDelivery> waiting = new ArrayList<>();
    for (int step = 0; step < 8; step++) {
      waiting.add(shard(step, 0, 3));
      assertThat(tight.accept(waiting.getLast(), 0)).isEmpty();
    }
    assertThat(waiting).allMatch(delivery -> delivery.outcome == null);
    assertThat(joins.take(Loan.MIN_BYTES)).isTrue();
    assertThat(tight.bufferedBytes()).isEqualTo(9 * Loan.MIN_BYTES);
    assertThat(tight.accept(shard(8, 0, 3), 0)).isEmpty();
    assertThat(tight.bufferedBytes()).isEqualTo(8 * Loan.MIN_BYTES);
    assertThat(waiting).filteredOn(delivery -> delivery.outcome != null).hasSize(2);
  }

  @Test
  void oneThatWaitsAloneHasAllOfTheBufferBesideWhatWaitsForItsSite() {
    JoinRoom joins = JoinRoom.within(8 * Loan.MIN_BYTES);
    SnapshotAssembler tight =
        new SnapshotAssembler(
            new AssemblyLimits(12, Loan.MIN_BYTES, 80 * Loan.MIN_BYTES, 0, 1000),
            head -> OptionalLong.empty(),
            joins);
    assertThat(joins.take(Loan.MIN_BYTES)).isTrue();
    RecordedDelivery alone = shard(1, 0, 3);
    assertThat(tight.accept(alone, 0)).isEmpty();
    assertThat(alone.outcome).isNull();
  }

  /** Whose larger snapshots are none that can be judged in one pass. */
  static SnapshotAssembler assembler(long maxSnapshotBytes, long maxBufferedBytes) {
    return new SnapshotAssembler(
        new AssemblyLimits(maxSnapshotBytes, maxBufferedBytes, maxBufferedBytes, 0, 1000),
        head -> {
          throw new RejectedException(Reason.SNAPSHOT_TOO_LARGE, "it is no such kind");
        },
        JoinRoom.within(maxBufferedBytes));
  }

  private Optional<Assembled> accept(RecordedDelivery delivery) {
    return assembler.accept(delivery, 0);
  }
}
