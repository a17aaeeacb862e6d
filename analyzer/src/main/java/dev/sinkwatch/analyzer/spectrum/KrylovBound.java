package dev.sinkwatch.analyzer.spectrum;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;

/**
 * An upper bound of the largest eigenvalue of G from a block Lanczos run, true with probability at
 * least 1 - delta over the run's random start, whatever G is.
 *
 * <p>Let v be the eigenvector of the largest eigenvalue x and c_j = v'Q_j. Multiplying the
 * recursion by v' gives c_{j-1} beta_{j-1}' - c_j (x - alpha_j) + c_{j+1} beta_j = d_j with |d_j|
 * &lt;= ||D_j||: c H' = d, H a band with T - x I as its first columns. The Q are orthonormal and v
 * has length 1, so |c| &lt;= 1. Hence c is d (H H')^-1 H plus a part in the null space of H, and
 * its first block, times the R of the start Omega = Q_1 R, is at most
 *
 * <pre>||N_1' R|| + sum of ||D_j|| ||X_j R||,   N_1 N_1' = I - H_1' X,   X = (H H')^-1 H_1,</pre>
 *
 * where H_1 are the columns of c_1 and N_1 the first rows of an orthonormal basis of the null
 * space. But c_1 R = v'Omega is Gaussian with b independent entries, and its square at least the
 * delta quantile of chi-squared with b degrees of freedom but for probability delta. An x at which
 * the bound is less than that is refuted. The event does not depend on how many products were made,
 * so the run may stop when the bound is good enough.
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

  private final BlockLanczos run;
  private final BlockTridiagonal t;
  private final double least;

  /**
   * @param delta probability with which the bound may be false
   */
  KrylovBound(BlockLanczos run, double delta) {
    this.run = run;
    this.t = run.tridiagonal();
    this.least = Math.sqrt(ChiSquared.quantile(even(run.start().numCols), delta));
  }

  /** One degree of freedom fewer only loosens the bound. */
  private static int even(int degrees) {
    return degrees - degrees % 2;
  }

  /**
   * Smallest x from which on all are refuted, found to a part in a thousand of its distance.
   *
   * @param ritz the largest Ritz value, positive
   * @param most x that cannot be exceeded for other reasons
   */
  double upper(double ritz, double most) {
    double open = ritz;
    double refuted = Double.NaN;
    // up to the very end, since nothing says that the bound falls everywhere
    for (double step = 1e-5; ritz * (1 + step) < most; step *= 2) {
      double x = ritz * (1 + step);
      if (!refutes(x)) {
        open = x;
        refuted = Double.NaN;
      } else if (Double.isNaN(refuted)) {
        refuted = x;
      }
    }
    if (Double.isNaN(refuted)) {
      return most;
    }
    while (refuted - open > 1e-3 * (refuted - ritz) && refuted - open > 1e-7 * refuted) {
      double middle = (open + refuted) / 2;
      if (refutes(middle)) {
        refuted = middle;
      } else {
        open = middle;
      }
    }
    return refuted;
  }

  /** Whether x, above the largest Ritz value, is no eigenvalue of G. */
  boolean refutes(double x) {
    List<DMatrixRMaj> alpha = t.alpha();
    List<DMatrixRMaj> beta = t.beta();
    Pentadiagonal h = new Pentadiagonal(alpha, beta, x);
    DMatrixRMaj first = h.firstColumns();
    DMatrixRMaj solved = first.copy();
    if (!h.solve(solved)) {
      return false;
    }
    DMatrixRMaj r = run.start();
    DMatrixRMaj nothing = CommonOps_DDRM.identity(r.numRows);
    CommonOps_DDRM.multAddTransA(-1, first, solved, nothing);
    // the square of ||N_1' R||
    DMatrixRMaj image = CommonOps_DDRM.multTransA(r, CommonOps_DDRM.mult(nothing, r, null), null);
    double bound = (1 + SLACK) * Math.sqrt(Math.max(0, largest(image)));
    DMatrixRMaj moved = CommonOps_DDRM.mult(solved, r, null);
    double sigma = Math.sqrt(x);
    for (int j = 0, at = 0; j < alpha.size(); j++) {
      int rows = alpha.get(j).numRows;
      DMatrixRMaj block = CommonOps_DDRM.extract(moved, at, at + rows, 0, moved.numCols);
      bound += run.error(j, sigma) * NormOps_DDRM.fastNormF(block);
      at += rows;
    }
    return bound < least;
  }

  private static double largest(DMatrixRMaj symmetric) {
    double most = 0;
    var eigen = Orthonormal.symmetric(symmetric);
    for (int i = 0; i < symmetric.numRows; i++) {
      most = Math.max(most, eigen.getEigenvalue(i).getReal());
    }
    return most;
  }
}
