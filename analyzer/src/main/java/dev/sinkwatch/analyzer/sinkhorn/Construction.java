package dev.sinkwatch.analyzer.sinkhorn;

import dev.sinkwatch.analyzer.kernel.Team;

/** How a model makes an n x n operator of coefficients. Immutable; safe for use by threads. */
public sealed interface Construction
    permits KroneckerFactors, OrthogonalSquares, PermutationMix, Projection {

  /** How many coefficients an operator of that size takes; 0 when there is none of that size. */
  long coefficients(int n);

  /**
   * Makes the operator, before any transpose.
   *
   * @param coefficients {@link #coefficients} of them, finite; not changed
   * @param tolerance residual below which a scaling counts as converged
   * @param team shares the passes of a large matrix; the bits do not depend on it
   */
  Projected project(double[] coefficients, int n, double tolerance, Team team);

  /** As a person would say it, in a few words. */
  String inWords();

  /** The size of an operator that takes so many coefficients; 0 when there is none. */
  default int sizeOf(long coefficients) {
    for (int n = 1; n <= coefficients && n < MOST; n++) {
      long wanted = coefficients(n);
      if (wanted == coefficients) {
        return n;
      }
      if (wanted > coefficients) {
        return 0;
      }
    }
    return 0;
  }

  /** No operator has so many rows. */
  int MOST = 1 << 16;
}
