package dev.sinkwatch.analyzer.profile;

import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.sinkhorn.Construction;
import dev.sinkwatch.analyzer.sinkhorn.Projected;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.ingest.Shape;
import java.util.Optional;

/**
 * How a tensor's values become the operators that the model applies.
 *
 * @param logits where the tensor holds what an operator is made of
 * @param construction how that becomes a doubly stochastic matrix
 * @param transpose whether the model applies the transpose of that matrix
 * @param share a in (1 - a) I + a P, between 0 and 1
 */
public record Derivation(
    LogitsPart logits, Construction construction, boolean transpose, double share) {

  /** Of logits that no profile knows. */
  static final Derivation SITE = new Derivation(LogitsPart.Place.MATRIX, Projection.SITE, false, 1);

  /** Rows and columns of a tile: two tiles fit the first cache. */
  private static final int TILE = 32;

  /** The same with another share. */
  Derivation withShare(double a) {
    return new Derivation(logits, construction, transpose, a);
  }

  /** n of the operators that a tensor of that shape makes; empty when it makes none. */
  public Optional<Integer> size(Shape shape) {
    return logits.size(shape, construction);
  }

  /** How many numbers an operator of size n is made of. */
  public long coefficients(int n) {
    return construction.coefficients(n);
  }

  /** How many operators a tensor of that shape, which makes some of size n, makes. */
  public int batch(Shape shape, int n) {
    return logits.batch(shape, coefficients(n));
  }

  /** For a person. */
  String inWords() {
    return "%s of its %s%s%s"
        .formatted(
            construction.inWords(),
            logits.wireName(),
            transpose ? ", transposed" : "",
            share < 1 ? ", mixed with the identity at " + share : "");
  }

  /**
   * The operator as the model applies it, with how fast its scaling converges.
   *
   * @param coefficients of one operator, finite; not changed
   * @param tolerance residual below which the scaling counts as converged
   * @param team shares the passes of a large matrix
   */
  public Projected operator(double[] coefficients, int n, double tolerance, Team team) {
    Projected projected = construction.project(coefficients, n, tolerance, team);
    double[] p = projected.matrix();
    if (transpose) {
      transpose(p, n);
    }
    if (share < 1) {
      for (int i = 0; i < p.length; i++) {
        p[i] = share * p[i] + (i % (n + 1) == 0 ? 1 - share : 0);
      }
    }
    return projected;
  }

  /** In place, tile by tile, since a column of a large matrix is a cache miss an element. */
  private static void transpose(double[] p, int n) {
    for (int top = 0; top < n; top += TILE) {
      for (int left = 0; left <= top; left += TILE) {
        for (int i = top; i < Math.min(n, top + TILE); i++) {
          for (int j = left; j < Math.min(i, left + TILE); j++) {
            double below = p[i * n + j];
            p[i * n + j] = p[j * n + i];
            p[j * n + i] = below;
          }
        }
      }
    }
  }
}
