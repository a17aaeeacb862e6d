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
  private final int columns;
  private final int band; // entries of the factor left of the diagonal
  private final int w;
  private final double[] l; // the factor's row i: columns i - band to i

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
    this.columns = size + beta.getLast().numRows;
    this.band = 2 * half;
    this.w = band + 1;
    this.l = new double[size * w];
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

  /** Columns of H. */
  int columns() {
    return columns;
  }

  /** H z. */
  DMatrixRMaj times(DMatrixRMaj z) {
    DMatrixRMaj product = new DMatrixRMaj(size, z.numCols);
    for (int i = 0; i < size; i++) {
      for (int k = Math.max(0, i - half); k <= Math.min(columns - 1, i + half); k++) {
        double factor = get(i, k);
        for (int c = 0; c < z.numCols; c++) {
          product.data[i * z.numCols + c] += factor * z.data[k * z.numCols + c];
        }
      }
    }
    return product;
  }

  /** z -= H'y. */
  void subtractTransposeTimes(DMatrixRMaj y, DMatrixRMaj z) {
    for (int i = 0; i < size; i++) {
      for (int k = Math.max(0, i - half); k <= Math.min(columns - 1, i + half); k++) {
        double factor = get(i, k);
        for (int c = 0; c < z.numCols; c++) {
          z.data[k * z.numCols + c] -= factor * y.data[i * z.numCols + c];
        }
      }
    }
  }

  /** Whether H H' is positive definite, as far as rounding lets it be seen; then it is factored. */
  boolean factor() {
    for (int i = 0; i < size; i++) {
      int from = Math.max(0, i - band);
      for (int k = from; k <= i; k++) {
        double sum = product(i, k);
        int left = i * w + band - i;
        int right = k * w + band - k;
        for (int m = Math.max(from, k - band); m < k; m++) {
          sum -= l[left + m] * l[right + m];
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
    return true;
  }

  /** y becomes (H H')^-1 y by the factors. */
  void solve(DMatrixRMaj y) {
    int b = y.numCols;
    double[] values = y.data;
    for (int i = 0; i < size; i++) {
      for (int k = Math.max(0, i - band); k < i; k++) {
        double factor = l[i * w + band - (i - k)];
        for (int c = 0; c < b; c++) {
          values[i * b + c] -= factor * values[k * b + c];
        }
      }
      for (int c = 0; c < b; c++) {
        values[i * b + c] /= l[i * w + band];
      }
    }
    for (int i = size - 1; i >= 0; i--) {
      for (int c = 0; c < b; c++) {
        values[i * b + c] /= l[i * w + band];
      }
      for (int k = Math.max(0, i - band); k < i; k++) {
        double factor = l[i * w + band - (i - k)];
        for (int c = 0; c < b; c++) {
          values[k * b + c] -= factor * values[i * b + c];
        }
      }
    }
  }

  /** Entry (i, k) of H H', k at most i. */
  private double product(int i, int k) {
    int first = Math.max(0, i - half);
    int count = k + half - first;
    int left = i * (2 * half + 1) + half + first - i;
    int right = k * (2 * half + 1) + half + first - k;
    double sum = 0;
    for (int c = 0; c <= count; c++) {
      sum += h[left + c] * h[right + c];
    }
    return sum;
  }
}
