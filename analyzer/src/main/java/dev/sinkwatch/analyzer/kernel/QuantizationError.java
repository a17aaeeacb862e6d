package dev.sinkwatch.analyzer.kernel;

/**
 * What a matrix S has lost where it is stored as S' in fixed point, beside the rounding to single
 * precision.
 *
 * @param frobenius ||S - S'||_F at most
 * @param columnSums the sums of the columns of S less those of S'; empty where nothing is lost
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record QuantizationError(double frobenius, double[] columnSums) {

  /** Of panels in single precision. */
  static final QuantizationError NONE = new QuantizationError(0, new double[0]);
}
