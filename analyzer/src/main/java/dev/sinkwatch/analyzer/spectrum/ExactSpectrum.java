package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.spectrum.Jacobi.Column;

/**
 * What is asked of a small operator P, to rounding.
 *
 * <p>A Householder reflection H takes the constant vector to the first axis, so that HPH = [[m,
 * l'], [k, D]] with ||D|| = ||QPQ||. First the columns of D are made orthogonal, their rotations
 * carried through l as well; then all columns, which with nearly exact marginals (k and l nearly 0)
 * is little more than a look. Golub and Van Loan, Matrix Computations, 4th ed., section 5.1.
 *
 * @param gain ||QPQ||, the detail gain
 */
public record ExactSpectrum(double gain, double sigma1, double sigma2) {

  /**
   * @param p n x n, row-major, finite; not changed
   * @param n 2 or more
   */
  public static ExactSpectrum of(double[] p, int n) {
    double scale = 0;
    for (double value : p) {
      scale = Math.max(scale, Math.abs(value));
    }
    if (scale == 0) {
      return new ExactSpectrum(0, 0, 0);
    }
    double[] a = reflected(p, n, scale);
    Column[] detail = new Column[n - 1];
    for (int j = 1; j < n; j++) {
      Column column = new Column(n - 1);
      for (int i = 1; i < n; i++) {
        column.body[i - 1] = a[i * n + j];
      }
      column.head = a[j];
      detail[j - 1] = column;
    }
    Jacobi.orthogonalise(detail);
    double gain = 0;
    Column[] whole = new Column[n];
    whole[0] = new Column(n);
    for (int i = 0; i < n; i++) {
      whole[0].body[i] = a[i * n];
    }
    for (int j = 1; j < n; j++) {
      Column part = detail[j - 1];
      gain = Math.max(gain, part.square);
      whole[j] = new Column(n);
      whole[j].body[0] = part.head;
      System.arraycopy(part.body, 0, whole[j].body, 1, n - 1);
    }
    Jacobi.orthogonalise(whole);
    double first = 0;
    double second = 0;
    for (Column column : whole) {
      second = Math.max(second, Math.min(first, column.square));
      first = Math.max(first, column.square);
    }
    return new ExactSpectrum(
        scale * Math.sqrt(gain), scale * Math.sqrt(first), scale * Math.sqrt(second));
  }

  /** H (P / scale) H with H = I - ww'/(1 - 1/sqrt(n)), w = e_1 - 1/sqrt(n). */
  private static double[] reflected(double[] p, int n, double scale) {
    double[] a = new double[n * n];
    for (int i = 0; i < a.length; i++) {
      a[i] = p[i] / scale;
    }
    for (int i = 0; i < n; i++) {
      reflect(a, i * n, 1, n);
    }
    for (int j = 0; j < n; j++) {
      reflect(a, j, n, n);
    }
    return a;
  }

  private static void reflect(double[] a, int at, int stride, int n) {
    double root = 1 / Math.sqrt(n);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += a[at + i * stride];
    }
    double along = (a[at] - sum * root) / (1 - root);
    a[at] -= along;
    for (int i = 0; i < n; i++) {
      a[at + i * stride] += along * root;
    }
  }
}
