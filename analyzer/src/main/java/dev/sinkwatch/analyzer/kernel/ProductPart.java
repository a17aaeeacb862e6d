package dev.sinkwatch.analyzer.kernel;

import java.util.List;

/** The product A'(AV) over some panels of A. For one thread. */
interface ProductPart {

  /** With one vector alone, with quads, or with nothing, when there is nothing to do. */
  static ProductPart of(List<Quad> v) {
    return v.size() == 1 && v.getFirst().single() ? new VectorPart(v.getFirst()) : new GramPart(v);
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
}
