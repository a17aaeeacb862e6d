package dev.sinkwatch.analyzer.kernel;

import org.jspecify.annotations.Nullable;

/**
 * What one look at every entry of a matrix tells, in double precision.
 *
 * @param nonFinite NaN and infinite entries
 * @param frobenius Euclidean norm of the entries; undefined when one is not finite
 * @param rowSums sums of the rows of a square matrix, else null
 * @param columnSums sums of the columns
 * @param mixing what only operators are asked for, else null
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Survey(
    long nonFinite,
    double frobenius,
    double @Nullable [] rowSums,
    double[] columnSums,
    @Nullable Mixing mixing) {

  /**
   * How an n x n operator P mixes.
   *
   * @param negative whether an entry is below 0
   * @param fromShift ||P - c 11'||_F squared, c what the matrix was shifted by
   * @param fromBarycenter ||P - J||_F squared, J = 11'/n
   * @param fromIdentity ||P - I||_F squared
   * @param entropy sum over rows of the entropy of the row of |P|, normalised; an empty row has 0
   */
  public record Mixing(
      boolean negative,
      double fromShift,
      double fromBarycenter,
      double fromIdentity,
      double entropy) {}
}
