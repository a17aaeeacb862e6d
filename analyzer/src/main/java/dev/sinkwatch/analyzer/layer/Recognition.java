package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.profile.Profile;
import dev.sinkwatch.analyzer.profile.Profiles;
import dev.sinkwatch.analyzer.profile.Rule;
import dev.sinkwatch.analyzer.profile.Site;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotHead;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a layer is: by what its publisher says, else by a profile's rule for its name, else by what
 * it was recognised as before, else by its values.
 *
 * @param profile whose rule decided, or {@code generic}
 * @param order place in the network
 * @param n operator size, 0 when there is no operator
 * @param rule how logits become the operator
 */
record Recognition(
    Kind kind, Observability observability, String profile, List<Integer> order, int n, Rule rule) {

  static Recognition of(
      SnapshotHead snapshot,
      TensorSurvey survey,
      LayerHistory history,
      Optional<Profile.Match> match)
      throws RejectedException {
    Hints hints = snapshot.hints();
    Kind kind = hints.kind();
    boolean ruled = match.isPresent() && (kind == null || kind == Kind.SINKHORN_LOGITS);
    if (kind == null) {
      kind = ruled ? Kind.SINKHORN_LOGITS : byValues(snapshot, survey, history);
    }
    Rule rule = ruled ? match.orElseThrow().rule() : Rule.PUBLISHED_LOGITS;
    int n = size(kind, rule, snapshot);
    if (kind.operator() && n == 1) {
      kind = Kind.IGNORE; // one stream has nothing to mix
    }
    return new Recognition(
        kind,
        Objects.requireNonNullElse(
            hints.observability(), ruled ? rule.observability() : Observability.EXACT),
        ruled ? match.orElseThrow().profile() : Profiles.GENERIC,
        kind.operator() ? order(snapshot, match) : List.of(),
        kind.operator() ? n : 0,
        rule);
  }

  /** Whether it holds logits of which nobody says what the model makes of them. */
  boolean projectionAssumed() {
    return kind == Kind.SINKHORN_LOGITS && rule.equals(Rule.PUBLISHED_LOGITS);
  }

  /** The same, whose operators are made of other tensors as well. */
  Recognition with(StepParts parts, SnapshotHead snapshot) {
    Double share = parts.share();
    boolean tokens = parts.tensors().tokens() != null;
    return new Recognition(
        kind,
        tokens
            ? Objects.requireNonNullElse(
                snapshot.hints().observability(), Observability.ISOTROPIC_PROXY)
            : observability,
        profile,
        order,
        n,
        share == null ? rule : rule.withShare(share));
  }

  /** A layer that is what a rule says, of square operators of size n, or 0. */
  static Recognition ruled(SnapshotHead snapshot, Profile.Match match, int n) {
    Hints hints = snapshot.hints();
    return new Recognition(
        match.rule().kind(),
        Objects.requireNonNullElse(hints.observability(), match.rule().observability()),
        match.profile(),
        order(snapshot, Optional.of(match)),
        n,
        match.rule());
  }

  /** What is taken for the match of a layer that no profile knows. */
  static Profile.Match unruled(SnapshotHead snapshot, Rule rule) {
    return new Profile.Match(Profiles.GENERIC, rule, Site.order(snapshot.id().layer()));
  }

  /**
   * What a layer will be taken for once all of its values have been seen, as far as can be told
   * before.
   */
  static Kind expected(Snapshot snapshot, LayerHistory history, Optional<Profile.Match> match)
      throws IOException {
    Kind kind = snapshot.hints().kind();
    if (kind != null) {
      return kind;
    }
    if (match.isPresent()) {
      return Kind.SINKHORN_LOGITS;
    }
    boolean stochastic =
        square(snapshot.shape())
            && (history.recognised() == Kind.DOUBLY_STOCHASTIC
                || TensorSurvey.beginsStochastic(snapshot));
    return stochastic ? Kind.DOUBLY_STOCHASTIC : Kind.DENSE;
  }

  /** Whether that holds whatever the values are. */
  static boolean certain(SnapshotHead snapshot, LayerHistory history) {
    return snapshot.hints().kind() != null || history.recognised() != null;
  }

  private static Kind byValues(SnapshotHead snapshot, TensorSurvey survey, LayerHistory history) {
    Shape shape = snapshot.shape();
    boolean matrix = shape.rank() >= 2 && shape.elements() > 1;
    if (snapshot.dtype().floating()) {
      if (survey.doublyStochastic()) {
        if (survey.nonFinite() > 0) {
          return Kind.DOUBLY_STOCHASTIC; // by what is left, which is not remembered
        }
        history.recognise(Kind.DOUBLY_STOCHASTIC);
      }
      if (history.recognised() != null && square(shape)) {
        return history.recognised();
      }
    }
    return matrix ? Kind.DENSE : Kind.IGNORE;
  }

  /**
   * n of the operators; 0 for what is none.
   *
   * @throws RejectedException when the kind does not fit the shape or the type
   */
  private static int size(Kind kind, Rule rule, SnapshotHead snapshot) throws RejectedException {
    Shape shape = snapshot.shape();
    if (kind.operator() && !snapshot.dtype().floating()) {
      throw unfit(kind, "integers");
    }
    return switch (kind) {
      case DOUBLY_STOCHASTIC -> {
        requireOperators(kind, snapshot);
        yield Math.toIntExact(shape.dimension(-1));
      }
      case SINKHORN_LOGITS -> {
        requireFit(rule, shape);
        yield rule.derivation()
            .size(shape)
            .filter(n -> shape.elements() > 0)
            .orElseThrow(() -> unfit(kind, "a tensor of shape [" + shape + "]"));
      }
      case DENSE -> {
        requireMatrix(kind, snapshot);
        yield 0;
      }
      case TRANSPORT_PLAN, IGNORE -> 0;
    };
  }

  /** What does not fit a user's own rule is told with the rule, which may be what is wrong. */
  private static void requireFit(Rule rule, Shape shape) throws RejectedException {
    Optional<String> misfit = rule.place() == null ? Optional.empty() : rule.misfit(shape);
    if (misfit.isPresent()) {
      throw new RejectedException(
          Reason.KIND_NOT_SHAPE, "%s: rule: %s".formatted(rule.place(), misfit.get()));
    }
  }

  static boolean square(Shape shape) {
    return shape.rank() >= 2 && shape.dimension(-1) == shape.dimension(-2);
  }

  /**
   * That a tensor may hold operators.
   *
   * @throws RejectedException when it cannot
   */
  static void requireOperators(Kind kind, SnapshotHead snapshot) throws RejectedException {
    if (!snapshot.dtype().floating()) {
      throw unfit(kind, "integers");
    }
    if (!square(snapshot.shape()) || snapshot.shape().elements() == 0) {
      throw unfit(kind, "a tensor of shape [" + snapshot.shape() + "]");
    }
  }

  /** That a tensor may be a matrix; likewise. */
  static void requireMatrix(Kind kind, SnapshotHead snapshot) throws RejectedException {
    if (snapshot.shape().rank() < 2) {
      throw unfit(kind, "a tensor of shape [" + snapshot.shape() + "]");
    }
  }

  private static RejectedException unfit(Kind kind, String what) {
    return new RejectedException(
        Reason.KIND_NOT_SHAPE, what + " cannot be of kind " + kind.wireName());
  }

  private static List<Integer> order(SnapshotHead snapshot, Optional<Profile.Match> match) {
    Integer index = snapshot.hints().index();
    if (index != null) {
      return List.of(index);
    }
    return match.map(Profile.Match::order).orElseGet(() -> Site.order(snapshot.id().layer()));
  }
}
