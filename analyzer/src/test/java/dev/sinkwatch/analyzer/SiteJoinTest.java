package dev.sinkwatch.analyzer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import java.util.List;
import org.junit.jupiter.api.Test;

class SiteJoinTest {
  private static final long TIMEOUT = 60_000;
  private static final String SITE = "layers.0.hc_attn_";

  private static final LayerAnalysis ANALYSIS =
      new LayerAnalysis(AnalysisSettings.DEFAULT, "s".getBytes(UTF_8));

  private final SiteJoin join = new SiteJoin(ANALYSIS, TIMEOUT, JoinRoom.within(1 << 30));

  @Test
  void theSpeakerWaitsForTheOthersOfItsStepWhateverTheirOrder() {
    assertThat(accept("base", 1, 0)).isEmpty();
    assertThat(accept("fn", 1, 1)).containsExactly("fn 1");
    assertThat(accept("scale", 1, 2)).containsExactly("scale 1", "base 1");
    assertThat(accept("scale", 2, 3)).containsExactly("scale 2");
    assertThat(accept("fn", 2, 4)).containsExactly("fn 2");
    assertThat(accept("base", 2, 5)).containsExactly("base 2");
    assertThat(accept("fn", 3, 6)).containsExactly("fn 3");
    assertThat(accept("base", 3, 7)).isEmpty(); // the scale of another step is not this one's
  }

  @Test
  void whatIsOfNoSiteDoesNotWait() {
    AssembledSnapshot mixer =
        snapshot(ArraySnapshot.of("a.mixer", Shape.of(2, 2), new double[] {1, 0, 0, 1}));
    assertThat(join.accept(mixer, 0)).containsExactly(mixer);
  }

  @Test
  void whereTheOthersAreNotPublishedOnlyTheFirstWaits() {
    assertThat(accept("base", 1, 0)).isEmpty();
    assertThat(tick(SiteJoin.GRACE_MILLIS - 1)).isEmpty();
    assertThat(tick(SiteJoin.GRACE_MILLIS)).containsExactly("base 1");
    assertThat(accept("base", 2, 10_000)).containsExactly("base 2");
  }

  @Test
  void theOthersThatComeTooLateAreWaitedForTheNextTime() {
    assertThat(accept("base", 1, 0)).isEmpty();
    assertThat(tick(SiteJoin.GRACE_MILLIS)).containsExactly("base 1");
    assertThat(accept("base", 2, 10_000)).containsExactly("base 2");
    assertThat(accept("fn", 2, 10_001)).containsExactly("fn 2");
    assertThat(accept("scale", 2, 10_002)).containsExactly("scale 2");
    assertThat(accept("base", 3, 20_000)).isEmpty();
    assertThat(tick(20_000 + TIMEOUT - 1)).isEmpty();
    assertThat(tick(20_000 + TIMEOUT)).containsExactly("base 3");
  }

  @Test
  void twoNewerOnesAreEnoughToGoOnWithoutTheOthers() {
    assertThat(accept("base", 1, 0)).isEmpty();
    assertThat(accept("base", 2, 0)).isEmpty();
    assertThat(accept("base", 3, 0)).containsExactly("base 1");
    assertThat(join.end()).extracting(SiteJoinTest::name).containsExactly("base 2", "base 3");
    assertThat(join.end()).isEmpty();
  }

  @Test
  void nobodyWaitsForAWeightThatStreams() {
    assertThat(accept("base", 1, 0)).isEmpty();
    assertThat(streams("fn", 1)).containsExactly("base 1");
    assertThat(accept("base", 2, 1)).containsExactly("base 2");
    assertThat(streams("fn", 2)).isEmpty();
    assertThat(streams("fn", 3)).isEmpty();
    assertThat(accept("base", 3, 2)).containsExactly("base 3");
    assertThat(accept("fn", 3, 3)).containsExactly("fn 3");
    assertThat(accept("scale", 3, 4)).containsExactly("scale 3");
    assertThat(accept("base", 4, 5)).as("the last one came whole, too late").isEmpty();
  }

  @Test
  void nobodyWaitsForATensorThatIsNotWhatItIsCalled() {
    assertThat(accept("base", 1, 0)).isEmpty();
    ArraySnapshot odd = ArraySnapshot.of(SITE + "fn", 1, Shape.of(5), new double[5]);
    assertThat(join.accept(snapshot(odd), 0)).hasSize(2);
  }

  @Test
  void aSitesSnapshotsKeepTheirOrder() {
    assertThat(accept("base", 1, 0)).isEmpty();
    assertThat(accept("fn", 2, 0)).hasSize(1);
    assertThat(accept("scale", 2, 0)).hasSize(1);
    assertThat(accept("base", 2, 0)).containsExactly("base 1", "base 2");
  }

