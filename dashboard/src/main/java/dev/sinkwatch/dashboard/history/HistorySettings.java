package dev.sinkwatch.dashboard.history;

/**
 * How much is remembered.
 *
 * @param points points of one layer or chain before resolution is halved, 2 or more
 * @param layers layers of one run; operators take the place of dense layers, later ones are left
 *     out
 * @param runs runs; the one silent for longest makes room
 * @param alarmChanges last changes of alarms of one run
 * @param bytes what the histories of all runs may take of the heap; beyond it they lose resolution,
 *     those of the run silent for longest first
 */
public record HistorySettings(int points, int layers, int runs, int alarmChanges, long bytes) {

  private static final long MOST_BYTES = 512L << 20;

  public static final HistorySettings DEFAULT =
      new HistorySettings(
          10_000, 2000, 200, 200, Math.min(Runtime.getRuntime().maxMemory() / 8, MOST_BYTES));

  /** A run with more layers than this shares out the points that this many would have had. */
  private static final int LAYERS_AT_FULL_RESOLUTION = 256;

  /** As the default, with that many points. */
  public static HistorySettings ofPoints(int points) {
    return new HistorySettings(
        points, DEFAULT.layers, DEFAULT.runs, DEFAULT.alarmChanges, DEFAULT.bytes);
  }

  /** These, with that many bytes. */
  HistorySettings withBytes(long most) {
    return new HistorySettings(points, layers, runs, alarmChanges, most);
  }

  /** What the gains along one chain may take, over all its steps. */
  long bytesOfWaterfall() {
    return bytes / 16;
  }

  /** Points of one layer when its run has that many, so that the memory of a run is bounded. */
  int pointsOfLayer(int layersOfRun) {
    long shared = (long) points * LAYERS_AT_FULL_RESOLUTION / Math.max(1, layersOfRun);
    return (int) Math.max(2, Math.min(points, shared));
  }
}
