package dev.sinkwatch.analyzer.spectrum;

import java.util.List;
import org.ejml.data.DMatrixRMaj;

/**
 * H H' of the band H = [T - x I, beta_k'] of a block Lanczos run: block row j of H is beta_{j-1},
 * alpha_j - x, beta_j'. Positive definite for x above the largest eigenvalue of T, at least (x -
 * theta)²; Cholesky within the band. For one thread.
 */
final class Pentadiagonal {

  /** Columns that are worked on at once: what is multiplied has a multiple of as many. */
  static final int TOGETHER = 4;

  private final int size;
  private final int half; // entries of H left and right of the diagonal
  private final double[] h; // row i of H: columns i - half to i + half
  private final int columns;
  private final int band; // entries of the factor left of the diagonal
  private final int w;
  private final double[] l; // the factor's row i: columns i - band to i
  private final double[] sums = new double[TOGETHER];

  /**
   * @param beta the last one's rows are columns of H beyond T
   */
  Pentadiagonal(List<DMatrixRMaj> alpha, List<DMatrixRMaj> beta, double x) {
    int two = 0;
    int three = 0;
    int rows = 0;
    for (int j = 0; j < alpha.size(); j++) {
      int b = alpha.get(j).numRows;
      int below = beta.get(j).numRows;
      int before = j == 0 ? 0 : alpha.get(j - 1).numRows;
      two = Math.max(two, b + below);
      three = Math.max(three, before + b + below);
      rows += b;
    }
    this.size = rows;
    this.half = two - 1;
    this.h = new double[size * (2 * half + 1)];
    this.columns = size + beta.getLast().numRows;
    this.band = three - 1;
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

  /** Columns of H. */
  int columns() {
    return columns;
  }

  /** H z. */
  DMatrixRMaj times(DMatrixRMaj z) {
    int b = z.numCols;
    DMatrixRMaj product = new DMatrixRMaj(size, b);
    for (int i = 0; i < size; i++) {
      int from = Math.max(0, i - half);
      int to = Math.min(columns, i + half + 1);
      for (int c = 0; c < b; c += TOGETHER) {
        combine(h, i * (2 * half + 1) + half + from - i, 1, z.data, from, to, b, c);
        System.arraycopy(sums, 0, product.data, i * b + c, TOGETHER);
      }
    }
    return product;
  }

  /** z -= H'y. */
  void subtractTransposeTimes(DMatrixRMaj y, DMatrixRMaj z) {
    int b = y.numCols;
    for (int k = 0; k < columns; k++) {
      int from = Math.max(0, k - half);
      int to = Math.min(size, k + half + 1);
      for (int c = 0; c < b; c += TOGETHER) {
        combine(h, from * (2 * half + 1) + half + k - from, 2 * half, y.data, from, to, b, c);
        for (int u = 0; u < TOGETHER; u++) {
          z.data[k * b + c + u] -= sums[u];
        }
      }
    }
  }

  /**
   * Sums over i of {@code factors[at + (i - from) * stride]} times row i of {@code x}, for {@value
   * #TOGETHER} columns from c on: side by side, since one sum alone waits for its own last
   * addition.
   */
  private void combine(
      double[] factors, int at, int stride, double[] x, int from, int to, int b, int c) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int row = from * b + c;
    for (int i = from; i < to; i++) {
      double factor = factors[at];
      sum0 += factor * x[row];
      sum1 += factor * x[row + 1];
      sum2 += factor * x[row + 2];
      sum3 += factor * x[row + 3];
      at += stride;
      row += b;
    }
    sums[0] = sum0;
    sums[1] = sum1;
    sums[2] = sum2;
    sums[3] = sum3;
  }

  /** Whether H H' is positive definite, as far as rounding lets it be seen; then it is factored. */
  boolean factor() {
    for (int i = 0; i < size; i++) {
      int from = Math.max(0, i - band);
      for (int k = from; k <= i; k++) {
        // entry (i, k) of H H'
        int first = Math.max(0, i - half);
        int count = Math.max(0, Math.min(columns, k + half + 1) - first);
        double sum =
            dot(
                h,
                i * (2 * half + 1) + half + first - i,
                k * (2 * half + 1) + half + first - k,
                count);
        sum -= dot(l, i * w + band - i + from, k * w + band - k + from, k - from);
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
    for (int i = 0; i < size; i++) {
      int from = Math.max(0, i - band);
      for (int c = 0; c < b; c += TOGETHER) {
        combine(l, i * w + band - i + from, 1, y.data, from, i, b, c);
        solved(y.data, i, i * b + c);
      }
    }
    for (int i = size - 1; i >= 0; i--) {
      int to = Math.min(size, i + band + 1);
      for (int c = 0; c < b; c += TOGETHER) {
        combine(l, (i + 1) * w + band - 1, band, y.data, i + 1, to, b, c);
        solved(y.data, i, i * b + c);
      }
    }
  }

  private void solved(double[] y, int i, int at) {
    double diagonal = l[i * w + band];
    for (int u = 0; u < TOGETHER; u++) {
      y[at + u] = (y[at + u] - sums[u]) / diagonal;
    }
  }

  /** Four sums side by side, for the reason of {@link #combine}. */
  private static double dot(double[] x, int left, int right, int count) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int i = 0;
    for (; i <= count - TOGETHER; i += TOGETHER) {
      sum0 += x[left + i] * x[right + i];
      sum1 += x[left + i + 1] * x[right + i + 1];
      sum2 += x[left + i + 2] * x[right + i + 2];
      sum3 += x[left + i + 3] * x[right + i + 3];
    }
    for (; i < count; i++) {
      sum0 += x[left + i] * x[right + i];
    }
    return sum0 + sum1 + (sum2 + sum3);
  }
}
