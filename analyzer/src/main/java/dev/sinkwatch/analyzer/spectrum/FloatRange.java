package dev.sinkwatch.analyzer.spectrum;

/** Where matrices must lie so that fourth powers of their entries are no matter for floats. */
final class FloatRange {
  private static final int SAFE_EXPONENT = 20;
  private static final int MAX_EXPONENT = 1000;

  private FloatRange() {}

  /** 1, or the power of two that brings a matrix of that norm near 1. */
  static double scale(double frobenius) {
    int exponent = Math.getExponent(frobenius);
    return !(frobenius > 0) || !Double.isFinite(frobenius) || Math.abs(exponent) <= SAFE_EXPONENT
        ? 1
        : Math.scalb(1.0, Math.clamp(-exponent, -MAX_EXPONENT, MAX_EXPONENT));
  }
}
