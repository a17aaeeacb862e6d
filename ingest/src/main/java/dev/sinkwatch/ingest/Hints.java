package dev.sinkwatch.ingest;

import org.jspecify.annotations.Nullable;

/**
 * What a publisher says of a tensor in the optional metadata; each wins over a profile's rules.
 *
 * @param index the operator's place in the network
 * @param operators how many operators a complete step of the run has
 * @param activation type of the model's activations
 */
public record Hints(
    @Nullable Kind kind,
    @Nullable Observability observability,
    @Nullable Integer index,
    @Nullable Integer operators,
    @Nullable Activation activation) {

  public static final Hints NONE = new Hints(null, null, null, null, null);
}
