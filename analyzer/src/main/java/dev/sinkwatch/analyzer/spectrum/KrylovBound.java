package dev.sinkwatch.analyzer.spectrum;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * An upper bound of the largest eigenvalue of G from a block Lanczos run, true with probability at
 * least 1 - delta over the run's random start, whatever G is.
 *
 * <p>Let v be the eigenvector of the largest eigenvalue x and c_j = v'Q_j. Multiplying the
 * recursion by v' gives c_{j+1} beta_j = x c_j - c_j alpha_j - c_{j-1} beta_{j-1}' - v'D_j, so that
 * c_j = c_1 M_j(x) + sum over i of (v'D_i) N_ij(x) with block orthogonal polynomials M_j, M_1 = I,
 * and N_ij which begin behind i. The Q are orthonormal and v has length 1: |c_1 M| &lt;= 1 + e(x)
 * with e = sum of ||D_i|| ||N_i||, what rounding may have done. The start is Omega = Q_1 R, so c_1
 * = g R^-1 where g = v'Omega is Gaussian with b independent entries, and |g|² is at least the delta
 * quantile of chi-squared with b degrees of freedom but for probability delta. An x at which chi²
 * K(x) - (1 + e(x))² R R', K = M M', is positive definite is therefore refuted; far beyond the
 * largest Ritz value K grows with x, so all larger ones are too. The event does not depend on how
 * many products were made, so the run may stop when the bound is good enough.
 *
 * <p>The block form of Hochstenbach, "Probabilistic upper bounds for the matrix two-norm", J. Sci.
 * Comput. 57, 2013; in the spirit of Kuczynski and Wozniakowski, SIAM J. Matrix Anal. Appl. 13,
 * 1992. A residual norm alone would be no bound: it says nothing of a direction that the start
 * hardly met.
 */
final class KrylovBound {

  /** Terms of K beyond this are left out, which only loosens the bound. */
  private static final double HUGE = 1e60;

  /** Rounding of K and R, and what the Q are short of orthonormal; it only loosens the bound. */
  private static final double SLACK = 1e-4;

  private final BlockLanczos run;
  private final double chiSquared;
  private final List<DMatrixRMaj> inverse = new ArrayList<>();

  /**
   * @param delta probability with which the bound may be false
   * @param sigma square root of the largest eigenvalue, about
   */
  KrylovBound(BlockLanczos run, double delta, double sigma) {
    this.run = run;
    this.chiSquared = ChiSquared.quantile(run.start().numCols, delta);
    List<DMatrixRMaj> beta = run.tridiagonal().beta();
    for (int j = 0; j < beta.size(); j++) {
      // below the length of D_j what beta tells is noise; only the last block can be so short
      double floor = j == beta.size() - 1 ? run.error(j, sigma) : 0;
      inverse.add(inverse(beta.get(j), floor));
    }
  }

  /**
   * Smallest x from which on all are refuted, found to a relative 1e-4 of its distance.
   *
   * @param ritz the largest Ritz value, positive
   * @param most x that cannot be exceeded for other reasons
   */
  double upper(double ritz, double most) {
    double open = ritz;
    double refuted = Double.NaN;
    // up to the very end: right above the largest Ritz value K need not grow in every direction
    for (double step = 1e-6; ritz * (1 + step) < most; step *= 2) {
      double x = ritz * (1 + step);
      if (!refutes(x)) {
        open = x;
        refuted = Double.NaN;
      } else if (Double.isNaN(refuted)) {
        refuted = x;
      } else if (step > 1e3) {
        break; // K is ruled by its highest power of x
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
    List<DMatrixRMaj> m = polynomials(x);
    DMatrixRMaj r = run.start();
    DMatrixRMaj test = CommonOps_DDRM.multTransB(r, r, null);
    double most = 1 + SLACK + rounding(x, m.size());
    CommonOps_DDRM.scale(-most * most, test);
    for (DMatrixRMaj term : m) {
      CommonOps_DDRM.addEquals(test, chiSquared, CommonOps_DDRM.multTransB(term, term, null));
    }
    CholeskyDecomposition_F64<DMatrixRMaj> cholesky =
        DecompositionFactory_DDRM.chol(test.numRows, true);
    return cholesky.decompose(test);
  }

  /** M_1(x), M_2(x), ... */
  private List<DMatrixRMaj> polynomials(double x) {
    List<DMatrixRMaj> terms = new ArrayList<>();
    terms.add(CommonOps_DDRM.identity(run.start().numRows));
    if (!continued(x, 0, terms.getFirst(), run.products(), terms::add)) {
      return List.copyOf(terms); // what is left out only loosens the bound
    }
    return terms;
  }

  /** e(x), of the first {@code count} blocks. */
  private double rounding(double x, int count) {
    double sum = 0;
    for (int i = 0; i + 1 < count; i++) {
      DMatrixRMaj first = inverse.get(i).copy();
      CommonOps_DDRM.scale(run.error(i, Math.sqrt(x)), first);
      double[] squares = {square(first)};
      // N_i,i = 0: nothing stands before the first block
      if (!continued(x, i + 1, first, count - 1, term -> squares[0] += square(term))) {
        return Double.POSITIVE_INFINITY;
      }
      sum += Math.sqrt(squares[0]);
    }
    return sum;
  }

  private static double square(DMatrixRMaj a) {
    double norm = NormOps_DDRM.fastNormF(a);
    return norm * norm;
  }

  private interface Term {
    void take(DMatrixRMaj term);
  }

  /**
   * The recursion from block {@code first} on, whose term is given and before which is nothing.
   *
   * @return whether it went to its end
   */
  private boolean continued(double x, int first, DMatrixRMaj block, int end, Term taker) {
    DMatrixRMaj before = new DMatrixRMaj(block.numRows, 0);
    DMatrixRMaj now = block;
    for (int j = first; j < end; j++) {
      DMatrixRMaj w = CommonOps_DDRM.mult(now, run.tridiagonal().alpha().get(j), null);
      CommonOps_DDRM.scale(-1, w);
      CommonOps_DDRM.addEquals(w, x, now);
      if (before.numCols > 0) {
        CommonOps_DDRM.multAddTransB(-1, before, run.tridiagonal().beta().get(j - 1), w);
      }
      if (CommonOps_DDRM.elementMaxAbs(w) > HUGE) {
        return false;
      }
      before = now;
      now = CommonOps_DDRM.mult(w, inverse.get(j), null);
      taker.take(now);
    }
    return true;
  }

  /**
   * The right inverse of beta, of full row rank: m beta = w gives m = w inverse. With a floor
   * something that is shorter than the inverse.
   */
  private static DMatrixRMaj inverse(DMatrixRMaj beta, double floor) {
    int b = beta.numCols;
    DMatrixRMaj square = new DMatrixRMaj(b, b);
    CommonOps_DDRM.insert(beta, square, 0, 0);
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(b, b, true, true, false);
    if (!svd.decompose(square)) {
      return new DMatrixRMaj(b, b); // terms left out only loosen the bound
    }
    DMatrixRMaj v = svd.getV(null, false);
    for (int c = 0; c < b; c++) {
      double sigma = svd.getSingularValues()[c];
      double length = Math.hypot(sigma, floor);
      boolean kept = floor > 0 || c < beta.numRows;
      for (int i = 0; i < b; i++) {
        v.set(i, c, kept && length > 0 ? v.get(i, c) / length : 0);
      }
    }
    if (floor > 0) {
      return v; // of the last block only the length matters
    }
    DMatrixRMaj u = CommonOps_DDRM.extract(svd.getU(null, false), 0, beta.numRows, 0, b);
    return CommonOps_DDRM.multTransB(v, u, null);
  }
}
