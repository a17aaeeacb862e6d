package dev.sinkwatch.analyzer.layer;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The operators of one layer as they were when they came close to permutations, from where their
 * movement is measured. Of a layer that is not close nothing is kept. For one thread at a time.
 */
final class FrozenOperators {

  /** Within this permutationDistance operators are close enough to frozen to be watched. */
  private static final double NEAR_PERMUTATION = 1e-3;

  /** A larger movement starts the watch again from where the operators are now. */
  private static final double MOVED = 1e-4;

  /** Values of the largest batch that is watched: 8 MiB, one operator of 1024 x 1024. */
  static final long MAX_VALUES = 1 << 20;

  /** Reads operators, or makes them, when they are asked for. */
  @FunctionalInterface
  interface Source {

    /** All operators, row-major {@code [batch, n, n]}; kept, so not to be changed. */
    double[] read() throws IOException;
  }

  private final @Nullable KeptRoom room;
  private double @Nullable [] then;

  /**
   * @param room that is shared with other layers; null when no second snapshot comes, from which
   *     nothing can have moved
   */
  FrozenOperators(@Nullable KeptRoom room) {
    this.room = room;
  }

  /** Bytes that so many values take when they are read for this. */
  static long bytes(long values) {
    return values <= MAX_VALUES ? Footprint.ofDoubles(values) : 0;
  }

  /**
   * How far the operators have moved since they came close to permutations: max over the batch of
   * ||P_t - P_0||_F / sqrt(n).
   *
   * @param now read only when they are close to permutations; null when they cannot be read again
   * @param values that it reads
   * @param permutationDistance the largest of the batch
   * @return NaN when they are not close, are more than {@link #MAX_VALUES}, or find no room
   */
  double movement(@Nullable Source now, long values, int n, double permutationDistance)
      throws IOException {
    if (!(permutationDistance < NEAR_PERMUTATION)) {
      forget();
      return Double.NaN;
    }
    if (room == null) {
      return 0;
    }
    if (then != null && then.length != values) {
      forget();
    }
    double[] before = then;
    if (now == null || values > MAX_VALUES || (before == null && !room.take(bytes(values)))) {
      return Double.NaN;
    }
    double[] operators = now.read();
    if (before == null) {
      then = operators;
      return 0;
    }
    double moved = moved(before, operators, n);
    if (moved > MOVED) {
      then = operators;
    }
    return moved;
  }

  private static double moved(double[] before, double[] operators, int n) {
    double moved = 0;
    for (int at = 0; at < operators.length; at += n * n) {
      double square = 0;
      for (int i = at; i < at + n * n; i++) {
        double d = operators[i] - before[i];
        square += d * d;
      }
      moved = Math.max(moved, Math.sqrt(square / n));
    }
    return moved;
  }

  /** Gives back the room; the watch begins anew. */
  void forget() {
    double[] before = then;
    if (before != null && room != null) {
      room.giveBack(bytes(before.length));
      then = null;
    }
  }
}
