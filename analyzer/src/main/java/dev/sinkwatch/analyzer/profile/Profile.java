package dev.sinkwatch.analyzer.profile;

import dev.sinkwatch.ingest.Shape;
import java.util.List;
import java.util.Optional;

/**
 * A named set of rules for one model family. Immutable.
 *
 * @param name as {@code --profile} takes it
 * @param version counts the changes of its rules, from 1
 * @param about one line for a person
 * @param source where its code is
 */
public record Profile(String name, int version, String about, String source, List<Rule> rules)
    implements Profiles.Lookup {

  /** Tells whose rule decided. */
  public record Match(String profile, Rule rule, List<Integer> order) {}

  /** Whether a rule tells how logits depend on the token. */
  public boolean tokens() {
    return rules.stream().anyMatch(rule -> rule.with() != null && rule.with().tokens() != null);
  }

  /** The same without that. */
  Profile withoutTokens() {
    return new Profile(
        name, version, about, source, rules.stream().map(Rule::withoutTokens).toList());
  }

  /** The first rule that knows a layer of that name and fits its shape, else one of that name. */
  @Override
  public Optional<Match> match(String layer, Shape shape) {
    Optional<Match> named = Optional.empty();
    for (Rule rule : rules) {
      Optional<Match> match = rule.match(layer).map(order -> new Match(name, rule, order));
      if (match.isPresent() && rule.fits(shape)) {
        return match;
      }
      named = named.or(() -> match);
    }
    return named;
  }

  @Override
  public Optional<SitePart> part(String layer) {
    return rules.stream().flatMap(rule -> rule.part(layer).stream()).findFirst();
  }
}
