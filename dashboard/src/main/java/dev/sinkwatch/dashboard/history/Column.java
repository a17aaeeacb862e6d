package dev.sinkwatch.dashboard.history;

import org.jspecify.annotations.Nullable;

/**
 * One column of a track: of each point the last, smallest and largest value. While all values are
 * the same they take no room, and while no points are pooled the extremes take none. NaN is neither
 * smallest nor largest. For one thread at a time.
 */
final class Column {
  /** Of the object itself. */
  private static final long OWN_BYTES = 48;

  private final boolean single;

  /** All values, while {@code last} is null. */
  private double same = Double.NaN;

  private @Nullable Numbers last;
  private @Nullable Numbers min;
  private @Nullable Numbers max;

  /**
   * A column whose values are NaN up to now.
   *
   * @param single whether single precision is enough
   */
  Column(boolean single) {
    this.single = single;
  }

  double last(int point) {
    return last == null ? same : last.get(point);
  }

  double min(int point) {
    return min == null ? last(point) : min.get(point);
  }

  double max(int point) {
    return max == null ? last(point) : max.get(point);
  }

  /** A point of one value, behind all others. */
  void begin(int point, double given, int room) {
    double value = stored(given);
    if (last == null && (point == 0 || equal(value, same))) {
      same = value;
      return;
    }
    lastIn(point, room).put(point, value);
    if (min != null && max != null) {
      min.put(point, value);
      max.put(point, value);
    }
  }

  /** One more value of the last point. */
  void pour(int point, double given, int room) {
    double value = stored(given);
    if (last == null && equal(value, same)) {
      return;
    }
    Numbers values = lastIn(point + 1, room);
    Numbers least = min == null ? values.resized(room) : min;
    Numbers most = max == null ? values.resized(room) : max;
    values.put(point, value);
    least.put(point, smaller(least.get(point), value));
    most.put(point, larger(most.get(point), value));
    min = least;
    max = most;
  }

  /** Makes one point of each two. */
  void halve(int size, int room) {
    if (last == null) {
      return;
    }
    Numbers least = min == null ? last.resized(room) : min;
    Numbers most = max == null ? last.resized(room) : max;
    for (int i = 0; 2 * i < size; i++) {
      int a = 2 * i;
      int b = Math.min(a + 1, size - 1);
      last.put(i, last.get(b));
      least.put(i, smaller(least.get(a), least.get(b)));
      most.put(i, larger(most.get(a), most.get(b)));
    }
    min = least;
    max = most;
  }

  void resize(int room) {
    last = last == null ? null : last.resized(room);
    min = min == null ? null : min.resized(room);
    max = max == null ? null : max.resized(room);
  }

  long bytes() {
    return OWN_BYTES + bytes(last) + bytes(min) + bytes(max);
  }

  private static long bytes(@Nullable Numbers numbers) {
    return numbers == null ? 0 : numbers.bytes();
  }

  /** Room for the values, of which so many were the same up to now. */
  private Numbers lastIn(int points, int room) {
    if (last == null) {
      last = Numbers.of(single, room);
      for (int i = 0; i < points; i++) {
        last.put(i, same);
      }
    }
    return last;
  }

  private double stored(double value) {
    return single ? Numbers.narrowed(value) : value;
  }

  private static boolean equal(double a, double b) {
    return Double.compare(a, b) == 0;
  }

  static double smaller(double a, double b) {
    return Double.isNaN(a) || b < a ? b : a;
  }

  static double larger(double a, double b) {
    return Double.isNaN(a) || b > a ? b : a;
  }
}
