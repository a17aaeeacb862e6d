package dev.sinkwatch.analyzer.mixer;

/**
 * Operators that are not within the tolerance after the model's own iterations: they go on together
 * until they are, in lanes that are filled again as soon as one is done, so that a slow one does
 * not hold up a tile. For one thread.
 */
final class Stragglers {
  private final TileScaling tile;
  private final int lanes;
  private final Liveliest liveliest;
  private int active;

  Stragglers(TileScaling tile, int lanes, Liveliest liveliest) {
    this.tile = tile;
    this.lanes = lanes;
    this.liveliest = liveliest;
  }

  void add(TileScaling from, int lane) {
    while (active == lanes) {
      round();
    }
    tile.take(from, lane, active);
    active++;
  }

  void finish() {
    while (active > 0) {
      round();
    }
  }

  private void round() {
    tile.iterate(active, TileScaling.STRIDE);
    for (int lane = active - 1; lane >= 0; lane--) {
      if (tile.convergence.done(lane)) {
        tile.convergence.report(lane, liveliest);
        active--;
        tile.take(tile, active, lane);
      }
    }
  }
}
