package dev.sinkwatch.analyzer.spectrum;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;

/**
 * An upper bound of the largest eigenvalue of G from a block Lanczos run, true with probability at
 * least 1 - delta over the run's random start, whatever G is.
 *
 * <p>Let v be the eigenvector of the largest eigenvalue x and c_j = v'Q_j. Multiplying the
 * recursion by v' gives c_{j-1} beta_{j-1}' - c_j (x - alpha_j) + c_{j+1} beta_j = d_j with |d_j|
 * &lt;= ||D_j||: c H(x)' = d, H(x) a band with T - x I as its first columns. The Q are orthonormal
 * and v has length 1, so |c| &lt;= 1. With the start Omega = Q_1 R, c z = v'Omega for z = E_1 R,
 * the columns of the first block.
 *
 * <p>Let H = H(m) at some m and x = m + s. H(x) is H(m) less s in its first columns, so c H' = d +
 * s u, u the part of c that T multiplies. With W = (H H')^-1 H, Pi = I - H'W the projector onto the
 * null space of H, and V z = W z filled up with zeros, c z = c Pi z + d W z + s c V z for any z.
 * Taking that again and again, from z_0 = E_1 R to z_{i+1} = V z_i,
 *
 * <pre>|v'Omega| &lt;= sum over i &lt; k of |s|^i (||Pi z_i|| + sum of ||D_j|| ||(z_{i+1})_j||)
 *             + |s|^k ||z_k||.</pre>
 *
 * But v'Omega is Gaussian with b independent entries, and its square at least the delta quantile of
 * chi-squared with b degrees of freedom but for probability delta. Where the right hand side is
 * less than that for an s, no x within s of m is the largest eigenvalue. The bound is where a chain
 * of such intervals ends that begins at a certain upper bound. The event depends neither on x nor
 * on how many products were made, so the run may stop when the bound is good enough, and fewer
 * products than were made give a bound as well.
 *
 * <p>Intervals, since a test of single x would not do: with s = 0 the right hand side falls with x
 * when b is 1, where it is 1 / sqrt(sum of p_j(x)²) with polynomials that grow beyond their roots;
 * with blocks it need not. For one product and without rounding it is ||(I + Y (beta'beta)^-1
 * Y)^-1/2 R||, Y = x - alpha, and the derivative of Y C Y, which is C Y + Y C, is in general not
 * definite.
 *
 * <p>This is the block form of Hochstenbach, "Probabilistic upper bounds for the matrix two-norm",
 * J. Sci. Comput. 57, 2013, whose polynomials in x span the null space; without them nothing
 * overflows, blocks may become narrower, and rounding has a bound. In the spirit of Kuczynski and
 * Wozniakowski, SIAM J. Matrix Anal. Appl. 13, 1992. A residual norm alone would be no bound: it
 * says nothing of a direction that the start hardly met.
 */
final class KrylovBound {

  /** What the Q are short of orthonormal, and rounding here; it only loosens the bound. */
  private static final double SLACK = 1e-4;

  /** Most terms of the sum. */
  private static final int TERMS = 40;

  /** Ends of an interval, measured from the largest Ritz value, are at most so far apart. */
  private static final double WIDEST = 2.5;

  /** And when no wider one is refuted, at least so far. */
  private static final double NARROWEST = 1.05;

  /** Products that the search for a bound begins with. */
  private static final int FEW = 3;

  /** What is so much smaller than the largest possible eigenvalue is nothing. */
  private static final double NOTHING = 1e-30;

  private final BlockLanczos run;
  private final GramOperator gram;
  private final BlockTridiagonal t;
  private final double least;

  /**
   * @param gram what the run's products were made with
   * @param delta probability with which the bound may be false
   */
  KrylovBound(BlockLanczos run, GramOperator gram, double delta) {
    this.run = run;
    this.gram = gram;
    this.t = run.tridiagonal();
    this.least = Math.sqrt(ChiSquared.quantile(even(run.start().numCols), delta));
  }

  /** One degree of freedom fewer only loosens the bound. */
  private static int even(int degrees) {
    return degrees - degrees % 2;
  }

  /**
   * Whether rounding alone could explain that the start does not show a direction at x, so that
   * more products would hardly help to refute it.
   */
  boolean clouded(double x) {
    int products = run.products();
    Pentadiagonal h = band(products, x);
    if (!h.factor()) {
      return false;
    }
    DMatrixRMaj next = h.times(start(h));
    h.solve(next);
    return run.startError() + moved(next, errors(products, Math.sqrt(x))) > least / 2;
  }

