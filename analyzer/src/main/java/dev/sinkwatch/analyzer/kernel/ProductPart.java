package dev.sinkwatch.analyzer.kernel;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The product A'(AV) over some panels of A. For one thread. */
interface ProductPart {

  /**
   * With one vector alone, with quads, or with nothing, when there is nothing to do.
   *
   * @param pool lends memory: fresh pages cost more than what is done with them
   */
  static ProductPart of(List<Quad> v, PanelPool pool) {
    return v.size() == 1 && v.getFirst().single()
        ? new VectorPart(v.getFirst(), pool)
        : new GramPart(v, pool);
  }

  /** Adds a panel's part of the product. */
  void add(StoredPanel panel);

  /**
   * Adds what it has found to the whole product.
   *
   * @param product a quad's floats each
   * @param sums receives the sum of each column of AV, four a quad
   */
  void into(double[][] product, double[] sums);

  /** Gives its memory back to the pool; it is of no use from then on. */
  void release();

  /** The whole product; parts in their order. */
  static PanelMatrix.Product merged(List<Quad> v, int columns, ProductPart[] parts) {
    double[][] z = new double[v.size()][v.getFirst().values().length];
    double[] sums = new double[4 * v.size()];
    for (ProductPart part : parts) {
      part.into(z, sums);
    }
    return PanelMatrix.Product.of(v, columns, z, sums);
  }

  /** Of those that there are. */
  static void release(ProductPart[] parts) {
    Stream.of(parts).filter(Objects::nonNull).forEach(ProductPart::release);
  }
}
