package dev.sinkwatch.analyzer.kernel;

/** Plain loops, in four chains, since each addition waits for the one before it. */
final class ScalarRotationLoops implements RotationLoops {

  @Override
  public double dot(double[] x, double[] y) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    for (int i = 0; i < x.length; i += 4) {
      s0 += x[i] * y[i];
      s1 += x[i + 1] * y[i + 1];
      s2 += x[i + 2] * y[i + 2];
      s3 += x[i + 3] * y[i + 3];
    }
    return (s0 + s1) + (s2 + s3);
  }

  @Override
  public void rotate(double[] x, double[] y, double cos, double sin) {
    for (int i = 0; i < x.length; i++) {
      double a = x[i];
      double b = y[i];
      x[i] = cos * a - sin * b;
      y[i] = sin * a + cos * b;
    }
  }
}
