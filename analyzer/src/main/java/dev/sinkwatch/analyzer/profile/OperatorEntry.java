package dev.sinkwatch.analyzer.profile;

import dev.sinkwatch.analyzer.sinkhorn.Construction;
import dev.sinkwatch.analyzer.sinkhorn.KroneckerFactors;
import dev.sinkwatch.analyzer.sinkhorn.OrthogonalSquares;
import dev.sinkwatch.analyzer.sinkhorn.PermutationMix;
import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.ingest.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The part {@code operator} of a rule in a profile's file. Stateless. */
final class OperatorEntry {
  private static final String PERMUTATIONS = "permutations";
  private static final String KRONECKER = "kronecker";
  private static final String ORTHOSTOCHASTIC = "orthostochastic";
  private static final int MOST_STEPS = 100;
  private static final double MOST_FACTOR = 100;

  private OperatorEntry() {}

  static Construction read(Entry rule, Kind kind) throws ProfileException {
    if (kind == Kind.SINKHORN_LOGITS) {
      return ofLogits(rule.get("operator"));
    }
    Optional<Entry> entry = rule.find("operator");
    if (entry.isPresent()) {
      throw entry.get().wrong("only a rule of kind sinkhorn-logits makes an operator");
    }
    return Projection.SITE; // never asked for
  }

  private static Construction ofLogits(Entry entry) throws ProfileException {
    Entry method = entry.get("method");
    switch (method.text()) {
      case PERMUTATIONS -> {
        entry.allow(Set.of("method"));
        return new PermutationMix();
      }
      case KRONECKER -> {
        entry.allow(Set.of("method"));
        return new KroneckerFactors();
      }
      case ORTHOSTOCHASTIC -> {
        entry.allow(Set.of("method", "steps", "epsilon"));
        return new OrthogonalSquares(steps(entry.get("steps")), epsilon(entry));
      }
      default -> entry.allow(Set.of("method", "iterations", "temperature", "epsilon"));
    }
    Projection.Method sinkhorn =
        method.choice(
            Projection.Method::named,
            Stream.concat(
                    Arrays.stream(Projection.Method.values()).map(Projection.Method::wireName),
                    Stream.of(PERMUTATIONS, KRONECKER, ORTHOSTOCHASTIC))
                .toList());
    return new Projection(
        sinkhorn,
        entry.get("iterations").integer(1, 1_000_000),
        positive(entry.find("temperature").orElse(null), 1),
        epsilon(entry));
  }

  private static List<OrthogonalSquares.Step> steps(Entry entry) throws ProfileException {
    List<OrthogonalSquares.Step> steps = new ArrayList<>();
    for (Entry step : entry.list()) {
      List<Entry> factors = step.list();
      if (factors.size() != 3) {
        throw step.wrong("a step is three numbers: of X, X X'X and (X X')^2 X");
      }
      steps.add(
          new OrthogonalSquares.Step(
              factors.get(0).number(-MOST_FACTOR, MOST_FACTOR),
              factors.get(1).number(-MOST_FACTOR, MOST_FACTOR),
              factors.get(2).number(-MOST_FACTOR, MOST_FACTOR)));
    }
    if (steps.isEmpty() || steps.size() > MOST_STEPS) {
      throw entry.wrong("1 to " + MOST_STEPS + " steps");
    }
    if (!OrthogonalSquares.staysBounded(steps)) {
      throw entry.wrong("these steps make numbers without end of singular values from 0 to 1");
    }
    return steps;
  }

  private static double epsilon(Entry entry) throws ProfileException {
    return entry.find("epsilon").isPresent() ? entry.get("epsilon").number(0, 1) : 0;
  }

  private static double positive(@Nullable Entry entry, double otherwise) throws ProfileException {
    if (entry == null) {
      return otherwise;
    }
    double value = entry.number(0, 1e100);
    if (value == 0) {
      throw entry.wrong("a temperature is above 0");
    }
    return value;
  }
}
