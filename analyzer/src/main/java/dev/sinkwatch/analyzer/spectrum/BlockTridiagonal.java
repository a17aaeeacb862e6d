package dev.sinkwatch.analyzer.spectrum;

import java.util.ArrayList;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * The symmetric block tridiagonal matrix T of a block Lanczos run: alpha_j on the diagonal, beta_j
 * below alpha_j. Its largest eigenvalues by bisection over the signs of the pivots of T - x I
 * (Sylvester's law of inertia; Parlett, The Symmetric Eigenvalue Problem, section 3.3), since only
 * a few of them are wanted, after every product; the largest by Rayleigh's iteration from the last
 * product's eigenvector (section 4.6), of which those signs tell whether it met the largest. For
 * one thread.
 */
final class BlockTridiagonal {
  private static final double RELATIVE = 1e-9;

  private static final int INVERSE_ITERATIONS = 6;
  private static final int MAX_RAYLEIGH = 6;

  private final List<DMatrixRMaj> alpha = new ArrayList<>();
  private final List<DMatrixRMaj> beta = new ArrayList<>();

  /** Eigenvector of the largest eigenvalue when it was last asked for, perhaps of a smaller T. */
  private double[] vector = {1};

  /**
   * @param below the block below {@code diagonal}, which couples it with the next
   */
  void add(DMatrixRMaj diagonal, DMatrixRMaj below) {
    alpha.add(diagonal);
    beta.add(below);
  }

  List<DMatrixRMaj> alpha() {
    return alpha;
  }

  /** As many as {@link #alpha}; the last couples with a block that is no part of T. */
  List<DMatrixRMaj> beta() {
    return beta;
  }

  /** Columns of T. */
  int size() {
    return alpha.stream().mapToInt(a -> a.numRows).sum();
  }

  /**
   * The largest eigenvalue for {@code i = 0}, and so on; 0 where T has no more.
   *
   * @param least known not to exceed it
   */
  double eigenvalue(int i, double least) {
    if (i >= size()) {
      return 0;
    }
    Band band = new Band(alpha, beta);
    double low = least;
    double high = band.norm();
    if (i == 0) {
      double quotient = rayleigh(band);
      low = quotient > low ? quotient : low;
      if (band.above(low * (1 + RELATIVE)) == 0) {
        return low;
      }
    }
    // what was true of a smaller T bounds from below; the largest moves little from step to step
    for (double step = 1e-3; step < 1 && low * (1 + step) < high; step *= 8) {
      if (band.above(low * (1 + step)) <= i) {
        high = low * (1 + step);
      }
    }
    if (band.above(low) <= i) {
      low = 0;
    }
    while (high - low > RELATIVE * high) {
      double middle = (low + high) / 2;
      if (middle == low || middle == high) {
        break; // neighbours: among the smallest doubles they are relatively far apart
      }
      if (band.above(middle) > i) {
        low = middle;
      } else {
        high = middle;
      }
    }
    if (i == 0) {
      vector = eigenvector(band, low);
    }
    return low;
  }

  /** A Rayleigh quotient of T, after a few iterations from the vector that is left. */
  private double rayleigh(Band band) {
    DMatrixRMaj x = new DMatrixRMaj(size(), 1);
    System.arraycopy(vector, 0, x.data, 0, vector.length);
    double quotient = band.quotient(x.data);
    for (int iteration = 0; iteration < MAX_RAYLEIGH; iteration++) {
      band.above(quotient); // leaves the factors
      band.solve(x);
      double norm = NormOps_DDRM.normF(x);
      if (!(norm > 0 && norm < Double.POSITIVE_INFINITY)) {
        return quotient; // an eigenvalue to the last bit
      }
      CommonOps_DDRM.divide(x, norm);
      vector = x.data.clone();
      double next = band.quotient(x.data);
      boolean still = Math.abs(next - quotient) <= 1e-3 * RELATIVE * Math.abs(next);
      quotient = next;
      if (still) {
        break;
      }
    }
    return quotient;
  }

  /** Of the eigenvalue next to x, about, by a step of inverse iteration. */
  private double[] eigenvector(Band band, double x) {
    DMatrixRMaj next = start(1);
    band.above(x); // leaves the factors
    band.solve(next);
    NormOps_DDRM.normalizeF(next);
    return next.data;
  }

  /** Vectors that are not orthogonal to what is looked for. */
  private DMatrixRMaj start(int width) {
    DMatrixRMaj x = new DMatrixRMaj(size(), width);
    for (int i = 0; i < x.numRows; i++) {
      for (int c = 0; c < width; c++) {
        x.set(i, c, Math.sin(1 + 1.618 * (i + 1) * (c + 1)));
      }
    }
    return x;
  }

  /**
   * Eigenvectors of the {@code count} largest eigenvalues, as rows: orthonormal, by inverse
   * iteration with a block and Rayleigh and Ritz.
   */
  double[][] vectors(int count) {
    int size = size();
    int width = Math.min(size, count + 4);
    DMatrixRMaj t = dense();
    double largest = eigenvalue(0, 0);
    Band band = new Band(alpha, beta);
    band.above(largest + 1e-7 * Math.max(largest, Double.MIN_NORMAL)); // leaves the factors
    DMatrixRMaj x = start(width);
    if (size <= 2 * width) {
      x = CommonOps_DDRM.identity(size);
      width = size;
    } else {
      for (int iteration = 0; iteration < INVERSE_ITERATIONS; iteration++) {
        band.solve(x);
        orthonormalise(x);
      }
    }
    DMatrixRMaj tx = CommonOps_DDRM.mult(t, x, null);
    EigenDecomposition_F64<DMatrixRMaj> eigen =
        Orthonormal.symmetric(CommonOps_DDRM.multTransA(x, tx, null));
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      order.add(i);
    }
    order.sort((i, j) ->
        Double.compare(eigen.getEigenvalue(j).getReal(), eigen.getEigenvalue(i).getReal()));
    double[][] vectors = new double[Math.min(count, width)][];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = CommonOps_DDRM.mult(x, eigen.getEigenVector(order.get(i)), null).data;
    }
    return vectors;
  }

  private static void orthonormalise(DMatrixRMaj x) {
    for (int c = 0; c < x.numCols; c++) {
      for (int again = 0; again < 2; again++) {
        for (int before = 0; before < c; before++) {
          double share = dot(x, before, c);
          for (int i = 0; i < x.numRows; i++) {
            x.add(i, c, -share * x.get(i, before));
          }
        }
        double norm = Math.sqrt(dot(x, c, c));
        for (int i = 0; i < x.numRows; i++) {
          x.set(i, c, x.get(i, c) / Math.max(norm, Double.MIN_NORMAL));
        }
      }
    }
  }

  private static double dot(DMatrixRMaj x, int b, int c) {
    double sum = 0;
    for (int i = 0; i < x.numRows; i++) {
      sum += x.get(i, b) * x.get(i, c);
    }
    return sum;
  }

  /** T, full. */
  DMatrixRMaj dense() {
    DMatrixRMaj t = new DMatrixRMaj(size(), size());
    int at = 0;
    for (int j = 0; j < alpha.size(); j++) {
      DMatrixRMaj a = alpha.get(j);
      CommonOps_DDRM.insert(a, t, at, at);
      int next = at + a.numRows;
      if (j + 1 < alpha.size()) {
        CommonOps_DDRM.insert(beta.get(j), t, next, at);
        CommonOps_DDRM.insert(CommonOps_DDRM.transpose(beta.get(j), null), t, at, next);
      }
      at = next;
    }
    return t;
  }
}
