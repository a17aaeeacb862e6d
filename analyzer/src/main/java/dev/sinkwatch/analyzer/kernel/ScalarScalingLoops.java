package dev.sinkwatch.analyzer.kernel;

/** The loops in plain Java. */
final class ScalarScalingLoops implements ScalingLoops {

  @Override
  public void products(double[] k, int at, int n, int rows, double[] v, double[] sums, int first) {
    for (int r = 0; r < rows; r++) {
      sums[first + r] = product(k, at + r * n, n, v);
    }
  }

  /** With four sums in flight, since each addition waits for the one before. */
  private static double product(double[] k, int at, int n, double[] v) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int j = 0;
    for (; j < n - 3; j += 4) {
      a += k[at + j] * v[j];
      b += k[at + j + 1] * v[j + 1];
      c += k[at + j + 2] * v[j + 2];
      d += k[at + j + 3] * v[j + 3];
    }
    for (; j < n; j++) {
      a += k[at + j] * v[j];
    }
    return (a + b) + (c + d);
  }

  @Override
  public void accumulate(
      double[] k, int at, int n, int rows, double[] u, int first, double[] totals) {
    for (int r = 0; r < rows; r++) {
      double factor = u[first + r];
      int row = at + r * n;
      for (int j = 0; j < n; j++) {
        totals[j] += factor * k[row + j];
      }
    }
  }

  @Override
  public double largest(double[] z, int at, int n, double scale, double[] g) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < n; j++) {
      largest = Math.max(largest, scale * z[at + j] + g[j]);
    }
    return largest;
  }

  @Override
  public double smallest(double[] k, int at, int n) {
    double smallest = Double.POSITIVE_INFINITY;
    for (int j = 0; j < n; j++) {
      smallest = Math.min(smallest, k[at + j]);
    }
    return smallest;
  }

  @Override
  public void raise(double[] z, int at, int n, double scale, double shift, double[] tops) {
    for (int j = 0; j < n; j++) {
      tops[j] = Math.max(tops[j], scale * z[at + j] + shift);
    }
  }

  @Override
  public void exp(double[] z, int at, int n, double scale, double shift, double[] g, double[] k) {
    for (int j = 0; j < n; j++) {
      k[at + j] = exp(scale * z[at + j] + (shift + g[j]));
    }
  }

  static double exp(double x) {
    return x < -LARGEST_EXPONENT ? 0 : Math.exp(Math.min(x, LARGEST_EXPONENT));
  }
}
