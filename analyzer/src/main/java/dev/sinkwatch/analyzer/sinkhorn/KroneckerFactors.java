package dev.sinkwatch.analyzer.sinkhorn;

import dev.sinkwatch.analyzer.kernel.Team;

/**
 * The Kronecker product of log2(n) factors p I + (1 - p) X, where X swaps two streams and (p, 1 -
 * p) is the softmax of two coefficients: doubly stochastic whatever the coefficients, for n a power
 * of two. The first pair is the outermost factor. "KromHC: Manifold-Constrained Hyper-Connections
 * with Kronecker-Product Residual Matrices", arXiv:2601.21579.
 */
public record KroneckerFactors() implements Construction {

  private static final int MOST_FACTORS = 12;

  @Override
  public long coefficients(int n) {
    boolean power = n >= 2 && Integer.bitCount(n) == 1 && n <= 1 << MOST_FACTORS;
    return power ? 2L * Integer.numberOfTrailingZeros(n) : 0;
  }

  @Override
  public int sizeOf(long coefficients) {
    return coefficients % 2 == 0 && coefficients >= 2 && coefficients <= 2L * MOST_FACTORS
        ? 1 << (coefficients / 2)
        : 0;
  }

  /**
   * Its saturation is that of the most decided factor.
   *
   * <p>{@inheritDoc}
   */
  @Override
  public Projected project(double[] coefficients, int n, double tolerance, Team team) {
    double[] stay = new double[coefficients.length / 2];
    double spread = 0;
    for (int k = 0; k < stay.length; k++) {
      Softmax pair = Softmax.of(coefficients, 2 * k, 2);
      stay[k] = pair.values()[0];
      spread = Math.max(spread, pair.spread());
    }
    double[] p = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double product = 1;
        for (int k = 0; k < stay.length; k++) {
          boolean swapped = ((i ^ j) >> (stay.length - 1 - k) & 1) == 1;
          product *= swapped ? 1 - stay[k] : stay[k];
        }
        p[i * n + j] = product;
      }
    }
    return new Projected(p, Convergence.NONE, spread);
  }

  @Override
  public String inWords() {
    return "Kronecker product of 2 x 2 factors";
  }
}
