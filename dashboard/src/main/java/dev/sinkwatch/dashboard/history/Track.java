package dev.sinkwatch.dashboard.history;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The history of some columns by step, in bounded memory. When it is full, neighbours are pooled
 * and the resolution is halved; a pool keeps its last step and its time and, of each column, its
 * last, smallest and largest value, so that a spike stays seen. NaN is a value that is undefined,
 * and is neither smallest nor largest. Safe for use by several threads.
 */
final class Track {
  private static final int FIRST_ROOM = 16;
  private static final int DIGITS = 7;

  /** Of the object itself and its array of columns. */
  private static final long OWN_BYTES = 128;

  /** Sees the points of a track. */
  @FunctionalInterface
  interface PointVisitor {
    /**
     * One point, which stands for what came after one step, up to and with another.
     *
     * @param after step before its first value; the step before its own when it has one value
     * @param min smallest value, as {@code max} NaN when none is defined
     */
    void point(long after, long step, double min, double max);
  }

  private final List<String> names;
  private final boolean single;
  private final @Nullable Column[] columns;
  private long[] steps = new long[FIRST_ROOM];
  private long[] times = new long[FIRST_ROOM];
  private int size;

  /** Step of the very first value. */
  private long first;

  /** Values in a pool. */
  private long stride = 1;

  /** Values in the last pool, 1 to stride. */
  private long lastFill;

  /**
   * @param single whether single precision is enough
   */
  Track(List<String> names, boolean single) {
    this.names = names;
    this.single = single;
    this.columns = new @Nullable Column[names.size()];
  }

  /**
   * Adds the values of a step. A step that is not beyond the last one takes the place of everything
   * from it on: training went back to a checkpoint.
   *
   * @param millis when it was, milliseconds since 1970
   * @param values one of each column
   * @param capacity points to keep at most, 2 or more
   */
  synchronized void add(long step, long millis, double[] values, int capacity) {
    while (size > 0 && steps[size - 1] >= step) {
      size--;
      lastFill = stride;
    }
    if (size == 0) {
      first = step;
    }
    boolean more = size > 0 && lastFill < stride;
    if (!more) {
      makeRoom(capacity);
      size++;
    }
    int point = size - 1;
    steps[point] = step;
    times[point] = millis;
    for (int c = 0; c < values.length; c++) {
      Column column = columns[c];
      if (column == null && !Double.isNaN(values[c])) {
        column = new Column(single);
        columns[c] = column;
      }
      if (column == null) {
        continue;
      }
      if (more) {
        column.pour(point, values[c], steps.length);
      } else {
        column.begin(point, values[c], steps.length);
      }
    }
    lastFill = more ? lastFill + 1 : 1;
    while (size > capacity) {
      halve();
    }
  }

  synchronized int size() {
    return size;
  }

  /** Values in a point, in the last one perhaps fewer. */
  synchronized long stride() {
    return stride;
  }

  /** Whether any value of that column was ever defined. */
  synchronized boolean has(int column) {
    return columns[column] != null;
  }

  /** What it takes of the heap, nearly. */
  synchronized long bytes() {
    long bytes = OWN_BYTES + 2L * Long.BYTES * steps.length;
    for (Column column : columns) {
      bytes += Integer.BYTES + (column == null ? 0 : column.bytes());
    }
    return bytes;
  }

  /** Halves the resolution and gives the memory back; nothing happens to two points. */
  synchronized void thin() {
    if (size > 2) {
      halve();
    }
    resize(Math.max(FIRST_ROOM, size));
  }

  /** The steps of {@code [from, to]} and what follows on them. */
  synchronized Steps steps(long from, long to) {
    int begin = firstAtLeast(from);
    int end = firstBeyond(to);
    long across = Steps.NONE;
    long acrossAfter = Steps.NONE;
    if (stride > 1 && end < size && before(end) < to) {
      across = steps[end];
      acrossAfter = before(end);
    }
    return new Steps(
        Arrays.copyOfRange(steps, begin, Math.max(begin, end)),
        Arrays.copyOfRange(times, begin, Math.max(begin, end)),
        across,
        acrossAfter,
        end < size ? times[end] : 0);
  }

