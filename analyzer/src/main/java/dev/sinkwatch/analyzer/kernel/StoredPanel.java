package dev.sinkwatch.analyzer.kernel;

/** A panel as it is kept: in single precision, or in half the room. */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
sealed interface StoredPanel {

  /**
   * @param values as {@link Kernel} says
   */
  record Floats(float[] values) implements StoredPanel {}

  /**
   * As {@link FixedPoint} says.
   *
   * @param steps of each row
   */
  record Fixed(int[] words, float[] steps) implements StoredPanel {}
}