  @Test
  void anotherAttemptBeginsAnew() {
    assertThat(accept("base", 5, 0)).isEmpty();
    AssembledSnapshot again = snapshot(SITE + "base", 1, 0);
    assertThat(join.accept(again, 0)).extracting(SiteJoinTest::name).containsExactly("base 5");
    assertThat(join.accept(snapshot(SITE + "fn", 1, 0), 0)).hasSize(1);
    assertThat(join.accept(snapshot(SITE + "scale", 1, 0), 0)).hasSize(2).contains(again);
  }

  @Test
  void oneThatCameAgainTakesThePlaceOfTheOneThatWasTakenBack() {
    AssembledSnapshot first = snapshot(SITE + "base", 0, 1);
    AssembledSnapshot second = snapshot(SITE + "base", 0, 1);
    assertThat(join.accept(first, 0)).isEmpty();
    assertThat(join.accept(second, 0)).isEmpty();
    assertThat(((LentShard) first.deliveries().getFirst()).outcome())
        .isEqualTo(Outcome.Settled.REVOKED);
    assertThat(join.end()).containsExactly(second);
  }

  @Test
  void whatWaitsSaysSoUntilItGoesOn() {
    RecordedDelivery base = new RecordedDelivery(shard("r", SITE + "base", 1));
    assertThat(join.accept(new AssembledSnapshot(List.of(base)), 0)).isEmpty();
    assertThat(base.waiting).isTrue();
    assertThat(accept("fn", 1, 0)).isNotEmpty();
    assertThat(base.waiting).isTrue();
    assertThat(accept("scale", 1, 0)).hasSize(2);
    assertThat(base.waiting).isFalse();
  }

  @Test
  void allLanesShareTheRoomAndWhoFindsNoneLetsTheMostSilentGo() {
    JoinRoom room = JoinRoom.within(8 * 3 * Loan.MIN_BYTES);
    SiteJoin one = new SiteJoin(ANALYSIS, TIMEOUT, room);
    SiteJoin other = new SiteJoin(ANALYSIS, TIMEOUT, room);
    assertThat(runs(one, "a")).isEmpty();
    assertThat(runs(one, "b")).isEmpty();
    assertThat(runs(other, "c")).isEmpty();
    assertThat(room.bytes()).isEqualTo(3 * Loan.MIN_BYTES);
    assertThat(runs(one, "d")).containsExactly("a");
    assertThat(runs(other, "e")).containsExactly("c");
    assertThat(room.bytes()).isEqualTo(3 * Loan.MIN_BYTES);
    assertThat(one.end()).hasSize(2);
    assertThat(runs(other, "f")).isEmpty();
    assertThat(other.end()).hasSize(2);
    assertThat(room.bytes()).isZero();
    assertThat(runs(new SiteJoin(ANALYSIS, TIMEOUT, JoinRoom.within(8)), "g")).containsExactly("g");
  }

  /** Whose snapshots are to be judged when that of a run has come. */
  private static List<String> runs(SiteJoin lane, String run) {
    Shard base = shard(run, SITE + "base", 1);
    return lane.accept(new AssembledSnapshot(List.of(new LentShard(base))), 0).stream()
        .map(snapshot -> snapshot.id().run())
        .toList();
  }

  private List<String> accept(String end, long step, long now) {
    return join.accept(snapshot(SITE + end, 0, step), now).stream()
        .map(SiteJoinTest::name)
        .toList();
  }

  private List<String> streams(String end, long step) {
    return join.streams(snapshot(SITE + end, 0, step)).stream().map(SiteJoinTest::name).toList();
  }

  private List<String> tick(long now) {
    return join.tick(now).stream().map(SiteJoinTest::name).toList();
  }

  private static String name(AssembledSnapshot snapshot) {
    return snapshot.id().layer().substring(SITE.length()) + " " + snapshot.id().step();
  }

  private static AssembledSnapshot snapshot(String layer, int attempt, long step) {
    Shape shape =
        layer.endsWith("fn") ? Shape.of(24, 8) : Shape.of(layer.endsWith("base") ? 24 : 3);
    ArraySnapshot values = ArraySnapshot.of(layer, shape, new double[(int) shape.elements()]);
    SnapshotId id = new SnapshotId("r", attempt, layer, step);
    return snapshot(new ArraySnapshot(id, shape, values.dtype(), Hints.NONE, values.data(), 0));
  }

  private static AssembledSnapshot snapshot(ArraySnapshot values) {
    return new AssembledSnapshot(List.of(new LentShard(shard(values))));
  }

  private static Shard shard(String run, String layer, long step) {
    ArraySnapshot values = ArraySnapshot.of(layer, Shape.of(24), new double[24]);
    SnapshotId id = new SnapshotId(run, 0, layer, step);
    return shard(
        new ArraySnapshot(id, values.shape(), values.dtype(), Hints.NONE, values.data(), 0));
  }

  private static Shard shard(ArraySnapshot values) {
    return new Shard(
        values.id(),
        values.shape(),
        new RowRange(0, values.shape().rows()),
        values.dtype(),
        values.data(),
        values.hints(),
        0);
  }
}
