package dev.sinkwatch.dashboard.history;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Keeps the histories of all runs within a number of bytes. Beyond it a run's resolution is halved:
 * that of the run silent for longest first, of those that are live that of the largest. When all
 * histories are short already the matrices go, and then whole runs unless there is no other. For
 * one thread.
 */
final class HistoryMemory {
  /** A history of fewer points than two times this is not halved to make room. */
  private static final int FEWEST_POINTS = 256;

  /** A run that is no longer silent than this, against the newest of all, is live. */
  private static final long LIVE_MILLIS = 10 * 60_000;

  private final long most;

  HistoryMemory(long most) {
    this.most = most;
  }

  /**
   * Makes the runs fit again.
   *
   * @param drop takes a run out of them
   */
  void keep(Map<String, RunRecord> runs, Consumer<RunRecord> drop) {
    while (bytes(runs) > most) {
      Comparator<RunRecord> order = order(runs);
      Optional<RunRecord> richest =
          runs.values().stream().filter(run -> run.points() >= 2 * FEWEST_POINTS).min(order);
      Optional<RunRecord> drawn = runs.values().stream().filter(RunRecord::hasMatrices).min(order);
      if (richest.isPresent()) {
        richest.get().thin();
      } else if (drawn.isPresent()) {
        drawn.get().dropMatrices();
      } else if (runs.size() > 1) {
        runs.values().stream().min(order).ifPresent(drop);
      } else {
        long before = bytes(runs);
        runs.values().forEach(RunRecord::thin);
        if (bytes(runs) >= before) {
          return; // it is what its layers take without any history
        }
      }
    }
  }

  static long bytes(Map<String, RunRecord> runs) {
    long bytes = 0;
    for (RunRecord run : runs.values()) {
      bytes += run.bytes();
    }
    return bytes;
  }

  private static Comparator<RunRecord> order(Map<String, RunRecord> runs) {
    long newest = runs.values().stream().mapToLong(RunRecord::lastMillis).max().orElse(0);
    return Comparator.comparing((RunRecord run) -> newest - run.lastMillis() <= LIVE_MILLIS)
        .thenComparing((a, b) ->
            newest - a.lastMillis() <= LIVE_MILLIS
                ? Long.compare(b.bytes(), a.bytes())
                : Long.compare(a.lastMillis(), b.lastMillis()));
  }
}
