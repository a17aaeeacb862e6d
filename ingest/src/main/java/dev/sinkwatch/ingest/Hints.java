package dev.sinkwatch.ingest;

import org.jspecify.annotations.Nullable;

/**
 * What a publisher says of a tensor in the optional metadata; each wins over a profile's rules.
 *
 * @param index the operator's place in the network
 * @param operators how many operators a complete step of the run has
 * @param activation type of the model's activations
 * @param learningRate at this step; 0 or more
 * @param weightDecay that shrinks this tensor apart from its gradient, as AdamW does, by a factor 1
 *     - learningRate weightDecay a step; 0 or more
 */
public record Hints(
    @Nullable Kind kind,
    @Nullable Observability observability,
    @Nullable Integer index,
    @Nullable Integer operators,
    @Nullable Activation activation,
    @Nullable Double learningRate,
    @Nullable Double weightDecay) {

  public static final Hints NONE = new Hints(null, null, null, null, null);

  /** Of a publisher who says nothing of the optimizer. */
  public Hints(
      @Nullable Kind kind,
      @Nullable Observability observability,
      @Nullable Integer index,
      @Nullable Integer operators,
      @Nullable Activation activation) {
    this(kind, observability, index, operators, activation, null, null);
  }
}
