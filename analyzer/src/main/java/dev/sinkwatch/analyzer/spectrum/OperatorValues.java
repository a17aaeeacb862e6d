package dev.sinkwatch.analyzer.spectrum;

import java.io.IOException;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;

/**
 * sigma1 and sigma2 of an operator P whose detail was searched.
 *
 * @param lower1 sigma1 is at least this
 * @param upper2 of sigma2, with the probability that was asked for; infinite if nothing new is
 *     known
 * @param products that were made for them
 */
record OperatorValues(
    double sigma1, double lower1, double sigma2, double lower2, double upper2, int products) {

  /** Singular vectors of the detail that are taken together with the constant one. */
  private static final int TOGETHER = 6;

  /** Vectors of a block for P itself. */
  private static final int WIDTH = 4;

  /**
   * Of the space of the largest singular vectors of the detail and the constant vector. Beside the
   * detail's own rounding, what these give to the mean and how the mean turns into them is off by
   * what a product is.
   *
   * @param gainUpper upper bound of the detail gain
   */
  static OperatorValues of(
      GramOperator gram, KrylovSearch search, double gainUpper, OperatorNorms norms) {
    double[] sigma = search.run().withMean(norms.meanSquare(), TOGETHER);
    double error = search.error() + gram.meanRounding(gainUpper);
    double sigma1 = Math.max(sigma[0], norms.sigma1Lower());
    return new OperatorValues(
        sigma1,
        Math.max(norms.sigma1Lower(), lower(sigma[0], error, gram)),
        sigma[1],
        lower(sigma[1], error, gram),
        Double.POSITIVE_INFINITY,
        0);
  }

  private static double lower(double sigma, double error, GramOperator gram) {
    return Math.max(0, Math.sqrt(Math.max(0, sigma * sigma - error)) - gram.storing());
  }

  /**
   * Where the singular vectors of P mix with the mean, those of QPQ do not tell sigma2, and P
   * itself is searched, from the constant vector and the detail's largest.
   *
   * @param gram P'P
   * @param before what the detail's search told
   * @param most upper bound of sigma2 from the detail
   * @param carried whether that is only carried
   * @param passes most products
   */
  static OperatorValues mixed(
      GramOperator gram,
      KrylovSearch detail,
      OperatorNorms norms,
      OperatorValues before,
      double most,
      double delta,
      boolean carried,
      int passes,
      RandomGenerator random)
      throws IOException {
    BlockLanczos run = new BlockLanczos(start(detail), List.of());
    KrylovSearch search =
        new KrylovSearch(gram, run, KrylovSearch.UNCERTIFIED, norms.frobenius(), 0, 2);
    // behind a sigma2 that drowns the first singular vector is found at once
    search.run(most < SecondValue.DROWNED * norms.sigma1Lower() ? Math.min(2, passes) : passes);
    double lower1 = Math.max(before.lower1(), search.lower(0));
    SecondValue second =
        SecondValue.of(
            gram,
            search,
            norms.behind(lower1),
            most,
            delta,
            carried,
            passes - search.products(),
            random);
    return new OperatorValues(
        Math.max(norms.sigma1Lower(), search.estimate(0)),
        lower1,
        second.estimate(),
        Math.max(before.lower2(), second.lower()),
        second.upper(),
        search.products() + second.products());
  }

  private static Block start(KrylovSearch detail) {
    Block largest = detail.run().largest(WIDTH - 1);
    int n = largest.n();
    Block start = Block.zeros(n, largest.b() + 1);
    DMatrixRMaj places = new DMatrixRMaj(largest.b(), largest.b() + 1);
    for (int c = 0; c < largest.b(); c++) {
      places.set(c, c + 1, 1);
    }
    start.add(largest, 1, places);
    for (int i = 0; i < n; i++) {
      start.quads().getFirst().set(i, 0, 1 / Math.sqrt(n));
    }
    return start;
  }
}
