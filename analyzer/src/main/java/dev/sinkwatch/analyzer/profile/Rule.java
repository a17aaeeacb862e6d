package dev.sinkwatch.analyzer.profile;

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
 * @param derivation of the operators from the tensor's values; of tensors that are recognised by
 *     their values nobody asks for it
 * @param marginals of tensors that are recognised by their values
 * @param with other tensors that the operators are made of as well; null when there are none
 * @param place where it stands in a user's file; null for those that come with sinkwatch
 */
public record Rule(
    Pattern tensor,
    @Nullable Shape shape,
    Kind kind,
    Observability observability,
    Derivation derivation,
    PlanMarginals marginals,
    @Nullable SiteTensors with,
    @Nullable String place) {

  /** The rule of a tensor that is published as logits and that no profile knows. */
  public static final Rule PUBLISHED_LOGITS = unnamed(Kind.SINKHORN_LOGITS);

  /** The rule of a transport plan that no profile knows: uniform marginals, and a mass of 1. */
  public static final Rule PUBLISHED_PLAN = unnamed(Kind.TRANSPORT_PLAN);

  private static Rule unnamed(Kind kind) {
    return new Rule(
        Pattern.compile(".*", Pattern.DOTALL),
        null,
        kind,
        Observability.EXACT,
        Derivation.SITE,
        PlanMarginals.UNIFORM,
        null,
        null);
  }

  /** The same with another share of the operator. */
  public Rule withShare(double a) {
    return with(derivation.withShare(a), with);
  }

  /** The same, of which no tensor tells how the logits depend on the token. */
  Rule withoutTokens() {
    return with == null || with.tokens() == null ? this : with(derivation, null);
  }

  private Rule with(Derivation changed, @Nullable SiteTensors others) {
    return new Rule(tensor, shape, kind, observability, changed, marginals, others, place);
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
    return derivation.inWords() + ", seen as " + observability.wireName();
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
    if (byValues() || derivation.size(found).isPresent()) {
      return Optional.empty();
    }
    LogitsPart logits = derivation.logits();
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
}
