package dev.sinkwatch.analyzer.spectrum;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * An orthonormal basis of what a block adds to a space: z = q coefficients, but for what lies in
 * the space and directions shorter than a given length.
 *
 * <p>Through the eigenvectors of z'z, which find the rank; again and again until the result is
 * orthonormal to single precision (as CholeskyQR2 does; Yamamoto, Nakatsukasa, Yanagisawa, Fukaya,
 * ETNA 44, 2015).
 *
 * @param q n x r with r at most the width of z
 * @param coefficients r x the width of z
 * @param removed Frobenius norm of what was taken off z because it lay in the space
 * @param dropped Frobenius norm of what was left out because it was too short
 */
record Orthonormal(Block q, DMatrixRMaj coefficients, double removed, double dropped) {
  private static final int ROUNDS = 4;

  /** Largest deviation of q'q from the identity. */
  static final double TOLERANCE = 2e-6;

  /**
   * @param space orthonormal blocks, which z was made orthogonal to once
   * @param tiny directions shorter than this are noise
   */
  static Orthonormal of(Block z, List<Block> space, double tiny) {
    Block q = z;
    DMatrixRMaj coefficients = CommonOps_DDRM.identity(z.b());
    double removed = 0;
    double dropped = 0;
    for (int round = 0; round < ROUNDS; round++) {
      EigenDecomposition_F64<DMatrixRMaj> eigen = symmetric(q.transposeTimes(q));
      double least = round == 0 ? tiny : 0.5;
      int rank = 0;
      double smallest = Double.POSITIVE_INFINITY;
      double largest = 0;
      for (int i = 0; i < q.b(); i++) {
        double length = length(eigen, i);
        if (length > least) {
          rank++;
          smallest = Math.min(smallest, length);
          largest = Math.max(largest, length);
        } else {
          dropped = Math.hypot(dropped, length * share(eigen.getEigenVector(i), coefficients));
        }
      }
      if (rank == 0) {
        return new Orthonormal(Block.zeros(z.n(), 0), new DMatrixRMaj(0, z.b()), removed, dropped);
      }
      DMatrixRMaj scale = new DMatrixRMaj(q.b(), rank);
      DMatrixRMaj back = new DMatrixRMaj(rank, q.b());
      for (int i = 0, r = 0; i < q.b(); i++) {
        double length = length(eigen, i);
        if (length > least) {
          DMatrixRMaj vector = eigen.getEigenVector(i);
          for (int k = 0; k < q.b(); k++) {
            scale.set(k, r, vector.get(k) / length);
            back.set(r, k, vector.get(k) * length);
          }
          r++;
        }
      }
      q = q.times(scale);
      coefficients = CommonOps_DDRM.mult(back, coefficients, null);
      boolean again = round == 0 || smallest < 1 - TOLERANCE;
      if (!again && largest - smallest < TOLERANCE * largest) {
        break;
      }
      if (again) {
        for (Block known : space) {
          DMatrixRMaj share = known.transposeTimes(q);
          q.add(known, -1, share);
          removed =
              Math.hypot(
                  removed, NormOps_DDRM.normF(CommonOps_DDRM.mult(share, coefficients, null)));
        }
      }
    }
    return new Orthonormal(q, coefficients, removed, dropped);
  }

  /** Length of e' coefficients: how much of z has gone into a direction e of the basis. */
  private static double share(DMatrixRMaj e, DMatrixRMaj coefficients) {
    return NormOps_DDRM.normF(CommonOps_DDRM.multTransA(e, coefficients, null));
  }

  private static double length(EigenDecomposition_F64<DMatrixRMaj> eigen, int i) {
    return Math.sqrt(Math.max(0, eigen.getEigenvalue(i).getReal()));
  }

  /** Eigenvalues and eigenvectors of a small symmetric matrix. */
  static EigenDecomposition_F64<DMatrixRMaj> symmetric(DMatrixRMaj a) {
    EigenDecomposition_F64<DMatrixRMaj> eigen =
        DecompositionFactory_DDRM.eig(a.numRows, true, true);
    if (!eigen.decompose(a)) {
      throw new ArithmeticException("the eigenvalues of a symmetric matrix did not converge");
    }
    return eigen;
  }
}
