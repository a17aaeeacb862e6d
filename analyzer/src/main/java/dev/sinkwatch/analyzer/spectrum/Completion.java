package dev.sinkwatch.analyzer.spectrum;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * What the products of a few Lanczos steps tell of G beyond their Ritz values: with the basis Q and
 * Z = GQ, S = Z (Q'Z)^-1 Z' is the Nyström approximation, of which no eigenvalue exceeds G's of the
 * same rank. Ritz values know Q alone; S knows the images too, so that a matrix which one direction
 * governs is known after one product. Where many products were made the two are the same.
 *
 * <p>Why it is a bound: with T = Q'Z and any d &gt;= 0, G^½ Q (T + d)^-1 Q' G^½ is at most I, so Z
 * (T + d)^-1 Z' is at most G (Loewner's order; Weyl's monotonicity theorem). Of products that are
 * off by D, of Frobenius norm at most e, T is off by no more: d = 2e leaves it above Q'GQ, and Z
 * changes S by at most 2e ||(T + d)^-1 Z'|| + e² / d.
 *
 * <p>Halko, Martinsson, Tropp, "Finding structure with randomness", SIAM Review 53, 2011, section
 * 5.4.
 *
 * @param eigenvalues of S, largest first
 * @param error what rounding may have added to one of them
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record Completion(double[] eigenvalues, double error) {

  /** Of that little is nothing known. */
  static final Completion NONE = new Completion(new double[0], 0);

  /** Keeps the inverse finite where products were exact. */
  private static final double LEAST_SHIFT = 1e-12;

  /**
   * @param t of the run, with the block below its last
   * @param e Frobenius norm of what all products are off at most
   */
  static Completion of(BlockTridiagonal t, double e) {
    DMatrixRMaj dense = t.dense();
    int size = dense.numRows;
    double shift = Math.max(2 * e, LEAST_SHIFT * NormOps_DDRM.normF(dense));
    DMatrixRMaj below = t.beta().getLast();
    // Z in an orthonormal basis: T, and below its last columns what leads out of Q
    DMatrixRMaj z = new DMatrixRMaj(size + below.numRows, size);
    CommonOps_DDRM.insert(dense, z, 0, 0);
    CommonOps_DDRM.insert(below, z, size, size - below.numCols);
    DMatrixRMaj shifted = dense.copy();
    for (int i = 0; i < size; i++) {
      shifted.add(i, i, shift);
    }
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(size);
    if (!solver.setA(shifted)) {
      return NONE;
    }
    DMatrixRMaj inverse = new DMatrixRMaj(size, z.numRows);
    solver.solve(CommonOps_DDRM.transpose(z, null), inverse);
    DMatrixRMaj s = CommonOps_DDRM.mult(z, inverse, null);
    for (int i = 0; i < s.numRows; i++) {
      for (int j = 0; j < i; j++) {
        double mean = (s.get(i, j) + s.get(j, i)) / 2;
        s.set(i, j, mean);
        s.set(j, i, mean);
      }
    }
    EigenDecomposition_F64<DMatrixRMaj> eigen = Orthonormal.symmetric(s);
    double[] ascending = new double[s.numRows];
    for (int i = 0; i < ascending.length; i++) {
      ascending[i] = eigen.getEigenvalue(i).getReal();
    }
    Arrays.sort(ascending);
    double[] eigenvalues = new double[ascending.length];
    for (int i = 0; i < eigenvalues.length; i++) {
      eigenvalues[i] = Math.max(0, ascending[ascending.length - 1 - i]);
    }
    return new Completion(eigenvalues, 2 * e * NormOps_DDRM.normF(inverse) + e * e / shift);
  }

  /** Eigenvalue {@code i} of S; 0 where it has no more. */
  double eigenvalue(int i) {
    return i < eigenvalues.length ? eigenvalues[i] : 0;
  }

  /** Eigenvalue {@code i} of G is at least this. */
  double lower(int i) {
    return Math.max(0, eigenvalue(i) - error);
  }
}