  /** Shows the points that stand for any step of {@code [from, to]}. */
  synchronized void visit(int column, long from, long to, PointVisitor visitor) {
    Column values = columns[column];
    for (int i = firstAtLeast(from); i < size; i++) {
      long after = stride > 1 ? before(i) : steps[i] - 1;
      if (after >= to) {
        return;
      }
      visitor.point(
          after,
          steps[i],
          values == null ? Double.NaN : values.min(i),
          values == null ? Double.NaN : values.max(i));
    }
  }

  /**
   * Writes the points of {@code [from, to]}, pooled to {@code points} at most, as arrays: {@code
   * steps}, {@code times}, each wanted column, and where a point stands for several values {@code
   * <column>Min} and {@code <column>Max}. Numbers have seven digits.
   */
  synchronized void write(ObjectNode json, long from, long to, int points, IntPredicate wanted) {
    int begin = firstAtLeast(from);
    int end = firstBeyond(to);
    int factor = Math.max(1, Math.ceilDiv(end - begin, points));
    boolean pooled = stride * factor > 1;
    json.put("stride", stride * factor);
    ArrayNode stepsJson = json.putArray("steps");
    ArrayNode timesJson = json.putArray("times");
    for (int i = begin; i < end; i += factor) {
      stepsJson.add(steps[Math.min(i + factor, end) - 1]);
      timesJson.add(times[Math.min(i + factor, end) - 1]);
    }
    for (int c = 0; c < columns.length; c++) {
      if (wanted.test(c)) {
        Column column = columns[c];
        Column values = column == null ? new Column(single) : column;
        write(json.putArray(names.get(c)), begin, end, factor, pool -> values.last(pool.last()));
        if (pooled) {
          write(json.putArray(names.get(c) + "Min"), begin, end, factor, pool -> pool.min(values));
          write(json.putArray(names.get(c) + "Max"), begin, end, factor, pool -> pool.max(values));
        }
      }
    }
  }

  /** Points that make one in an answer. */
  private record Pool(int first, int last) {
    double min(Column column) {
      double least = Double.NaN;
      for (int i = first; i <= last; i++) {
        least = Column.smaller(least, column.min(i));
      }
      return least;
    }

    double max(Column column) {
      double most = Double.NaN;
      for (int i = first; i <= last; i++) {
        most = Column.larger(most, column.max(i));
      }
      return most;
    }
  }

  private static void write(
      ArrayNode array, int begin, int end, int factor, ToDoubleFunction<Pool> value) {
    for (int i = begin; i < end; i += factor) {
      add(array, value.applyAsDouble(new Pool(i, Math.min(i + factor, end) - 1)));
    }
  }

  private int firstAtLeast(long step) {
    int found = Arrays.binarySearch(steps, 0, size, step);
    return found >= 0 ? found : -found - 1;
  }

  private int firstBeyond(long step) {
    return step == Long.MAX_VALUE ? size : firstAtLeast(step + 1);
  }

  /** The step before that point's first value. */
  private long before(int point) {
    return point == 0 ? first - 1 : steps[point - 1];
  }

  private void halve() {
    lastFill = size % 2 == 0 ? stride + lastFill : lastFill;
    for (int i = 0; 2 * i < size; i++) {
      int last = Math.min(2 * i + 1, size - 1);
      steps[i] = steps[last];
      times[i] = times[last];
    }
    for (Column column : columns) {
      if (column != null) {
        column.halve(size, steps.length);
      }
    }
    size = Math.ceilDiv(size, 2);
    stride *= 2;
  }

  private void makeRoom(int capacity) {
    if (size == steps.length) {
      resize(Math.max(size + 1, (int) Math.min(size + size / 2, capacity + 1L)));
    }
  }

  private void resize(int room) {
    steps = Arrays.copyOf(steps, room);
    times = Arrays.copyOf(times, room);
    for (Column column : columns) {
      if (column != null) {
        column.resize(room);
      }
    }
  }

  private static void add(ArrayNode array, double value) {
    if (Double.isFinite(value)) {
      array.add(rounded(value));
    } else {
      array.addNull();
    }
  }

  /** To seven digits: a third of the bytes of a full double. */
  static double rounded(double value) {
    double magnitude = Math.abs(value);
    if (magnitude == 0) {
      return value;
    }
    if (magnitude < 1e-15 || magnitude > 1e6) { // rare; the powers of ten below are exact
      return new BigDecimal(value).round(new MathContext(DIGITS)).doubleValue();
    }
    double power = Math.pow(10, DIGITS - 1 - Math.floor(Math.log10(magnitude)));
    return Math.rint(value * power) / power;
  }
}
