package dev.sinkwatch.analyzer.kernel;

/**
 * Sizes of the pieces in which a matrix is kept: {@value #ROWS} rows of it are a panel, an array of
 * blocks from left to right. See {@link Kernel} for what is in a block.
 */
final class Panel {

  /**
   * Rows of a panel: with 8192 columns half a megabyte, so that the second product finds it in
   * cache.
   */
  static final int ROWS = 16;

  static final int STRIPS = ROWS / 4;

  /** Tiles of a strip. */
  static final int TILES = 32;

  private Panel() {}

  /** Blocks that cover that many columns. */
  static int blocks(int columns, int lanes) {
    int width = TILES * lanes;
    return (columns + width - 1) / width;
  }

  static int blockFloats(int lanes) {
    return ROWS * TILES * lanes;
  }

  static int floats(int columns, int lanes) {
    return Math.multiplyExact(blocks(columns, lanes), blockFloats(lanes));
  }
}
