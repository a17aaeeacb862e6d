package dev.sinkwatch.analyzer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SnapshotAssemblerTest {
  private static final long MIB = 1 << 20;

  private final SnapshotAssembler assembler =
      new SnapshotAssembler(new SnapshotAssembler.Limits(MIB, MIB, 1000));

  @Test
  void aSnapshotIsCompleteWhenItsRowsTileInAnyOrder() throws IOException {
    assertThat(accept(shard(1, 4, 6))).isEmpty();
    assertThat(accept(shard(1, 0, 3))).isEmpty();
    AssembledSnapshot snapshot = accept(shard(1, 3, 4)).orElseThrow();

    StringBuilder rows = new StringBuilder();
    snapshot.scan((first, count, data) -> rows.append(first).append('+').append(count).append(' '));
    assertThat(rows).hasToString("0+3 3+1 4+2 ");
    assertThat(assembler.bufferedBytes()).isZero();
  }

  @Test
  void theSameRowsAgainAreADuplicateBeforeAndAfterTheVerdict() {
    accept(shard(1, 0, 3));
    Recorded early = shard(1, 0, 3);
    accept(early);
    accept(shard(1, 3, 6));
    Recorded late = shard(1, 3, 6);
    accept(late);

    assertThat(early.outcome).isEqualTo(Outcome.Settled.DUPLICATE);
    assertThat(late.outcome).isEqualTo(Outcome.Settled.DUPLICATE);
  }

  @Test
  void otherContentForTheSameRowsIsAConflictBeforeAndAfterTheVerdict() {
    accept(shard(1, 0, 3));
    Recorded early = shard(0, 1, 0, 3, 9);
    accept(early);
    accept(shard(1, 3, 6));
    Recorded late = shard(0, 1, 3, 6, 9);
    accept(late);

    assertThat(early.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(late.reason()).isEqualTo(Reason.CONFLICT);
  }

  @Test
  void overlappingRowsAreAConflictFromEitherSide() {
    accept(shard(1, 2, 4));
    for (Recorded overlapping : new Recorded[] {shard(1, 0, 3), shard(1, 3, 6), shard(1, 0, 6)}) {
      accept(overlapping);
      assertThat(overlapping.reason()).isEqualTo(Reason.CONFLICT);
    }
    assertThat(accept(shard(1, 0, 2))).isEmpty();
    assertThat(accept(shard(1, 4, 6))).isPresent();
  }

  @Test
  void anotherShapeInTheSameSnapshotIsAConflict() {
    accept(shard(1, 0, 3));
    Recorded other =
        new Recorded(
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
    Recorded older = shard(6, 0, 6);
    accept(older);
    assertThat(older.outcome).isEqualTo(Outcome.Settled.STALE);
  }

  @Test
  void aHigherAttemptStartsAnewAndMakesTheLowerStale() {
    accept(shard(7, 0, 6));
    Recorded waiting = shard(8, 0, 3);
    accept(waiting);
    assertThat(accept(shard(1, 2, 0, 6, 0))).isPresent();
    Recorded late = shard(0, 9, 0, 6, 0);
    accept(late);

    assertThat(waiting.outcome).isEqualTo(Outcome.Settled.STALE);
    assertThat(late.outcome).isEqualTo(Outcome.Settled.STALE);
  }

  @Test
  void anIncompleteSnapshotIsDroppedAtItsTimeout() {
    Recorded waiting = shard(1, 0, 3);
    assembler.accept(waiting, 5000);
    assembler.tick(5999);
    assertThat(waiting.outcome).isNull();
    assembler.tick(6000);
    assertThat(waiting.outcome).isEqualTo(Outcome.Settled.INCOMPLETE);
    assertThat(assembler.bufferedBytes()).isZero();
  }

  @Test
  void anIncompleteSnapshotIsDroppedWhenTwoNewerOnesAreComplete() {
    Recorded waiting = shard(1, 0, 3);
    accept(waiting);
    accept(shard(2, 0, 6));
    assertThat(waiting.outcome).isNull();
    accept(shard(3, 0, 6));
    assertThat(waiting.outcome).isEqualTo(Outcome.Settled.INCOMPLETE);
  }

  @Test
  void theOldestIncompleteSnapshotMakesRoomWhenTheBufferIsFull() {
    SnapshotAssembler small = new SnapshotAssembler(new SnapshotAssembler.Limits(100, 10, 1000));
    Recorded oldest = shard(1, 0, 3);
    Recorded newest = shard(2, 0, 3);
    small.accept(oldest, 0);
    small.accept(newest, 0);
    assertThat(oldest.outcome).isEqualTo(Outcome.Settled.INCOMPLETE);
    assertThat(newest.outcome).isNull();
    assertThat(small.bufferedBytes()).isEqualTo(6);
  }

  @Test
  void aSnapshotBeyondTheLimitIsRefusedAtItsFirstShard() {
    SnapshotAssembler small = new SnapshotAssembler(new SnapshotAssembler.Limits(11, 100, 1000));
    Recorded shard = shard(1, 0, 3);
    small.accept(shard, 0);
    assertThat(shard.reason()).isEqualTo(Reason.SNAPSHOT_TOO_LARGE);
  }

  @Test
  void anEmptyTensorIsCompleteAtOnce() {
    Recorded empty =
        new Recorded(
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
  void whatWasTakenBackBeforeItsVerdictWasSafeIsJudgedWhenItComesAgain() {
    Recorded safe = shard(1, 0, 6);
    accept(safe);
    safe.settle(Outcome.Settled.ANALYZED);
    List<Recorded> waiting = List.of(shard(2, 0, 3), shard(2, 3, 6), shard(3, 0, 6));
    waiting.forEach(this::accept);
    waiting.forEach(shard -> shard.recalled = true);

    Recorded repeated = shard(1, 0, 6);
    accept(repeated);
    assertThat(repeated.outcome).isEqualTo(Outcome.Settled.DUPLICATE);
    assertThat(accept(shard(2, 0, 3))).isEmpty();
    assertThat(accept(shard(2, 3, 6))).isPresent();
    assertThat(accept(shard(3, 0, 6))).isPresent();
    Recorded older = shard(2, 0, 3);
    accept(older);
    assertThat(older.outcome).as("of what waits for its verdict").isEqualTo(Outcome.Settled.STALE);
  }

  @Test
  void anIncompleteSnapshotThatWasTakenBackWaitsForAllOfItsRows() {
    Recorded before = shard(1, 0, 3);
    accept(before);
    before.recalled = true;
    Recorded again = shard(1, 0, 3);
    assertThat(accept(again)).isEmpty();
    assertThat(again.outcome).isNull();
    AssembledSnapshot whole = accept(shard(1, 3, 6)).orElseThrow();
    assertThat(whole.deliveries()).contains(again).doesNotContain(before);
    assertThat(assembler.bufferedBytes()).isZero();
  }

  @Test
  void aSnapshotThatCameTwiceIsOneNewerOneForThoseThatWait() {
    Recorded waiting = shard(1, 0, 3);
    accept(waiting);
    for (int time = 0; time < 3; time++) {
      Recorded newer = shard(2, 0, 6);
      assertThat(accept(newer)).isPresent();
      newer.recalled = true;
    }
    assertThat(waiting.outcome).isNull();
  }

  @Test
  void whatBeganAnewHasItsWholeTime() {
    Recorded before = shard(1, 0, 3);
    assembler.accept(before, 0);
    before.recalled = true;
    Recorded again = shard(1, 0, 3);
    assembler.accept(again, 900);
    assembler.tick(1500);
    assertThat(again.outcome).isNull();
    assembler.tick(1900);
    assertThat(again.outcome).isEqualTo(Outcome.Settled.INCOMPLETE);
  }

  @Test
  void whatWasTakenBackMakesNobodyElseLeave() {
    SnapshotAssembler small = new SnapshotAssembler(new SnapshotAssembler.Limits(100, 10, 1000));
    Recorded live = shard(1, 0, 3);
    Recorded gone = shard(2, 0, 2);
    small.accept(live, 0);
    small.accept(gone, 0);
    gone.recalled = true;
    small.accept(shard(3, 0, 2), 0);
    assertThat(live.outcome).isNull();
  }

  @Test
  void whatIsTakenBackOnItsWayIsNotWaitedFor() {
    Recorded gone = shard(1, 0, 6);
    gone.recalled = true;
    assertThat(accept(gone)).isEmpty();
    assertThat(accept(shard(1, 0, 6))).isPresent();
  }

  @Test
  void whatWasTakenBackHoldsNoRoomForLong() {
    Recorded waiting = shard(1, 0, 3);
    accept(waiting);
    waiting.recalled = true;
    assembler.tick(1);
    assertThat(assembler.bufferedBytes()).isZero();
    assembler.tick(60_000);
    assertThat(waiting.outcome).isNull();
  }

  private Optional<AssembledSnapshot> accept(Recorded delivery) {
    return assembler.accept(delivery, 0);
  }

  private static Recorded shard(long step, int from, int to) {
    return shard(0, step, from, to, 0);
  }

  /** Rows of a 6 x 2 tensor of bytes that all have one value. */
  private static Recorded shard(int attempt, long step, int from, int to, int value) {
    byte[] data = new byte[(to - from) * 2];
    Arrays.fill(data, (byte) value);
    return new Recorded(
        new Shard(
            new SnapshotId("r", attempt, "l", step),
            Shape.of(6, 2),
            new RowRange(from, to),
            Dtype.U8,
            MemorySegment.ofArray(data),
            Hints.NONE,
            0));
  }

  private static final class Recorded implements Delivery, Delivery.Fate {
    private final Shard shard;
    private @Nullable Outcome outcome;
    private boolean recalled;

    Recorded(Shard shard) {
      this.shard = shard;
    }

    @Override
    public Shard shard() {
      return shard;
    }

    @Override
    public void settle(Outcome settled) {
      assertThat(outcome).as("settled once").isNull();
      outcome = settled;
    }

    @Override
    public Fate fate() {
      return this;
    }

    @Override
    public boolean settled() {
      return outcome != null;
    }

    @Override
    public boolean recalled() {
      return recalled;
    }

    Reason reason() {
      return ((Outcome.Rejected) java.util.Objects.requireNonNull(outcome)).rejection().reason();
    }
  }
}
