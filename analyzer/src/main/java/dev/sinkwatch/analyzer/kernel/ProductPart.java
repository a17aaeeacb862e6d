package dev.sinkwatch.analyzer.kernel;

import java.util.List;

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
  void add(float[] panel);

  /**
   * Adds what it has found to the whole product.
   *
   * @param product a quad's floats each
   * @param sums receives the sum of each column of AV, four a quad
   */
  void into(double[][] product, double[] sums);

  /** Gives its memory back to the pool; it is of no use from then on. */
  void release();
}
