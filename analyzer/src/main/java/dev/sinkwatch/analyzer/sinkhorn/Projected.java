package dev.sinkwatch.analyzer.sinkhorn;

/**
 * What one projection of logits gives.
 *
 * @param matrix n x n, row-major; the receiver's own
 * @param saturation largest minus smallest weight of the row softmax of the logits at the
 *     projection's temperature: 1 when rows are decided, 0 when all logits of a row are equal
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
public record Projected(double[] matrix, Convergence convergence, double saturation) {}
