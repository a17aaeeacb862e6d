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

  /** Within this permutationDistance an operator is close enough to frozen to be watched. */
  private static final double NEAR_PERMUTATION = 1e-3;

  /** A larger movement starts the watch again from where the operator is now. */
  private static final double MOVED = 1e-4;

  /** After so long a layer is certified anew, whether its room was given away or not. */
  private static final long SILENCE_MILLIS = 3_600_000;

  private final CertifiedMatrices room;
  private final LogitsRoom logitsRoom;
  private final Vigilance vigilance = new Vigilance();
  private final List<Known> known = new ArrayList<>();
  private @Nullable Kind recognised;
  private @Nullable Kind ruled;
  private @Nullable DecayedLogits decayed;
  private double @Nullable [] frozen;
  private int attempt = -1;
  private long lastMillis = Long.MIN_VALUE / 2;

  /** Of a layer that may share the room for certified snapshots with others. */
  public LayerHistory(CertifiedMatrices room) {
    this(room, new LogitsRoom());
  }

  LayerHistory(CertifiedMatrices room, LogitsRoom logitsRoom) {
    this.room = room;
    this.logitsRoom = logitsRoom;
  }

  /** Of a layer alone, with a quarter of the heap for its certified snapshots. */
  public LayerHistory() {
    this(new CertifiedMatrices(Runtime.getRuntime().maxMemory() / 4));
  }

  /** Of a layer of which no second snapshot will come: it keeps nothing large. */
  public static LayerHistory ofOneSnapshot() {
    return new LayerHistory(new CertifiedMatrices(0));
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
      frozen = null;
      forgetLogits();
      forget();
    }
    forgetIfSilent(snapshot.appendedMillis());
    lastMillis = snapshot.appendedMillis();
  }

  /** Gives back the room of a layer that was not heard of for long. */
  void forgetIfSilent(long nowMillis) {
    if (nowMillis - lastMillis > SILENCE_MILLIS) {
      forget();
    }
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

  Vigilance vigilance() {
    return vigilance;
  }

  /**
   * How far the operators have moved since they came close to permutations: max over the batch of
   * ||P_t - P_0||_F / sqrt(n).
   *
   * @param operators all operators, row-major {@code [batch, n, n]}; kept, so not to be changed
   */
  double movement(double[] operators, int n, double permutationDistance) {
    double[] then = frozen;
    if (permutationDistance >= NEAR_PERMUTATION) {
      frozen = null;
      return Double.NaN;
    }
    if (then == null || then.length != operators.length) {
      frozen = operators;
      return 0;
    }
    double moved = 0;
    for (int at = 0; at < operators.length; at += n * n) {
      double square = 0;
      for (int i = at; i < at + n * n; i++) {
        double d = operators[i] - then[i];
        square += d * d;
      }
      moved = Math.max(moved, Math.sqrt(square / n));
    }
    if (moved > MOVED) {
      frozen = operators;
    }
    return moved;
  }
}
