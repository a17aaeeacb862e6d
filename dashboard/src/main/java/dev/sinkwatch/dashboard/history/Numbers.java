package dev.sinkwatch.dashboard.history;

import java.util.Arrays;

/** Numbers by index, in single or in double precision. For one thread at a time. */
sealed interface Numbers {

  static Numbers of(boolean single, int length) {
    return single ? new Singles(new float[length]) : new Doubles(new double[length]);
  }

  double get(int index);

  void put(int index, double value);

  /** The first ones, or all and zeros behind them. */
  Numbers resized(int length);

  long bytes();

  /** A finite number stays finite, a negative one too. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Singles(float[] values) implements Numbers {
    @Override
    public double get(int index) {
      return values[index];
    }

    @Override
    public void put(int index, double value) {
      values[index] = narrowed(value);
    }

    @Override
    public Numbers resized(int length) {
      return new Singles(Arrays.copyOf(values, length));
    }

    @Override
    public long bytes() {
      return (long) Float.BYTES * values.length;
    }
  }

  /** As they come. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Doubles(double[] values) implements Numbers {
    @Override
    public double get(int index) {
      return values[index];
    }

    @Override
    public void put(int index, double value) {
      values[index] = value;
    }

    @Override
    public Numbers resized(int length) {
      return new Doubles(Arrays.copyOf(values, length));
    }

    @Override
    public long bytes() {
      return (long) Double.BYTES * values.length;
    }
  }

  /** In single precision; what is beyond its range is its largest number. */
  static float narrowed(double value) {
    float narrow = (float) value;
    if (narrow == Float.POSITIVE_INFINITY && value != Double.POSITIVE_INFINITY) {
      return Float.MAX_VALUE;
    }
    return narrow == Float.NEGATIVE_INFINITY ? -Float.MAX_VALUE : narrow;
  }
}
