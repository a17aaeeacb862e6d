package dev.sinkwatch.analyzer.profile;

import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.sinkhorn.Construction;
import dev.sinkwatch.analyzer.sinkhorn.Projected;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.Shape;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which tensors of a model family hold operators, and how they become what the model applies.
 *
 * @param tensor matches the whole name of such a tensor; its group {@code index} is the block's
 *     number, its group {@code site}, if it has one, the place within the block
 * @param shape the only shape that such a tensor may have; null when any will do
 * @param kind {@code sinkhorn-logits}, or {@code doubly-stochastic} or {@code transport-plan} for
 *     tensors that are recognised by their values
 * @param logits where the tensor holds what the operator is made of
 * @param construction how that becomes a doubly stochastic matrix
 * @param transpose whether the model applies the transpose of that matrix
 * @param share a in (1 - a) I + a P, between 0 and 1
 * @param marginals of tensors that are recognised by their values
 * @param with other tensors that the operators are made of as well; null when there are none
 * @param place where it stands in a user's file; null for those that come with sinkwatch
 */
public record Rule(
    Pattern tensor,
    @Nullable Shape shape,
    Kind kind,
    Observability observability,
    LogitsPart logits,
    Construction construction,
    boolean transpose,
    double share,
    PlanMarginals marginals,
    @Nullable SiteTensors with,
    @Nullable String place) {

  /** The rule of a tensor that is published as logits and that no profile knows. */
  public static final Rule PUBLISHED_LOGITS = unnamed(Kind.SINKHORN_LOGITS);

  /** The rule of a transport plan that no profile knows: uniform marginals, and a mass of 1. */
  public static final Rule PUBLISHED_PLAN = unnamed(Kind.TRANSPORT_PLAN);

  /** Rows and columns of a tile: two tiles fit the first cache. */
  private static final int TILE = 32;

  private static Rule unnamed(Kind kind) {
    return new Rule(
        Pattern.compile(".*", Pattern.DOTALL),
        null,
        kind,
        Observability.EXACT,
        LogitsPart.Place.MATRIX,
        Projection.SITE,
        false,
        1,
        PlanMarginals.UNIFORM,
        null,
        null);
  }

  /** The same with another share. */
  public Rule withShare(double a) {
    return new Rule(
        tensor,
        shape,
        kind,
        observability,
        logits,
        construction,
        transpose,
        a,
        marginals,
        with,
        place);
  }

  /** The same, of which no tensor tells how the logits depend on the token. */
  Rule withoutTokens() {
    return with == null || with.tokens() == null
        ? this
        : new Rule(
            tensor,
            shape,
            kind,
            observability,
            logits,
            construction,
            transpose,
            share,
            marginals,
            null,
            place);
  }

  /** What a tensor of that name would be to the operators of another one. */
  public Optional<SitePart> part(String name) {
    return with == null ? Optional.empty() : with.part(name, this);
  }

  /** Whether a tensor is taken for an operator only when its values look like one. */
  public boolean byValues() {
    return kind != Kind.SINKHORN_LOGITS;
  }

  /** What it makes of such a tensor, for a person. */
  public String inWords() {
    if (byValues()) {
      return "%s with %s marginals, if its values look like it, seen as %s"
          .formatted(kind.wireName(), marginals.wireName(), observability.wireName());
    }
    return "%s of its %s%s%s, seen as %s"
        .formatted(
            construction.inWords(),
            logits.wireName(),
            transpose ? ", transposed" : "",
            share < 1 ? ", mixed with the identity at " + share : "",
            observability.wireName());
  }

  /** What other tensors make of it, for a person; empty when there are none. */
  public Optional<String> othersInWords() {
    if (with == null) {
      return Optional.empty();
    }
    String ends = String.join(", ", new TreeSet<>(with.ends().values())).replace("|", " or ");
    return Optional.of(
        ends
            + " in place of "
            + with.end()
            + (with.tokens() == null ? ": mixed with the identity" : ": seen as isotropic-proxy"));
  }

  /** Whether a tensor of that shape can be what the rule says. */
  public boolean fits(Shape found) {
    return misfit(found).isEmpty();
  }

  /** Why a tensor of that shape cannot be what the rule says; empty when it can. */
  public Optional<String> misfit(Shape found) {
    if (shape != null && !shape.equals(found)) {
      return Optional.of("it is for tensors of shape [%s], not [%s]".formatted(shape, found));
    }
    if (byValues() || logits.size(found, construction).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        logits instanceof LogitsPart.Slice slice && slice.to() > found.elements()
            ? "slice %s is out of the %d values of [%s]"
                .formatted(slice.wireName(), found.elements(), found)
            : "a tensor of shape [%s] holds no logits as %s".formatted(found, logits.wireName()));
  }

  /** The layer's place in the network, if the rule knows that name. */
  public Optional<List<Integer>> match(String name) {
    Matcher match = tensor.matcher(name);
    if (!match.matches()) {
      return Optional.empty();
    }
    try {
      if (!tensor.namedGroups().containsKey("index")) {
        return Optional.of(Site.order(name));
      }
      String site = tensor.namedGroups().containsKey("site") ? match.group("site") : "";
      return Optional.of(
          List.of(Integer.parseInt(match.group("index")), Site.rank(site == null ? "" : site)));
    } catch (NumberFormatException tooLarge) {
      return Optional.empty(); // no network has 2^31 blocks: not this family's tensor
    }
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
