package dev.sinkwatch.analyzer.kernel;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A matrix S = scale (A - shift) in single precision, packed into panels for products S'(SV). The
 * first pass over A looks at every entry in double precision as well, and may keep the panels;
 * later passes take those, or decode A again. Rows are split over a team; parts are merged in their
 * order, so the bits do not depend on the number of threads. For one caller at a time.
 */
public final class PanelMatrix {
  private static final int LANES = Kernels.best().lanes();

  /** Half the distance of neighbouring floats, relative: what storing an entry may change. */
  public static final double UNIT = 0x1p-24;

  /**
   * Error of a product S'(Sv), relative to ||S||² ||v||. Sums are made in chains of at most 64, of
   * sums of about 20, in each of several lanes. With errors of rounding that are independent in the
   * mean (Higham and Mary, "A new approach to probabilistic rounding error analysis", SIAM J. Sci.
   * Comput. 41, 2019), as they are with random v, each of the two products errs by some units,
   * whatever the signs and the size; 5 are the most that was measured for both.
   */
  public static final double ROUNDING = 12 * UNIT;

  private static final int MAX_PART_PANELS = 64;
  private static final int LEAST_PARTS = 8;
  static final PanelPool POOL = new PanelPool(Heap.usableBytes() / 2);

  /** S'(SV), and the sum of each column of SV. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  public record Product(List<Quad> z, double[] sums) {

    /** In single precision, of a quad's values each. */
    static Product of(List<Quad> v, int columns, double[][] values, double[] sums) {
      List<Quad> z = new ArrayList<>();
      for (double[] from : values) {
        Quad quad = v.getFirst().single() ? Quad.single(columns) : new Quad(columns);
        for (int i = 0; i < from.length; i++) {
          quad.values()[i] = (float) from[i];
        }
        z.add(quad);
      }
      return new Product(z, sums);
    }
  }

  /**
   * What the first pass found.
   *
   * @param product with the vectors that were given, if any
   * @param squaredDistance ||S - other||_F squared, of what is kept of the matrix that was given;
   *     else NaN
   */
  public record First(Survey survey, @Nullable Product product, double squaredDistance) {}

  private final RowSource source;
  private final float shift;
  private final double scale;
  private final Team team;
  private final int panelCount;
  private final int partPanels;
  private final boolean keep;
  private final boolean half;
  private @Nullable KeptPanels panels;
  private QuantizationError quantizationError = QuantizationError.NONE;

  /**
   * @param shift subtracted from each entry
   * @param scale a power of two, so that squares of entries neither overflow nor vanish in floats
   * @param keep whether its panels may be kept from the first use on in which that pays
   */
  public PanelMatrix(RowSource source, float shift, double scale, boolean keep, Team team) {
    this(source, shift, scale, keep, false, team);
  }

  /**
   * The same.
   *
   * @param half whether panels that are kept may be kept in {@link FixedPoint} where that changes
   *     them little, so that passes read half as much; {@link #quantizationError} tells how much
   */
  public PanelMatrix(
      RowSource source, float shift, double scale, boolean keep, boolean half, Team team) {
    this.source = source;
    this.keep = keep;
    this.half = half;
    this.shift = shift;
    this.scale = scale;
    this.team = team;
    this.panelCount = Math.toIntExact((source.rows() + Panel.ROWS - 1) / Panel.ROWS);
    int parts = Math.max(LEAST_PARTS, (panelCount + MAX_PART_PANELS - 1) / MAX_PART_PANELS);
    this.partPanels = Math.max(1, (panelCount + parts - 1) / parts);
  }

  /** Bytes that the panels of such a matrix take at most. */
  public static long bytes(long rows, int columns) {
    long panels = (rows + Panel.ROWS - 1) / Panel.ROWS;
    return panels * Panel.blocks(columns, LANES) * Panel.blockFloats(LANES) * Float.BYTES;
  }

  public long rows() {
    return source.rows();
  }

  public int columns() {
    return source.columns();
  }

  public float shift() {
    return shift;
  }

  public double scale() {
    return scale;
  }

  /**
   * Reads the matrix for the first time.
   *
   * @param v vectors to multiply with, none or some
   * @param mixing whether it is an operator
   * @param more whether products will follow, so that its panels shall be kept
   * @param other a kept matrix of the same size to measure the distance from
   */
  public First first(List<Quad> v, boolean mixing, boolean more, @Nullable PanelMatrix other)
      throws IOException {
    double[] rowSums = rows() == columns() ? new double[columns()] : null;
    SurveySums[] sums = new SurveySums[parts()];
    double[] distances = new double[parts()];
    KeptPanels kept = keep && more ? begin() : null;
    boolean packed = kept != null || !v.isEmpty() || other != null;
    ProductPart[] products = new ProductPart[parts()];
    try {
      team.run(
          parts(),
          part -> {
            sums[part] = new SurveySums(rowSums, columns(), mixing);
            if (!packed) {
              read(part, sums[part], null);
              return;
            }
            ProductPart product = ProductPart.of(v, POOL);
            products[part] = product;
            decode(
                part,
                sums[part],
                kept,
                (index, panel, floats) -> {
                  product.add(panel);
                  if (other != null) {
                    distances[part] += other.kept().squaredDistance(index, floats);
                  }
                });
          });
      measure(kept);
      Product product = v.isEmpty() ? null : ProductPart.merged(v, columns(), products);
      return new First(
          SurveySums.merged(sums, rowSums, shift),
          product,
          other == null ? Double.NaN : Arrays.stream(distances).sum());
    } finally {
      ProductPart.release(products);
    }
  }

  /** S'(SV), in one pass. */
  public Product times(List<Quad> v) throws IOException {
    ProductPart[] products = new ProductPart[parts()];
    KeptPanels before = panels;
    KeptPanels kept = before == null && keep ? begin() : null;
    try {
      team.run(
          parts(),
          part -> {
            ProductPart product = ProductPart.of(v, POOL);
            products[part] = product;
            if (before == null) {
              decode(part, null, kept, (_, panel, _) -> product.add(panel));
            } else {
              for (int i = part * partPanels; i < end(part); i++) {
                product.add(before.get(i));
              }
            }
          });
      if (before == null) {
        measure(kept);
      }
      return ProductPart.merged(v, columns(), products);
    } finally {
      ProductPart.release(products);
    }
  }

  /** Floats that all matrices hold. */
  static long floatsInUse() {
    return POOL.used();
  }

  /** Whether the panels are kept. */
  public boolean isKept() {
    return panels != null;
  }

  /** Bytes that the panels take; 0 if they are not kept. */
  public long keptBytes() {
    return panels == null ? 0 : panels.bytes();
  }

  /** Gives the panels back; products decode again from then on. */
  public void release() {
    KeptPanels kept = panels;
    panels = null; // first: no panel may ever be given back twice
    if (kept != null) {
      kept.release();
    }
  }

  /** What the last pass multiplied with has lost of S. */
  public QuantizationError quantizationError() {
    return quantizationError;
  }

  private void measure(@Nullable KeptPanels kept) {
    quantizationError = kept == null ? QuantizationError.NONE : kept.error(columns());
  }

  private KeptPanels kept() {
    if (panels == null) {
      throw new IllegalStateException("the panels were not kept");
    }
    return panels;
  }

  private KeptPanels begin() {
    KeptPanels kept = new KeptPanels(panelCount, parts(), Math.min(rows(), columns()), half, POOL);
    panels = kept;
    return kept;
  }

  private int parts() {
    return (panelCount + partPanels - 1) / partPanels;
  }

  private int end(int part) {
    return Math.min(panelCount, (part + 1) * partPanels);
  }

  /** Decodes the rows of a part into panels. */
  private void decode(
      int part, @Nullable SurveySums sums, @Nullable KeptPanels kept, DecodedPanels.Taker taker)
      throws IOException {
    int length = Panel.floats(columns(), LANES);
    try (DecodedPanels panels =
        new DecodedPanels(part, part * partPanels, length, kept, POOL, taker)) {
      read(part, sums, panels);
    }
  }

  private void read(int part, @Nullable SurveySums sums, SurveyPart.@Nullable Panels receiver)
      throws IOException {
    long first = (long) part * partPanels * Panel.ROWS;
    long count = Math.min(rows(), (long) end(part) * Panel.ROWS) - first;
    SurveyPart rows =
        new SurveyPart(source.dtype(), columns(), first, shift, scale, sums, receiver);
    source.read(first, count, rows::take);
    rows.end();
  }
}
