package dev.sinkwatch.dashboard.history;

import java.util.Arrays;
import java.util.List;

/**
 * Steps that rise, and when they were; and perhaps a pool behind them whose own step is beyond the
 * wanted ones.
 *
 * @param across that pool's step, or {@link #NONE}
 * @param acrossAfter the step before its first value
 * @param acrossMillis its time
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Steps(long[] steps, long[] times, long across, long acrossAfter, long acrossMillis) {
  static final long NONE = -1;

  private static final Steps EMPTY = new Steps(new long[0], new long[0], NONE, NONE, 0);

  int size() {
    return steps.length;
  }

  /** The steps that any of them has, each once, with the latest of its times. */
  static Steps union(List<Steps> all) {
    return switch (all.size()) {
      case 0 -> EMPTY;
      case 1 -> all.getFirst();
      default -> {
        int half = all.size() / 2;
        yield union(all.subList(0, half)).and(union(all.subList(half, all.size())));
      }
    };
  }

  /**
   * These, and the pool across as the last one when none of them is in it: what it stands for would
   * not be seen.
   */
  Steps closed() {
    int size = size();
    if (across == NONE || (size > 0 && steps[size - 1] > acrossAfter)) {
      return this;
    }
    long[] more = Arrays.copyOf(steps, size + 1);
    long[] moreTimes = Arrays.copyOf(times, size + 1);
    more[size] = across;
    moreTimes[size] = acrossMillis;
    return new Steps(more, moreTimes, NONE, NONE, 0);
  }

  private Steps and(Steps other) {
    Steps reaching = reaching(other);
    boolean same = Arrays.equals(steps, other.steps);
    long[] both = same ? steps : new long[size() + other.size()];
    long[] bothTimes = new long[both.length];
    int n = 0;
    int i = 0;
    int k = 0;
    while (i < size() || k < other.size()) {
      long mine = i < size() ? steps[i] : Long.MAX_VALUE;
      long others = k < other.size() ? other.steps[k] : Long.MAX_VALUE;
      both[n] = Math.min(mine, others);
      long time = mine <= others && i < size() ? times[i++] : Long.MIN_VALUE;
      if (others <= mine && k < other.size()) {
        time = Math.max(time, other.times[k++]);
      }
      bothTimes[n++] = time;
    }
    return new Steps(
        same ? steps : Arrays.copyOf(both, n),
        same ? bothTimes : Arrays.copyOf(bothTimes, n),
        reaching.across,
        reaching.acrossAfter,
        reaching.acrossMillis);
  }

  /** Whose pool across begins last: if any is behind all steps, that is. */
  private Steps reaching(Steps other) {
    if (across == NONE || other.across == NONE) {
      return across == NONE ? other : this;
    }
    if (acrossAfter != other.acrossAfter) {
      return acrossAfter > other.acrossAfter ? this : other;
    }
    return across <= other.across ? this : other;
  }
}
