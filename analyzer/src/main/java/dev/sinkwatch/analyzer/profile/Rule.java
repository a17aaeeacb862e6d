package dev.sinkwatch.analyzer.profile;

import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.sinkhorn.Projected;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.ingest.Observability;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which tensors of a model family are the logits of its mixers, and how they become the operator.
 *
 * @param layer matches the whole name of such a tensor; its group {@code index} is the block's
 *     number, its group {@code site}, if it has one, the place within the block
 * @param logits where the tensor holds the logits
 * @param transpose whether the model applies the transpose of the projected matrix
 * @param share a in (1 - a) I + a P, between 0 and 1
 */
public record Rule(
    Pattern layer,
    Observability observability,
    LogitsPart logits,
    Projection projection,
    boolean transpose,
    double share) {

  /** The rule of a tensor that is published as logits and that no profile knows. */
  public static final Rule PUBLISHED_LOGITS =
      new Rule(
          Pattern.compile("(?<index>)(?<site>).*"),
          Observability.EXACT,
          LogitsPart.MATRIX,
          Projection.SITE,
          false,
          1);

  /** Rows and columns of a tile: two tiles fit the first cache. */
  private static final int TILE = 32;

  /** The layer's place in the network, if the rule knows that name. */
  public Optional<List<Integer>> match(String name) {
    Matcher match = layer.matcher(name);
    if (!match.matches()) {
      return Optional.empty();
    }
    try {
      String site = layer.namedGroups().containsKey("site") ? match.group("site") : "";
      return Optional.of(
          List.of(Integer.parseInt(match.group("index")), Site.rank(site == null ? "" : site)));
    } catch (NumberFormatException tooLarge) {
      return Optional.empty(); // no network has 2^31 blocks: not this family's tensor
    }
  }

  /**
   * The operator as the model applies it, with how fast its scaling converges.
   *
   * @param logits n x n, row-major, finite; not changed
   * @param tolerance residual below which the scaling counts as converged
   * @param team shares the passes of a large matrix
   */
  public Projected operator(double[] logits, int n, double tolerance, Team team) {
    Projected projected = projection.project(logits, n, tolerance, team);
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
