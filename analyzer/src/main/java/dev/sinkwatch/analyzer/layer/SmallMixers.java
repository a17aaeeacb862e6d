package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.mixer.MixerBatch;
import dev.sinkwatch.analyzer.mixer.MixerFigures;
import dev.sinkwatch.analyzer.mixer.Mixers;
import dev.sinkwatch.analyzer.profile.Derivation;
import dev.sinkwatch.analyzer.profile.LogitsPart;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.ingest.Snapshot;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots of many small operators, judged several at a time. Fewer than make it worth its while,
 * and values that no mixer has, are left to the plain way. Stateless.
 */
final class SmallMixers {

  /** With fewer the plain way takes microseconds, and what has not been compiled yet far longer. */
  static final int FEWEST = 64;

  /** Values that are decoded before they are judged: 32 KiB. */
  private static final int HELD = 1 << 12;

  private SmallMixers() {}

  static boolean take(int n, int batch) {
    return batch >= FEWEST && Mixers.take(n);
  }

  /**
   * @param keep whether the operators are wanted back
   * @return null when the operators are to be judged in the plain way
   */
  static @Nullable MixerFigures published(Snapshot snapshot, int n, int batch, boolean keep)
      throws IOException {
    return new Arriving(Mixers.published(n, batch, keep), n, batch).judge(snapshot);
  }

  /**
   * Judges operators while their logits are read.
   *
   * @param snapshot of nothing but logits of {@code batch} operators, one after the other
   * @param keep whether the operators are wanted back
   * @return null when the logits are to be judged in the plain way
   */
  static @Nullable MixerFigures projected(
      Snapshot snapshot, int n, int batch, Derivation derivation, double tolerance, boolean keep)
      throws IOException {
    MixerBatch judge = projecting(n, batch, derivation, tolerance, keep);
    return judge == null ? null : new Arriving(judge, n, batch).judge(snapshot);
  }

  /**
   * @param keep whether the operators are wanted back
   * @return null when the logits are to be judged in the plain way
   */
  static @Nullable MixerFigures projected(
      LogitsPart.Logits logits, Derivation derivation, double tolerance, boolean keep) {
    MixerBatch judge = projecting(logits.n(), logits.batch(), derivation, tolerance, keep);
    return judge != null && judge.add(logits.values(), logits.batch()) ? judge.figures() : null;
  }

  /** Null when the engine does not make operators so. */
  private static @Nullable MixerBatch projecting(
      int n, int batch, Derivation derivation, double tolerance, boolean keep) {
    return take(n, batch)
            && derivation.construction() instanceof Projection projection
            && Mixers.take(projection)
        ? Mixers.projected(
            n,
            batch,
            keep,
            new Mixers.Recipe(projection, derivation.transpose(), derivation.share()),
            tolerance)
        : null;
  }

  /** Operators or logits as their rows come in: no more of them are held than fit a cache. */
  private static final class Arriving {
    private final MixerBatch judge;
    private final int n;
    private final double[] held;
    private int filled;
    private boolean declined;

    Arriving(MixerBatch judge, int n, int batch) {
      this.judge = judge;
      this.n = n;
      int together = Mixers.together(n);
      int some = Math.max(1, HELD / (n * n) / together) * together;
      this.held = new double[Math.min(batch, some) * n * n];
    }

    @Nullable MixerFigures judge(Snapshot snapshot) throws IOException {
      SnapshotMatrix.of(snapshot, Math.toIntExact(snapshot.shape().columns()))
          .scanValues(this::take);
      flush();
      return declined ? null : judge.figures();
    }

    private void take(double[] values, int count) {
      for (int done = 0; done < count; ) {
        int now = Math.min(held.length - filled, count - done);
        System.arraycopy(values, done, held, filled, now);
        done += now;
        filled += now;
        if (filled == held.length) {
          flush();
        }
      }
    }

    private void flush() {
      declined = declined || !judge.add(held, filled / n / n);
      filled = 0;
    }
  }
}
