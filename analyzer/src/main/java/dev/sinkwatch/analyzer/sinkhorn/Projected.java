package dev.sinkwatch.analyzer.sinkhorn;

/**
 * The operator that coefficients give.
 *
 * @param matrix n x n, row-major; the receiver's own
 * @param convergence {@link Convergence#NONE} when nothing is iterated
 * @param saturation largest minus smallest weight of the softmax over a row of logits at the
 *     projection's temperature, or over the weights of what is combined: 1 when all is decided, 0
 *     when all are equal; NaN when there is no softmax
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
public record Projected(double[] matrix, Convergence convergence, double saturation) {}
