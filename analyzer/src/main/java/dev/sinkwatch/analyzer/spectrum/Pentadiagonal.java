package dev.sinkwatch.analyzer.spectrum;

import java.util.List;
import org.ejml.data.DMatrixRMaj;

/**
 * H H' of the band H = [T - x I, beta_k'] of a block Lanczos run: block row j of H is beta_{j-1},
 * alpha_j - x, beta_j'. Positive definite for x above the largest eigenvalue of T, at least (x -
 * theta)²; Cholesky within the band. For one thread.
 */
final class Pentadiagonal {
  private final int size;
  private final int half; // entries of H left and right of the diagonal
  private final double[] h; // row i of H: columns i - half to i + half
  private final int firstRows;

  /**
   * @param beta the last one's rows are columns of H beyond T
   */
  Pentadiagonal(List<DMatrixRMaj> alpha, List<DMatrixRMaj> beta, double x) {
    int widest = 0;
    int rows = 0;
    for (int j = 0; j < alpha.size(); j++) {
      int b = alpha.get(j).numRows;
      widest = Math.max(widest, b + beta.get(j).numRows);
      rows += b;
    }
    this.size = rows;
    this.half = widest;
    this.h = new double[size * (2 * half + 1)];
    this.firstRows = alpha.getFirst().numRows;
    int at = 0;
    for (int j = 0; j < alpha.size(); j++) {
      DMatrixRMaj a = alpha.get(j);
      DMatrixRMaj below = beta.get(j);
      int b = a.numRows;
      for (int i = 0; i < b; i++) {
        for (int k = 0; k < b; k++) {
          set(at + i, at + k, a.get(i, k) - (i == k ? x : 0));
        }
        for (int k = 0; k < below.numRows; k++) {
          set(at + i, at + b + k, below.get(k, i));
          if (j + 1 < alpha.size()) {
            set(at + b + k, at + i, below.get(k, i));
          }
        }
      }
      at += b;
    }
  }

  private void set(int row, int column, double value) {
    h[row * (2 * half + 1) + half + column - row] = value;
  }

  private double get(int row, int column) {
    int at = half + column - row;
    return at < 0 || at > 2 * half ? 0 : h[row * (2 * half + 1) + at];
  }

  /** H's columns of the first block. */
  DMatrixRMaj firstColumns() {
    DMatrixRMaj first = new DMatrixRMaj(size, firstRows);
    for (int i = 0; i < Math.min(size, firstRows + half); i++) {
      for (int k = 0; k < firstRows; k++) {
        first.set(i, k, get(i, k));
      }
    }
    return first;
  }

  /**
   * y becomes (H H')^-1 y.
   *
   * @return whether H H' is positive definite, as far as rounding lets it be seen
   */
  boolean solve(DMatrixRMaj y) {
    int band = 2 * half;
    int w = band + 1;
    double[] l = new double[size * w]; // row i: columns i - band to i
    for (int i = 0; i < size; i++) {
      int from = Math.max(0, i - band);
      for (int k = from; k <= i; k++) {
        double sum = product(i, k);
        for (int m = Math.max(from, k - band); m < k; m++) {
          sum -= l[i * w + band - (i - m)] * l[k * w + band - (k - m)];
        }
        if (k < i) {
          l[i * w + band - (i - k)] = sum / l[k * w + band];
        } else if (sum > 0) {
          l[i * w + band] = Math.sqrt(sum);
        } else {
          return false;
        }
      }
    }
    for (int c = 0; c < y.numCols; c++) {
      for (int i = 0; i < size; i++) {
        double sum = y.get(i, c);
        for (int k = Math.max(0, i - band); k < i; k++) {
          sum -= l[i * w + band - (i - k)] * y.get(k, c);
        }
        y.set(i, c, sum / l[i * w + band]);
      }
      for (int i = size - 1; i >= 0; i--) {
        double sum = y.get(i, c);
        for (int k = i + 1; k < Math.min(size, i + w); k++) {
          sum -= l[k * w + band - (k - i)] * y.get(k, c);
        }
        y.set(i, c, sum / l[i * w + band]);
      }
    }
    return true;
  }

  /** Entry (i, k) of H H', k at most i. */
  private double product(int i, int k) {
    double sum = 0;
    for (int column = Math.max(0, i - half); column <= k + half; column++) {
      sum += get(i, column) * get(k, column);
    }
    return sum;
  }
}
