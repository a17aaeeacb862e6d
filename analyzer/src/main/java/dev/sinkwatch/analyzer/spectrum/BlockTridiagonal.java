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

  /** A pivot that is so much smaller than T leaves six digits of what follows. */
  private static final double SINGULAR = 0x1p-34;

  /** Smaller x that are tried instead of one that meets such a pivot. */
  private static final int MAX_LESS = 3;

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
    Band band = new Band();
    double low = least;
    double high = band.norm;
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
    Band band = new Band();
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

  /** T as a band, and the factors L D L' of T - x I. */
  private final class Band {
    private final int size = size();
    private final int half; // entries below the diagonal
    private final double[] t; // row i: entries i - half to i
    private final double[] factor;
    private final double norm;

    Band() {
      int widest = 0;
      for (int j = 0; j < alpha.size(); j++) {
        int below = j + 1 < alpha.size() ? alpha.get(j + 1).numRows : 0;
        widest = Math.max(widest, alpha.get(j).numRows + below - 1);
      }
      this.half = widest;
      this.t = new double[size * (half + 1)];
      this.factor = new double[t.length];
      int at = 0;
      for (int j = 0; j < alpha.size(); j++) {
        DMatrixRMaj a = alpha.get(j);
        insert(a, at, at);
        if (j + 1 < alpha.size()) {
          insert(beta.get(j), at + a.numRows, at);
        }
        at += a.numRows;
      }
      this.norm = rowNorm();
    }

    private void insert(DMatrixRMaj block, int row, int column) {
      for (int i = 0; i < block.numRows; i++) {
        for (int k = 0; k < block.numCols; k++) {
          if (column + k <= row + i) {
            t[(row + i) * (half + 1) + half - (row + i - column - k)] = block.get(i, k);
          }
        }
      }
    }

    /** Most that an eigenvalue can be: the largest sum of a row's magnitudes. */
    private double rowNorm() {
      double[] sums = new double[size];
      for (int i = 0; i < size; i++) {
        for (int k = Math.max(0, i - half); k <= i; k++) {
          double value = Math.abs(t[i * (half + 1) + half - (i - k)]);
          sums[i] += value;
          if (k < i) {
            sums[k] += value;
          }
        }
      }
      double most = 0;
      for (double sum : sums) {
        most = Math.max(most, sum);
      }
      return most;
    }

    /** x'T x, for a vector of length 1. */
    double quotient(double[] x) {
      double sum = 0;
      for (int i = 0; i < size; i++) {
        double left = 0;
        for (int k = Math.max(0, i - half); k < i; k++) {
          left += t[i * (half + 1) + half - (i - k)] * x[k];
        }
        sum += x[i] * (2 * left + t[i * (half + 1) + half] * x[i]);
      }
      return sum;
    }

    /**
     * How many eigenvalues exceed x; keeps the factors of T - x I. Where x meets an eigenvalue of a
     * leading part, whose pivot would drown all that follow, it is of an x that is a little less.
     */
    int above(double x) {
      int count = decompose(x, SINGULAR * norm);
      for (int less = 1; count < 0 && less <= MAX_LESS; less++) {
        count = decompose(x - less * RELATIVE * norm, SINGULAR * norm);
      }
      return count < 0 ? decompose(x, 0) : count;
    }

    /**
     * @param singular pivots but the last that are no larger make it give up
     * @return positive pivots; -1 if it gave up
     */
    private int decompose(double x, double singular) {
      int count = 0;
      int w = half + 1;
      double[] scaled = new double[w]; // l_im d_m
      for (int i = 0; i < size; i++) {
        int from = Math.max(0, i - half);
        int row = i * w + half - i;
        for (int k = from; k < i; k++) {
          // l_ik d_k = t_ik - sum over m < k of l_im d_m l_km
          int before = k * w + half - k;
          double sum = t[row + k];
          for (int m = from; m < k; m++) {
            sum -= scaled[m - from] * factor[before + m];
          }
          scaled[k - from] = sum;
        }
        double pivot = t[row + i] - x;
        for (int k = from; k < i; k++) {
          double entry = scaled[k - from] / factor[k * w + half];
          factor[row + k] = entry;
          pivot -= scaled[k - from] * entry;
        }
        if (Math.abs(pivot) < singular && i < size - 1) {
          return -1;
        }
        factor[row + i] = pivot == 0 ? -Double.MIN_NORMAL : pivot;
        count += pivot > 0 ? 1 : 0;
      }
      return count;
    }

    /** x becomes (T - x I)^-1 x by the factors that were left. */
    void solve(DMatrixRMaj x) {
      int w = half + 1;
      for (int c = 0; c < x.numCols; c++) {
        for (int i = 0; i < size; i++) {
          double sum = x.get(i, c);
          for (int k = Math.max(0, i - half); k < i; k++) {
            sum -= factor[i * w + half - (i - k)] * x.get(k, c);
          }
          x.set(i, c, sum);
        }
        for (int i = size - 1; i >= 0; i--) {
          double sum = x.get(i, c) / factor[i * w + half];
          for (int k = i + 1; k < Math.min(size, i + half + 1); k++) {
            sum -= factor[k * w + half - (k - i)] * x.get(k, c);
          }
          x.set(i, c, sum);
        }
      }
    }
  }
}
