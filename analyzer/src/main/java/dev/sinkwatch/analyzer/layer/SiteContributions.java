package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.profile.Profile;
import dev.sinkwatch.analyzer.profile.Profiles;
import dev.sinkwatch.analyzer.profile.Rule;
import dev.sinkwatch.analyzer.profile.SitePart;
import dev.sinkwatch.analyzer.profile.SiteTensors;
import dev.sinkwatch.analyzer.verdict.MissingPart;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotHead;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What tensors contribute to the operators of other layers, and what of it is missing. Immutable.
 */
final class SiteContributions {
  private final Profiles.Lookup profiles;
  private final Budget budget;

  SiteContributions(Profiles.Lookup profiles, Budget budget) {
    this.profiles = profiles;
    this.budget = budget;
  }

  /** As {@link LayerAnalysis#contribute}. */
  boolean take(Snapshot snapshot, SiteParts parts) throws IOException {
    Optional<SitePart> part = profiles.part(snapshot.id().layer());
    if (part.isEmpty()) {
      return false;
    }
    SiteTensors.TokenPart tokens = part.get().tensors().tokens();
    TokenWeight.Size size =
        tokens == null || part.get().role() != SiteTensors.Role.WEIGHT
            ? null
            : TokenWeight.Size.of(snapshot.shape(), tokens);
    try (WorkingMemory.Reservation _ = budget.reserve(snapshot, size == null ? 0 : size.bytes())) {
      parts.take(snapshot, part.get());
    } catch (RejectedException e) {
      parts.passBy(snapshot.id(), part.get());
      throw e;
    }
    return true;
  }

  /** As {@link LayerAnalysis#passBy}. */
  boolean passBy(SnapshotHead head, SiteParts parts) {
    Optional<SitePart> part = profiles.part(head.id().layer());
    part.ifPresent(its -> parts.passBy(head.id(), its));
    return part.isPresent();
  }

  /** The rule by which other tensors may contribute to the operators of a layer. */
  Optional<Rule> rule(SnapshotHead head) {
    Kind said = head.hints().kind();
    return said == null || said == Kind.SINKHORN_LOGITS
        ? StreamedLayers.match(head, profiles)
            .map(Profile.Match::rule)
            .filter(rule -> rule.with() != null && rule.fits(head.shape()))
        : Optional.empty();
  }

  /** As {@link LayerAnalysis#missing}. */
  List<MissingPart> missing(SnapshotHead head, SiteParts parts) {
    Rule rule = rule(head).orElse(null);
    SiteTensors tensors = rule == null ? null : rule.with();
    if (rule == null || tensors == null || tensors.tokens() == null) {
      return List.of();
    }
    StepParts complete = parts.of(head.id());
    if (complete == null) {
      return parts.missing(head.id(), tensors);
    }
    return ProjectedLayers.belong(complete, rule, head.shape())
        ? List.of()
        : List.of(
            new MissingPart(
                tensors.name(SiteTensors.Role.WEIGHT, head.id().layer()), MissingPart.Cause.UNFIT));
  }
}
