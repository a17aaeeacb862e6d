package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import java.io.IOException;
import java.util.List;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * sigma2 of a matrix B from a search for its two largest singular values; where that leaves its
 * upper bound too far away, or where it drowns in the rounding of sigma1, from a second search
 * behind the first singular vector.
 *
 * <p>Let x be a unit vector at an angle phi to the first right singular vector, and tau the norm of
 * B on the vectors orthogonal to x. Then sigma2 &lt;= tau by the minimax theorem; and such a vector
 * has a share of at most sin phi in the first singular vector, so tau² &lt;= sigma2² + sin² phi
 * sigma1².
 *
 * @param estimate of sigma2
 * @param lower sigma2 is at least this, but for rounding that exceeds its model
 * @param upper sigma2 is at most this, with the probability that was asked for
 * @param products made
 */
record SecondValue(double estimate, double lower, double upper, int products) {

  /** A sigma2 that is a smaller share of sigma1 is looked for once more without it. */
  static final double DROWNED = 0.05;

  private static final int WIDTH = 4;

  /**
   * Looks for it.
   *
   * @param search for two singular values of B
   * @param most sigma2 does not exceed this for other reasons
   * @param upper of sigma2 from elsewhere; if it is as close as an interval may be wide, the second
   *     search begins with what the first found, else at random
   * @param delta probability with which the upper bound may be false
   * @param carried whether the upper bound that is known is only carried, and so may be wide
   * @param passes most products
   */
  static SecondValue of(
      GramOperator gram,
      KrylovSearch search,
      double most,
      double upper,
      double delta,
      boolean carried,
      int passes,
      RandomGenerator random)
      throws IOException {
    double lower = Math.min(most, search.lower(1));
    boolean drowned = search.estimate(1) < DROWNED * search.estimate(0);
    boolean certify =
        (drowned || !carried)
            && Math.min(upper, most) > search.estimate(1) * (1 + KrylovSearch.INTERVAL);
    if (passes < 3 || !(certify || drowned)) {
      return new SecondValue(
          Math.min(search.estimate(1), most), lower, Math.max(lower, Math.min(upper, most)), 0);
    }
    Block x = search.run().largest(1);
    Block image = gram.times(x).z();
    double square = x.transposeTimes(image).get(0, 0);
    double sine = sine(gram, search, x, image, square, most);
    // one step of the power method: what is left of others in it falls like their square
    Block first = Orthonormal.of(image, List.of(), 0).q();
    GramOperator rest = gram.without(first, search.estimate(0));
    Block start =
        certify
            ? Block.gaussian(gram.size(), KrylovSearch.width(gram.size()), random)
            : search.run().largest(WIDTH);
    start.add(first, -1, first.transposeTimes(start));
    double share = sine * (search.estimate(0) + gram.storing());
    // sigma2 is at most what was said, but what is left in the stored matrix may be more
    double reach = most + share + gram.storing();
    KrylovSearch behind =
        new KrylovSearch(
            rest,
            new BlockLanczos(start, List.of(first)),
            certify ? delta : KrylovSearch.UNCERTIFIED,
            reach,
            0,
            1);
    behind.run(passes - 1);
    double tau = behind.lower(0);
    if (sine < 1) {
      lower = Math.max(lower, Math.sqrt(Math.max(0, tau * tau - share * share)));
    }
    lower = Math.min(most, lower);
    double least = Math.min(most, certify ? Math.min(upper, behind.upper()) : upper);
    return new SecondValue(
        Math.min(most, behind.estimate(0)), lower, Math.max(lower, least), behind.products() + 1);
  }

  /**
   * Sine of the angle between the first singular vector and B'Bx, at most. The residual of x and
   * the gap behind its value bound its own angle (Davis and Kahan; Parlett, section 11.7); the
   * product makes the tangent smaller by the ratio of the squares.
   */
  private static double sine(
      GramOperator gram, KrylovSearch search, Block x, Block image, double square, double most) {
    Block residual = Block.zeros(x.n(), 1);
    DMatrixRMaj one = CommonOps_DDRM.identity(1);
    residual.add(image, 1, one);
    residual.add(x, -square, one);
    double sigma = search.estimate(0);
    double rounding = gram.rounding(sigma) + 4 * PanelMatrix.UNIT * square;
    double length = Math.sqrt(residual.transposeTimes(residual).get(0, 0)) + rounding;
    double behind = most + gram.storing();
    double gap = square - rounding - behind * behind;
    double before = gap > 0 ? Math.min(1, length / gap) : 1;
    if (before >= 0.5) {
      return 1;
    }
    double tangent = before / Math.sqrt(1 - before * before);
    return Math.min(
        1,
        tangent * Math.min(1, behind * behind / (gap + behind * behind))
            + 2 * rounding / (square - rounding));
  }
}
