package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.profile.LogitsPart;
import dev.sinkwatch.analyzer.spectrum.CertifiedMatrices;
import dev.sinkwatch.analyzer.spectrum.Known;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotHead;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is remembered of one layer from snapshot to snapshot. For one thread at a time. */
public final class LayerHistory {

  /** After so long a layer is certified anew, whether its room was given away or not. */
  private static final long SILENCE_MILLIS = 3_600_000;

  /**
   * Snapshots that are further apart are hardly of one run. Who forgot sooner where operators were
   * would take slow ones for frozen.
   */
  private static final long FROZEN_SILENCE_MILLIS = 24 * SILENCE_MILLIS;

  private final CertifiedMatrices room;
  private final KeptRoom logitsRoom;
  private final FrozenOperators frozen;
  private final Vigilance vigilance = new Vigilance();
  private final List<Known> known = new ArrayList<>();
  private @Nullable Kind recognised;
  private @Nullable Kind ruled;
  private @Nullable DecayedLogits decayed;
  private int attempt = -1;
  private long lastMillis = Long.MIN_VALUE / 2;

  /** Of a layer that may share the room for certified snapshots with others. */
  public LayerHistory(CertifiedMatrices room) {
    this(room, KeptRoom.ofLogits(), new FrozenOperators(new KeptRoom(quarter() / 4)));
  }

  LayerHistory(CertifiedMatrices room, KeptRoom logitsRoom, FrozenOperators frozen) {
    this.room = room;
    this.logitsRoom = logitsRoom;
    this.frozen = frozen;
  }

  /** Of a layer alone, with a quarter of the heap for its certified snapshots. */
  public LayerHistory() {
    this(new CertifiedMatrices(quarter()));
  }

  private static long quarter() {
    return Runtime.getRuntime().maxMemory() / 4;
  }

  /** Of a layer of which no second snapshot will come: it keeps nothing large. */
  public static LayerHistory ofOneSnapshot() {
    return new LayerHistory(
        new CertifiedMatrices(0), KeptRoom.ofLogits(), new FrozenOperators(null));
  }

  /** The kind that was recognised from its values, once it was. */
  @Nullable Kind recognised() {
    return recognised;
  }

  void recognise(Kind kind) {
    recognised = kind;
  }

  /** The kind of a rule by values that once held; a layer keeps it whatever becomes of its sums. */
  @Nullable Kind ruled() {
    return ruled;
  }

  void rule(Kind kind) {
    ruled = kind;
  }

  /**
   * The next snapshot is about to be judged. One of another attempt may be of another model, so
   * that nothing holds any more of what was learned from values. Only {@link #vigilance} goes on,
   * as the alarms do that it looks after.
   */
  void begin(SnapshotHead snapshot) {
    if (snapshot.id().attempt() != attempt) {
      attempt = snapshot.id().attempt();
      recognised = null;
      ruled = null;
      frozen.forget();
      forgetLogits();
      forget();
    }
    if (silent(snapshot.appendedMillis(), SILENCE_MILLIS)) {
      forget();
    }
    lastMillis = snapshot.appendedMillis();
  }

  /** Gives back the room of a layer that was not heard of for long. */
  void forgetIfSilent(long nowMillis) {
    if (silent(nowMillis, SILENCE_MILLIS)) {
      forget();
    }
    if (silent(nowMillis, FROZEN_SILENCE_MILLIS)) {
      frozen.forget();
    }
  }

  private boolean silent(long nowMillis, long longer) {
    return nowMillis - lastMillis > longer;
  }

  /** Gives back the room of its certified snapshots; the next is certified anew. */
  void forget() {
    known.forEach(Known::forget);
    known.clear();
  }

  /** What is known of the large operator of that place in the batch. */
  Known known(int index) {
    while (known.size() <= index) {
      known.add(new Known(room));
    }
    return known.get(index);
  }

  /**
   * The first logits of this attempt, decayed until now.
   *
   * @param logits of this snapshot, which are kept if they are the first and there is room
   * @return null when the publisher does not say how they decay, or there was no room
   */
  @Nullable DecayedLogits decayed(Snapshot snapshot, LogitsPart.Logits logits) {
    Double rate = DecayedLogits.rate(snapshot);
    long step = snapshot.id().step();
    if (rate == null) {
      forgetLogits(); // what they lost meanwhile nobody knows
      return null;
    }
    DecayedLogits known = decayed;
    if (known != null && known.fits(logits)) {
      known.until(step, rate);
      return known;
    }
    forgetLogits();
    if (logitsRoom.take(DecayedLogits.bytes(logits))) {
      decayed = DecayedLogits.of(logits, rate, step);
    }
    return decayed;
  }

  /** Gives back the room of its first logits. */
  void forgetLogits() {
    if (decayed != null) {
      logitsRoom.giveBack(decayed.held());
      decayed = null;
    }
  }

  /** Where its operators were when they came close to permutations. */
  FrozenOperators frozen() {
    return frozen;
  }

  Vigilance vigilance() {
    return vigilance;
  }
}
