package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.mixer.MixerBatch;
import dev.sinkwatch.analyzer.mixer.MixerFigures;
import dev.sinkwatch.analyzer.mixer.Mixers;
import dev.sinkwatch.analyzer.profile.LogitsPart;
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

  /** Values that are decoded before they are judged: 512 KiB. */
  private static final int HELD = 1 << 16;

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
    Published published = new Published(Mixers.published(n, batch, keep), n, batch);
    SnapshotMatrix.of(snapshot, n).scanValues(published::take);
    published.flush();
    return published.declined ? null : published.judge.figures();
  }

  /**
   * @param keep whether the operators are wanted back
   * @return null when the logits are to be judged in the plain way
   */
  static @Nullable MixerFigures projected(
      LogitsPart.Logits logits, Mixers.Recipe recipe, double tolerance, boolean keep) {
    MixerBatch judge = Mixers.projected(logits.n(), logits.batch(), keep, recipe, tolerance);
    return judge.add(logits.values(), logits.batch()) ? judge.figures() : null;
  }

  /** Operators as their rows come in. */
  private static final class Published {
    private final MixerBatch judge;
    private final int n;
    private final double[] held;
    private int filled;
    private boolean declined;

    Published(MixerBatch judge, int n, int batch) {
      this.judge = judge;
      this.n = n;
      this.held = new double[Math.min(batch, HELD / n / n) * n * n];
    }

    void take(double[] values, int count) {
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

    void flush() {
      declined = declined || !judge.add(held, filled / n / n);
      filled = 0;
    }
  }
}
