package dev.sinkwatch.analyzer;

import static dev.sinkwatch.analyzer.RecordedDelivery.published;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.Shape;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Publishes of the same snapshot that did not come to their end, and those that come after. */
class BrokenOffPublishTest {
  private static final long SUMS = 40;

  private final SnapshotAssembler assembler = SnapshotAssemblerTest.assembler(100, 1 << 20);

  /** Whose snapshots are all too large to wait. */
  private final SnapshotAssembler streaming =
      new SnapshotAssembler(
          new AssemblyLimits(11, 100, 1 << 20, 10 * SUMS, 1000),
          _ -> OptionalLong.of(SUMS),
          JoinRoom.within(100));

  @Test
  void halvesOfTwoStatesNeverMakeAWholeAndTheLaterOneDoesByItself() {
    RecordedDelivery left = published("first", 0, 3, 1);
    accept(left);
    assertThat(accept(published("second", 3, 6, 2))).as("half of each").isEmpty();
    assertThat(values(accept(published("second", 0, 3, 2)))).containsExactly(2, 2);
    assertThat(left.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(assembler.bufferedBytes()).isZero();
  }

  @Test
  void whatIsPublishedAgainUnchangedIsADuplicateAndMakesAWholeByItself() {
    accept(published("first", 0, 3, 1));
    RecordedDelivery again = published("second", 0, 3, 1);
    accept(again);
    assertThat(again.outcome).isEqualTo(Outcome.Settled.DUPLICATE);
    assertThat(values(accept(published("second", 3, 6, 1)))).containsExactly(1, 1);
  }

  @Test
  void aDuplicateMayBeTheLastThatWasMissing() {
    accept(published("first", 0, 3, 1));
    assertThat(accept(published("second", 3, 6, 1))).isEmpty();
    RecordedDelivery again = published("second", 0, 3, 1);
    assertThat(values(accept(again))).containsExactly(1, 1);
    assertThat(again.outcome).isEqualTo(Outcome.Settled.DUPLICATE);
  }

  @Test
  void whatStillComesOfASupersededPublishIsAConflict() {
    accept(published("first", 0, 2, 1));
    accept(published("second", 0, 2, 2));
    RecordedDelivery late = published("first", 2, 6, 1);
    accept(late);
    assertThat(late.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(values(accept(published("second", 2, 6, 2)))).containsExactly(2, 2);
  }

  @Test
  void theLaterOneMayBeCutInAnotherWayOrHaveAnotherShape() {
    RecordedDelivery first = published("first", 0, 2, 1);
    RecordedDelivery second = published("first", 2, 4, 1);
    accept(first);
    accept(second);
    accept(published("second", 0, 3, 2));
    assertThat(first.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(second.reason()).isEqualTo(Reason.CONFLICT);
    RecordedDelivery narrow = RecordedDelivery.shard("third", Shape.of(3, 2), 0, 1, 0, 3, 3);
    assertThat(values(accept(narrow))).containsExactly(3);
  }

  @Test
  void aLaterPublishHasAsMuchTimeAsTheFirst() {
    assembler.accept(published("first", 0, 3, 1), 0);
    assembler.accept(published("second", 0, 3, 1), 900);
    assembler.tick(1000);
    assertThat(values(assembler.accept(published("second", 3, 6, 1), 1001))).containsExactly(1, 1);
  }

  @Test
  void ranksThatNameNoPublishMakeAWholeTogetherAsBefore() {
    accept(published(null, 0, 3, 1));
    assertThat(values(accept(published(null, 3, 6, 2)))).containsExactly(1, 2);
  }

  @Test
  void aPublishThatContradictsRowsOfNoPublishIsInNoWhole() {
    accept(published(null, 0, 3, 1));
    RecordedDelivery other = published("named", 0, 3, 2);
    accept(other);
    RecordedDelivery rest = published("named", 3, 6, 2);
    assertThat(accept(rest)).isEmpty();
    assertThat(other.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(rest.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(values(accept(published(null, 3, 6, 1)))).containsExactly(1, 1);
  }

  @Test
  void aShardThatContradictsItsOwnPublishIsRefusedAlone() {
    accept(published("one", 0, 3, 1));
    RecordedDelivery other = published("one", 0, 3, 2);
    accept(other);
    assertThat(other.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(values(accept(published("one", 3, 6, 1)))).containsExactly(1, 1);
  }

  @Test
  void whoBeginsWithoutEndIsRefusedAndRememberedWithNoMore() {
    for (int publish = 0; publish < 1000; publish++) {
      RecordedDelivery begun = published("p" + publish, 0, 3, publish % 2);
      accept(begun);
      if (publish >= 31) {
        assertThat(begun.outcome).as("publish %d", publish).isNotNull();
      }
    }
    assertThat(assembler.bufferedBytes()).isEqualTo(Loan.MIN_BYTES);
  }

  @Test
  void inAnySequenceOfAnyPublishesWhatIsWholeIsOfOne() {
    Random random = new Random(1);
    int wholes = 0;
    for (int round = 0; round < 2000; round++) {
      SnapshotAssembler any =
          round % 2 == 0 ? SnapshotAssemblerTest.assembler(100, 1 << 20) : streaming;
      long step = round + 1L;
      for (int i = 0; i < 12; i++) {
        int value = random.nextInt(3);
        int from = 2 * random.nextInt(3);
        RecordedDelivery shard =
            RecordedDelivery.shard(
                "r" + round + "p" + value, Shape.of(6, 2), 0, step, from, from + 2, value);
        Optional<Assembled> next = any.accept(shard, 0);
        if (next.orElse(null) instanceof AssembledSnapshot whole) {
          wholes++;
          assertThat(values(Optional.of(whole))).hasSize(3).containsOnly(value);
        } else if (next.orElse(null) instanceof Assembled.Rows rows && rows.complete() != null) {
          wholes++;
          rows.snapshot().close();
          assertThat(rows.complete().loans())
              .hasSize(3)
              .allSatisfy(loan -> assertThat(value(((RecordedDelivery) loan))).isEqualTo(value));
        }
      }
      any.tick(10_000);
    }
    assertThat(wholes).isGreaterThan(500);
  }

  @Test
  void whatIsJudgedAsItComesBeginsAnewWithTheLaterPublish() {
    RecordedDelivery left = published("first", 0, 3, 1);
    StreamedSnapshot begun = rows(left).snapshot();
    Assembled.Rows next = rows(published("second", 0, 3, 2));
    assertThat(left.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(begun.closed()).isTrue();
    assertThat(next.snapshot()).isNotSameAs(begun);
    assertThat(rows(published("second", 3, 6, 2)).complete()).isNotNull();
  }

  @Test
  void halvesOfTwoStatesThatAreJudgedAsTheyComeNeverMakeAWholeEither() {
    rows(published("first", 0, 3, 1));
    assertThat(rows(published("second", 3, 6, 2)).complete()).isNull();
  }

  @Test
  void whatIsJudgedAsItComesIsWholeWithRowsThatCameAgain() {
    rows(published("first", 0, 3, 1));
    RecordedDelivery again = published("second", 0, 3, 1);
    assertThat(streaming.accept(again, 0)).isEmpty();
    assertThat(again.outcome).isEqualTo(Outcome.Settled.DUPLICATE);
    assertThat(rows(published("second", 3, 6, 1)).complete()).isNotNull();
  }

  @Test
  void publishesWithoutEndDoNotKeepWhatIsIncomplete() {
    RecordedDelivery left = published("first", 0, 3, 1);
    assembler.accept(left, 0);
    for (int i = 0; i < 100; i++) {
      assembler.accept(published("publish " + i, 0, 3, 1), 900L * i);
      assembler.tick(900L * i);
    }
    assertThat(left.outcome).isEqualTo(Outcome.Settled.INCOMPLETE);
  }

  @Test
  void whoIsRefusedGivesNoTimeToWhatWaits() {
    RecordedDelivery left = published(null, 0, 3, 1);
    assembler.accept(left, 0);
    for (int i = 0; i < 4; i++) {
      assembler.accept(published("publish " + i, 0, 3, 2), 300L * i);
    }
    assembler.tick(1000);
    assertThat(left.outcome).isEqualTo(Outcome.Settled.INCOMPLETE);
  }

  private Optional<Assembled> accept(RecordedDelivery delivery) {
    return assembler.accept(delivery, 0);
  }

  private Assembled.Rows rows(RecordedDelivery delivery) {
    return (Assembled.Rows) streaming.accept(delivery, 0).orElseThrow();
  }

  private static List<Integer> values(Optional<Assembled> whole) {
    return ((AssembledSnapshot) whole.orElseThrow())
        .deliveries().stream().map(BrokenOffPublishTest::value).toList();
  }

  private static int value(@Nullable Delivery delivery) {
    return delivery == null ? -1 : delivery.shard().data().get(ValueLayout.JAVA_BYTE, 0);
  }
}
