package dev.sinkwatch.analyzer.kernel;

import dev.sinkwatch.ingest.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * What {@link PanelMatrix#first} finds of a matrix whose rows come in blocks, in any order, and are
 * gone after one look. The bits depend on the blocks, not on their order: what a block adds to the
 * vectors of length n is summed in {@link OrderFreeSums}, and its few numbers are kept until they
 * can be summed in the order of rows. Partial vectors of fixed parts of the matrix, as {@link
 * PanelMatrix} has them, would be as large as the shards themselves where a shard has few rows. For
 * one thread.
 */
public final class StreamedMatrix {
  private static final int LANES = Kernels.best().lanes();

  /** Rows beyond which a block is taken in parts: a chain of sums is no longer than elsewhere. */
  private static final int MAX_ROWS = 64 * Panel.ROWS;

  /** More than doubles distinguish in a product, whose errors are relative to its largest. */
  private static final int PRODUCT_DIGITS = 3;

  /** Enough for a column that holds next to nothing beside another. */
  private static final int SUM_DIGITS = 4;

  private final Dtype dtype;
  private final int columns;
  private final float shift;
  private final List<Quad> v;
  private final boolean mixing;
  private final double[] rowSums;
  private final boolean square;
  private final OrderFreeSums columnSums;
  private final OrderFreeSums[] product;
  private final double[] columnScratch;
  private final double[][] productScratch;
  private final TreeMap<Long, Block> blocks = new TreeMap<>();
  private boolean mixes = true;

  /** The numbers that some rows add. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Block(SurveySums survey, double[] productSums) {}

  /**
   * @param shift subtracted from each entry for the product
   * @param v vectors to multiply with, one or more
   * @param mixing whether it is an operator
   */
  public StreamedMatrix(
      Dtype dtype, long rows, int columns, float shift, List<Quad> v, boolean mixing) {
    this.dtype = dtype;
    this.columns = columns;
    this.shift = shift;
    this.v = v;
    this.mixing = mixing;
    this.square = rows == columns;
    this.rowSums = new double[square ? columns : 0];
    this.columnSums = new OrderFreeSums(columns, SUM_DIGITS);
    this.columnScratch = new double[columns];
    this.product = new OrderFreeSums[v.size()];
    this.productScratch = new double[v.size()][];
    for (int q = 0; q < product.length; q++) {
      int length = v.get(q).values().length;
      product[q] = new OrderFreeSums(length, PRODUCT_DIGITS);
      productScratch[q] = new double[length];
    }
  }

  /**
   * Bytes that it takes until {@link #first}, without what each block leaves.
   *
   * @param quads of the vectors, which are not counted
   */
  public static long bytes(long rows, int columns, int quads) {
    long length = 4L * Panel.blocks(columns, LANES) * Panel.TILES * LANES;
    return OrderFreeSums.bytes(columns, SUM_DIGITS + 1)
        + quads * OrderFreeSums.bytes(length, PRODUCT_DIGITS + 1)
        + (rows == columns ? Double.BYTES * rows : 0);
  }

  /**
   * Takes rows that did not come before.
   *
   * @param first index of the first
   * @param data whole rows, little-endian
   */
  public void add(long first, MemorySegment data) {
    long rowBytes = (long) columns * dtype.bytes();
    long count = data.byteSize() / rowBytes;
    for (long row = 0; row < count; row += MAX_ROWS) {
      long rows = Math.min(MAX_ROWS, count - row);
      addBlock(first + row, rows, data.asSlice(row * rowBytes, rows * rowBytes));
    }
  }

  private void addBlock(long first, long rows, MemorySegment data) {
    Arrays.fill(columnScratch, 0);
    SurveySums survey = new SurveySums(square ? rowSums : null, columnScratch, mixing);
    double[] sums = new double[4 * v.size()];
    ProductPart part = ProductPart.of(v, PanelMatrix.POOL);
    float[] panel = PanelMatrix.POOL.take(Panel.floats(columns, LANES));
    try {
      SurveyPart looking =
          new SurveyPart(dtype, columns, first, shift, 1, survey, new OnePanel(panel, part));
      looking.take(data, rows * columns);
      looking.end();
      for (double[] scratch : productScratch) {
        Arrays.fill(scratch, 0);
      }
      part.into(productScratch, sums);
    } finally {
      PanelMatrix.POOL.give(panel);
      part.release();
    }
    columnSums.add(columnScratch);
    for (int q = 0; q < product.length; q++) {
      product[q].add(productScratch[q]);
    }
    blocks.put(first, new Block(survey, sums));
    mixes &= survey.nonFinite == 0 && !survey.negative;
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record OnePanel(float[] panel, ProductPart part) implements SurveyPart.Panels {

    @Override
    public float[] next() {
      return panel;
    }

    @Override
    public void full(float[] full) {
      part.add(new StoredPanel.Floats(full));
    }
  }

  /**
   * Whether those rows, and no entry of any that came, speak against a doubly stochastic matrix.
   *
   * @param tolerance of the rows' sums
   */
  public boolean mayMix(long first, long count, double tolerance) {
    for (long i = first; i < first + count; i++) {
      if (!(Math.abs(rowSums[(int) i] - 1) <= tolerance)) {
        return false;
      }
    }
    return mixes;
  }

  /** What it was, once all of its rows have come. */
  public PanelMatrix.First first() {
    double[][] z = new double[product.length][];
    double[] sums = new double[4 * product.length];
    for (int q = 0; q < z.length; q++) {
      z[q] = product[q].values();
    }
    for (Block block : blocks.values()) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += block.productSums[i];
      }
    }
    SurveySums[] parts = blocks.values().stream().map(Block::survey).toArray(SurveySums[]::new);
    Survey survey = SurveySums.merged(parts, columnSums.values(), square ? rowSums : null, shift);
    return new PanelMatrix.First(survey, PanelMatrix.Product.of(v, columns, z, sums), Double.NaN);
  }
}
