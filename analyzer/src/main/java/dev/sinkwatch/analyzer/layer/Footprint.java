package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;

/**
 * What a search on a large matrix takes of the heap at most, in bytes: what the classes of {@code
 * kernel} and {@code spectrum} allocate and hold at one time, all counted from above.
 *
 * @param panels of the whole matrix, where they are kept
 * @param pass what any pass takes
 * @param product what each product leaves behind, its block of vectors
 */
record Footprint(long panels, long pass, long product) {

  /** Products after which every search has ended: two of 60, and what goes with them. */
  static final int ALL_PRODUCTS = 135;

  /** The figures of one operator as they are held until the last of the batch. */
  private static final long FIGURES = 352;

  /** Size of an operator up to which blocks have eight vectors instead of four. */
  private static final int WIDE = 1024;

  private static final int PANEL_ROWS = 16;

  /** A part of a pass has this many panels, unless that made too few parts. */
  private static final int PART_PANELS = 64;

  private static final int LEAST_PARTS = 8;

  /** Scratch of a part that does not grow with columns. */
  private static final long PART = 10 << 10;

  /** Blocks that are in use beside those of the products. */
  private static final int OTHER_BLOCKS = 20;

  /**
   * Of a matrix.
   *
   * @param threads that work on it at once
   */
  static Footprint of(long rows, int columns, int threads) {
    long panelCount = Math.ceilDiv(rows, PANEL_ROWS);
    long parts = Math.min(panelCount, Math.max(LEAST_PARTS, panelCount / PART_PANELS + 1));
    long quads = rows == columns && columns <= WIDE ? 2 : 1;
    return of(rows, columns, Math.min(threads, parts), parts, quads);
  }

  private static Footprint of(long rows, int columns, long threads, long parts, long quads) {
    long padded = padded(columns);
    long block = quads * 4 * Float.BYTES * padded;
    // a product in doubles; sums of rows and columns, once more each as marginals
    long ofWhole = 2 * block + OTHER_BLOCKS * block + 6 * 8 * padded;
    long pass = threads * ofThread(padded) + parts * ofPart(padded, quads) + ofWhole;
    return new Footprint(PanelMatrix.bytes(rows, columns), pass, block);
  }

  private static long padded(int columns) {
    return PanelMatrix.bytes(1, columns) / PANEL_ROWS / Float.BYTES;
  }

  /** A panel, four rows as floats, as doubles and as zeros that fill up the last panel. */
  private static long ofThread(long padded) {
    return (4L * PANEL_ROWS + 16 + 32 + 16) * padded;
  }

  /** Sums of sums and sums, and the sums of columns. */
  private static long ofPart(long padded, long quads) {
    return 2 * quads * 4 * Float.BYTES * padded + quads * PART + 8 * padded;
  }

  /**
   * @param products as many as are made
   * @param keep whether the panels are kept
   */
  long bytes(int products, boolean keep) {
    return pass + Math.min(products, ALL_PRODUCTS) * product + (keep ? panels : 0);
  }

  /** As many products as fit, 0 when not even one does. */
  int products(long bytes) {
    return Math.clamp((bytes - pass) / product, 0, ALL_PRODUCTS);
  }

  /** What a look at some rows takes, that come and go, whatever the matrix is. */
  static long ofBlock(int columns) {
    long padded = padded(columns);
    return ofThread(padded) + ofPart(padded, columns <= WIDE ? 2 : 1);
  }

  /** What the figures of one pass over a large matrix take, once its rows have gone. */
  static long ofOnePass(int columns) {
    return of(0, columns, 1, 1, columns <= WIDE ? 2 : 1).bytes(1, false);
  }

  /** Of small operators that are judged one by one: their figures are held until the last. */
  static long ofFigures(int operators) {
    return FIGURES * operators;
  }

  /** Of what is held in double precision. */
  static long ofDoubles(long values) {
    return Double.BYTES * values;
  }
}
