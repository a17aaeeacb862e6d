package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.profile.Profile;
import dev.sinkwatch.analyzer.profile.Profiles;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import java.io.IOException;
import java.util.Optional;

/**
 * What a tensor is taken for, and why.
 *
 * @param profile whose rule decided, or {@code generic}
 * @param n size of its operators, 0 when they are not square or when there are none
 * @param why for a person
 */
public record Explanation(
    Kind kind, Observability observability, String profile, int n, String why) {

  static Explanation of(Snapshot snapshot, Profiles.Lookup profiles, MarginalLayers marginal)
      throws IOException {
    Optional<Profile.Match> found = profiles.match(snapshot.id().layer(), snapshot.shape());
    Optional<Profile.Match> candidate = MarginalLayers.candidate(snapshot, found);
    if (candidate.isPresent()) {
      LayerVerdict verdict;
      try {
        verdict = marginal.judge(snapshot, candidate.get(), LayerHistory.ofOneSnapshot());
      } catch (RejectedException e) {
        return new Explanation(
            Kind.IGNORE, Observability.EXACT, Profiles.GENERIC, 0, String.valueOf(e.getMessage()));
      }
      if (verdict != null) {
        return new Explanation(
            verdict.kind(),
            verdict.observability(),
            verdict.profile(),
            verdict.n(),
            said(snapshot)
                + "its sums are those of "
                + candidate.get().rule().marginals().wireName()
                + " marginals");
      }
    }
    Optional<Profile.Match> match = found.filter(ruled -> !ruled.rule().byValues());
    TensorSurvey survey = TensorSurvey.of(snapshot, true);
    try {
      Recognition layer = Recognition.of(snapshot, survey, LayerHistory.ofOneSnapshot(), match);
      String part =
          profiles
              .part(snapshot.id().layer())
              .map(its -> "; the %s of %s".formatted(its.role().wireName(), its.speaker()))
              .orElse("");
      return new Explanation(
          layer.kind(),
          layer.observability(),
          layer.profile(),
          layer.n(),
          why(snapshot, layer) + part);
    } catch (RejectedException e) {
      String rule = match.map(ruled -> "named as in " + ruled.profile() + ", but ").orElse("");
      return new Explanation(
          Kind.IGNORE, Observability.EXACT, Profiles.GENERIC, 0, rule + e.getMessage());
    }
  }

  private static String why(Snapshot snapshot, Recognition layer) {
    Shape shape = snapshot.shape();
    return said(snapshot)
        + switch (layer.kind()) {
          case SINKHORN_LOGITS ->
              layer.projectionAssumed()
                  ? "no profile has a rule for it, so that this is assumed: "
                      + layer.rule().inWords()
                  : "named as in %s: %s".formatted(layer.profile(), layer.rule().inWords());
          case DOUBLY_STOCHASTIC -> "non-negative, rows and columns sum to 1 within 0.1";
          case DENSE ->
              "an ordinary matrix: no rule of this profile knows its name, and its sums are not all 1";
          case TRANSPORT_PLAN -> "a transport plan";
          case IGNORE ->
              shape.rank() >= 2 && shape.elements() > 0
                  ? "there is nothing to mix"
                  : "it is no matrix, and no rule knows its name";
        };
  }

  private static String said(Snapshot snapshot) {
    return snapshot.hints().kind() == null ? "" : "its publisher says so; ";
  }
}
