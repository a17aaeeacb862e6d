package dev.sinkwatch.analyzer.sinkhorn;

import dev.sinkwatch.analyzer.kernel.Team;

/**
 * A convex combination of all n! permutation matrices, weighted by the softmax of n! coefficients:
 * doubly stochastic whatever the coefficients (Birkhoff 1946). Permutations come in lexicographic
 * order, the identity first; row i of a permutation's matrix has its 1 in the column that it maps i
 * to. "mHC-lite: You Don't Need 20 Sinkhorn-Knopp Iterations", arXiv:2601.05732.
 */
public record PermutationMix() implements Construction {

  /** 8! = 40320 coefficients; 9 streams would have 362880. */
  private static final int MOST_STREAMS = 8;

  @Override
  public long coefficients(int n) {
    long factorial = 1;
    for (int i = 2; i <= n && n <= MOST_STREAMS; i++) {
      factorial *= i;
    }
    return n <= MOST_STREAMS ? factorial : 0;
  }

  /** Sizes that begin at 2: one stream has one permutation, and nothing to mix. */
  @Override
  public int sizeOf(long coefficients) {
    for (int n = 2; n <= MOST_STREAMS; n++) {
      if (coefficients(n) == coefficients) {
        return n;
      }
    }
    return 0;
  }

  @Override
  public Projected project(double[] coefficients, int n, double tolerance, Team team) {
    Softmax weights = Softmax.of(coefficients, 0, coefficients.length);
    double[] p = new double[n * n];
    int[] permutation = new int[n];
    for (int i = 0; i < n; i++) {
      permutation[i] = i;
    }
    for (double weight : weights.values()) {
      for (int i = 0; i < n; i++) {
        p[i * n + permutation[i]] += weight;
      }
      advance(permutation);
    }
    return new Projected(p, Convergence.NONE, weights.spread());
  }

  @Override
  public String inWords() {
    return "softmax over all permutations";
  }

  /** To the next permutation in lexicographic order; the last one is followed by the first. */
  private static void advance(int[] permutation) {
    int pivot = permutation.length - 2;
    while (pivot >= 0 && permutation[pivot] > permutation[pivot + 1]) {
      pivot--;
    }
    if (pivot >= 0) {
      int larger = permutation.length - 1;
      while (permutation[larger] < permutation[pivot]) {
        larger--;
      }
      swap(permutation, pivot, larger);
    }
    for (int i = pivot + 1, j = permutation.length - 1; i < j; i++, j--) {
      swap(permutation, i, j);
    }
  }

  private static void swap(int[] permutation, int i, int j) {
    int at = permutation[i];
    permutation[i] = permutation[j];
    permutation[j] = at;
  }
}
