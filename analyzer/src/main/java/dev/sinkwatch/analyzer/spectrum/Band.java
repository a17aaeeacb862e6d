package dev.sinkwatch.analyzer.spectrum;

import java.util.List;
import org.ejml.data.DMatrixRMaj;

/**
 * A symmetric block tridiagonal matrix T as a band, and the factors L D L' of T - x I: the signs of
 * D count the eigenvalues above x (Sylvester's law of inertia; Parlett, The Symmetric Eigenvalue
 * Problem, section 3.3). For one thread.
 */
final class Band {
  /**
   * Relative distance to a smaller x, which is tried instead of one that meets a singular pivot.
   */
  private static final double LESS = 1e-9;

  /** A pivot that is so much smaller than T leaves six digits of what follows. */
  private static final double SINGULAR = 0x1p-34;

  /** Smaller x that are tried. */
  private static final int MAX_LESS = 3;

  private final int size;
  private final int half; // entries below the diagonal
  private final double[] t; // row i: entries i - half to i
  private final double[] factor;
  private final double norm;

  /**
   * @param alpha blocks of the diagonal
   * @param beta blocks below them; the last one, which couples with no block of T, is left out
   */
  Band(List<DMatrixRMaj> alpha, List<DMatrixRMaj> beta) {
    this.size = alpha.stream().mapToInt(a -> a.numRows).sum();
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

  /** Most that an eigenvalue can be: the largest sum of a row's magnitudes. */
  double norm() {
    return norm;
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
      count = decompose(x - less * LESS * norm, SINGULAR * norm);
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