  /** H of the first products. */
  private Pentadiagonal band(int products, double x) {
    return new Pentadiagonal(t.alpha().subList(0, products), t.beta().subList(0, products), x);
  }

  /** E_1 R, and columns of zeros. */
  private DMatrixRMaj start(Pentadiagonal h) {
    int together = Pentadiagonal.TOGETHER;
    int width = Math.ceilDiv(run.start().numCols, together) * together;
    DMatrixRMaj z = new DMatrixRMaj(h.columns(), width);
    CommonOps_DDRM.insert(run.start(), z, 0, 0);
    return z;
  }

  /**
   * Smallest x from which on all are refuted, found to a sixteenth of its distance. Far above the
   * Ritz values a few of the products tell as much as all.
   *
   * @param ritz the largest Ritz value
   * @param most x that cannot be exceeded for other reasons
   */
  double upper(double ritz, double most) {
    int products = Math.min(FEW, run.products());
    double bound = most;
    double ratio = WIDEST;
    while (ratio > NARROWEST && bound - ritz > 1e-7 * bound && bound > NOTHING * most) {
      double low = ritz + (bound - ritz) / ratio;
      if (refutes(low, bound, products)) {
        bound = low;
      } else if (products < run.products()) {
        products = Math.min(2 * products, run.products());
      } else {
        ratio = Math.sqrt(ratio);
      }
    }
    return bound;
  }

  /** Whether x is not the largest eigenvalue of G. */
  boolean refutes(double x) {
    return refutes(x, x);
  }

  /** Whether no x in an interval above the largest Ritz value is the largest eigenvalue of G. */
  boolean refutes(double low, double high) {
    return refutes(low, high, run.products());
  }

  /** By the first products alone, which are a run too. */
  private boolean refutes(double low, double high, int products) {
    double m = low + (high - low) / 2;
    double s = high - m;
    Pentadiagonal h = band(products, m);
    if (!h.factor()) {
      return false;
    }
    DMatrixRMaj z = start(h);
    double[] errors = errors(products, Math.sqrt(high));
    double sum = run.startError();
    double power = 1;
    double before = Double.POSITIVE_INFINITY;
    for (int i = 0; i < TERMS; i++) {
      DMatrixRMaj next = h.times(z);
      h.solve(next);
      h.subtractTransposeTimes(next, z);
      // the first term decides where the bound ends; of the others a little more than needed will
      // do
      double image = i == 0 ? norm(z) : looseNorm(z);
      sum += power * ((1 + SLACK) * image + moved(next, errors));
      power *= s;
      double left = power * (1 + SLACK) * NormOps_DDRM.normF(next);
      if (!(sum < least && left < before)) {
        return false;
      }
      if (sum + left < least) {
        return true;
      }
      before = left;
      z = new DMatrixRMaj(h.columns(), next.numCols);
      CommonOps_DDRM.insert(next, z, 0, 0);
    }
    return false;
  }

  /** ||D_j||, if the largest singular value is sigma. */
  private double[] errors(int products, double sigma) {
    double[] errors = new double[products];
    for (int j = 0; j < errors.length; j++) {
      errors[j] = run.error(j, gram, sigma);
    }
    return errors;
  }

  /** What D may add: sum of ||D_j|| ||z_j||. */
  private double moved(DMatrixRMaj z, double[] errors) {
    double sum = 0;
    for (int j = 0, at = 0; j < errors.length; j++) {
      int end = at + t.alpha().get(j).numRows * z.numCols;
      double squares = 0;
      for (; at < end; at++) {
        squares += z.data[at] * z.data[at];
      }
      sum += errors[j] * Math.sqrt(squares);
    }
    return sum;
  }

  /** The square root of ||z'z||_F, between ||z||_2 and ||z||_F. */
  private static double looseNorm(DMatrixRMaj z) {
    return Math.sqrt(NormOps_DDRM.fastNormF(CommonOps_DDRM.multTransA(z, z, null)));
  }

  /** ||z||_2. */
  private static double norm(DMatrixRMaj z) {
    var eigen = Orthonormal.symmetric(CommonOps_DDRM.multTransA(z, z, null));
    double most = 0;
    for (int i = 0; i < z.numCols; i++) {
      most = Math.max(most, eigen.getEigenvalue(i).getReal());
    }
    return Math.sqrt(most);
  }
}
