package dev.sinkwatch.dashboard.history;

import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/**
 * The matrices of one run's latest verdicts, within some bytes: what was of an earlier attempt goes
 * first, then those larger than the one that comes, which goes without when there are none. For one
 * thread at a time.
 */
final class RunMatrices {
  private static final long MOST_BYTES = 8L << 20;
  private static final long OWN_BYTES = 128;

  /** Beyond these a verdict carries none. */
  private static final int MOST_N = 64;

  private static final long MOST_BYTES_OF_BATCH = 64 << 10;

  /** What there is of one layer. */
  sealed interface Answer {
    /**
     * @param values of all operators of the verdict, row-major; not to be written to
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Some(LayerVerdict verdict, double[] values) implements Answer {}

    /**
     * @param line why there is nothing
     */
    record None(String line) implements Answer {}
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Kept(String layer, int attempt, double[] values) {
    long bytes() {
      return OWN_BYTES + (long) Double.BYTES * values.length;
    }
  }

  private final Map<String, Kept> kept = new HashMap<>();
  private long bytes;

  /** Keeps the verdict's matrix in place of the layer's last one; or none, if it has none. */
  void put(LayerVerdict verdict) {
    remove(verdict.id().layer());
    double[] values = verdict.matrix();
    if (values == null) {
      return;
    }
    Kept next = new Kept(verdict.id().layer(), verdict.id().attempt(), values);
    while (bytes + next.bytes() > MOST_BYTES) {
      Kept first =
          kept.values().stream()
              .max(
                  Comparator.comparing((Kept other) -> other.attempt() < next.attempt())
                      .thenComparingLong(Kept::bytes))
              .orElse(next);
      if (first.attempt() >= next.attempt() && first.bytes() <= next.bytes()) {
        return;
      }
      remove(first.layer());
    }
    kept.put(next.layer(), next);
    bytes += next.bytes();
  }

  long bytes() {
    return bytes;
  }

  void clear() {
    kept.clear();
    bytes = 0;
  }

  /**
   * @param latest the layer's latest verdict, without its matrix
   */
  Answer get(LayerVerdict latest) {
    Kept matrix = kept.get(latest.id().layer());
    return matrix == null
        ? new Answer.None("no matrix of " + latest.id().layer() + " is kept: " + why(latest))
        : new Answer.Some(latest, matrix.values());
  }

  private static String why(LayerVerdict latest) {
    long bytes = (long) Double.BYTES * latest.batch() * latest.n() * latest.n();
    if (!LayerRecord.operator(latest)) {
      return "it is no mixer";
    }
    if (latest.n() > MOST_N) {
      return "n = " + latest.n() + " is above " + MOST_N;
    }
    if (latest.nonFinite() > 0) {
      return "it has values that are not finite";
    }
    if (bytes > MOST_BYTES_OF_BATCH) {
      return "%d operators of n = %d take more than %d KiB"
          .formatted(latest.batch(), latest.n(), MOST_BYTES_OF_BATCH >> 10);
    }
    return "there is no room for it, or its verdict came without";
  }

  private void remove(String layer) {
    Kept matrix = kept.remove(layer);
    bytes -= matrix == null ? 0 : matrix.bytes();
  }
}
