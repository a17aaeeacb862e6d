package dev.sinkwatch.analyzer.spectrum;

/** Where matrices must lie so that fourth powers of their entries are no matter for floats. */
final class FloatRange {
  private static final int SAFE_EXPONENT = 20;
  private static final int MAX_EXPONENT = 1000;

  /** Brings doubles below 2^1024, one of them not far below, near 1. */
  private static final int BEYOND = 1020;

  private FloatRange() {}

  /** 1, or the power of two that brings a matrix of that norm near 1. */
  static double scale(double frobenius) {
    int exponent = Math.getExponent(frobenius);
    return !(frobenius > 0) || !Double.isFinite(frobenius) || Math.abs(exponent) <= SAFE_EXPONENT
        ? 1
        : Math.scalb(1.0, Math.clamp(-exponent, -MAX_EXPONENT, MAX_EXPONENT));
  }

  /**
   * The same, also of a norm beyond all doubles, whose entries are not.
   *
   * @param frobenius of the matrix unscaled
   */
  static double scaleOf(double frobenius) {
    return frobenius == Double.POSITIVE_INFINITY ? Math.scalb(1.0, -BEYOND) : scale(frobenius);
  }

  /**
   * Norm of a matrix that was scaled, at most.
   *
   * @param frobenius of the matrix unscaled, infinite when beyond all doubles
   * @param entries how many it has
   */
  static double scaled(double frobenius, double scale, double entries) {
    return frobenius == Double.POSITIVE_INFINITY
        ? scale * Double.MAX_VALUE * Math.sqrt(entries)
        : scale * frobenius;
  }
}
