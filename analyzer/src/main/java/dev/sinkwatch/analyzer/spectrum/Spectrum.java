package dev.sinkwatch.analyzer.spectrum;

/**
 * What is known of a matrix's largest singular values. Lower bounds are true up to rounding, upper
 * bounds with the probability that was asked for.
 *
 * @param gain of an operator ||QPQ||, estimated; of an ordinary matrix sigma1
 */
public record Spectrum(
    double gain,
    double gainLower,
    double gainUpper,
    double sigma1,
    double sigma2,
    double sigma2Lower,
    double sigma2Upper) {

  /** Of a matrix whose squares are beyond all doubles. */
  static final Spectrum UNKNOWN =
      new Spectrum(
          Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

  Spectrum scaled(double unit) {
    return new Spectrum(
        unit * gain,
        unit * gainLower,
        unit * gainUpper,
        unit * sigma1,
        unit * sigma2,
        unit * sigma2Lower,
        unit * sigma2Upper);
  }
}
