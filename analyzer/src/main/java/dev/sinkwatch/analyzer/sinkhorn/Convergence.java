package dev.sinkwatch.analyzer.sinkhorn;

/**
 * How fast a scaling converges from the model's own start. Nothing of an earlier snapshot goes in:
 * both figures are properties of these logits alone, and a start from the layer's last scalings
 * would make them depend on what was seen before.
 *
 * @param iterationsToTolerance iterations until both residuals are below the tolerance; infinite
 *     when they never were, within 1000 or what the bound on work allows
 * @param contractionRate by how much an iteration shrinks the step that the sums of the inexact
 *     side make, ||s(t) - s(t-1)|| / ||s(t-1) - s(t-2)||, at the last iteration where both are more
 *     than rounding; tends to sigma2 squared (Knight 2008, theorem 4.4). Steps and not residuals,
 *     because with an epsilon the residual has a floor; NaN when no step could be measured
 */
public record Convergence(double iterationsToTolerance, double contractionRate) {

  /** Of what is made without iterations. */
  public static final Convergence NONE = new Convergence(Double.NaN, Double.NaN);
}
