package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.profile.Profiles;

/**
 * How a snapshot is judged.
 *
 * @param profiles how layers are looked up
 * @param eps what is left of the detail when depth stops counting, above 0 and below 1
 * @param tolerance Sinkhorn residual below which a scaling counts as converged
 * @param failureProbability with which an upper bound may be false
 * @param maxPasses most passes over a large matrix, 0 for as many as the figures need
 */
public record AnalysisSettings(
    Profiles.Lookup profiles,
    double eps,
    double tolerance,
    double failureProbability,
    int maxPasses) {

  public static final AnalysisSettings DEFAULT =
      new AnalysisSettings(Profiles.named(Profiles.AUTO).orElseThrow(), 0.01, 1e-3, 1e-9, 0);
}
