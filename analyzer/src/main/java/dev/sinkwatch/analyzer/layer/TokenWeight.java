package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.profile.SiteTensors;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All that isotropic inputs see of a weight F: the products of its rows. A weight of thousands of
 * inputs is read some columns at a time, never held as a whole.
 *
 * @param gram F F', outputs x outputs, row-major
 * @param outputs 1 or more
 * @param inputs as many as an input has elements
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record TokenWeight(double[] gram, int outputs, long inputs) {

  /** Outputs of a weight whose products are taken: 16 streams have 288. */
  private static final int MOST_OUTPUTS = 512;

  /** Values that are held at once: 8 MiB as doubles. */
  private static final int HELD = 1 << 20;

  /** The rows of a matrix, any number of times. */
  interface Rows {
    void scan(SnapshotMatrix.RowVisitor visitor) throws IOException;
  }

  /** Rows and columns of a weight, of which leading dimensions are 1. */
  record Size(long rows, long columns) {

    /** Of a tensor of that shape; null when it is no weight whose products are taken. */
    static @Nullable Size of(Shape shape, SiteTensors.TokenPart part) {
      if (shape.rank() < 2
          || shape.elements() == 0
          || shape.elements() != shape.dimension(-1) * shape.dimension(-2)) {
        return null;
      }
      long rows = shape.dimension(-2);
      long columns = shape.dimension(-1);
      boolean few = (part.outputsInColumns() ? columns : rows) <= MOST_OUTPUTS;
      return few && rows <= Integer.MAX_VALUE && columns <= Integer.MAX_VALUE
          ? new Size(rows, columns)
          : null;
    }

    /** What taking the products takes of the heap at most, in bytes. */
    long bytes() {
      return Footprint.ofDoubles(HELD + (long) MOST_OUTPUTS * MOST_OUTPUTS + columns);
    }
  }

  /**
   * @param norm what each input is multiplied by; null for 1
   */
  static TokenWeight of(Size size, SiteTensors.TokenPart part, Rows rows, double @Nullable [] norm)
      throws IOException {
    return part.outputsInColumns()
        ? ofColumns((int) size.columns, size.rows, rows, norm)
        : ofRows((int) size.rows, (int) size.columns, rows, norm);
  }

  private static TokenWeight ofColumns(
      int outputs, long inputs, Rows rows, double @Nullable [] norm) throws IOException {
    double[] gram = new double[outputs * outputs];
    rows.scan((input, row) -> {
      double factor = norm == null ? 1 : norm[(int) input] * norm[(int) input];
      for (int i = 0; i < outputs; i++) {
        double value = factor * row[i];
        for (int j = 0; j <= i; j++) {
          gram[i * outputs + j] += value * row[j];
        }
      }
    });
    return mirrored(gram, outputs, inputs);
  }

  private static TokenWeight ofRows(int outputs, int inputs, Rows rows, double @Nullable [] norm)
      throws IOException {
    double[] gram = new double[outputs * outputs];
    int width = Math.min(inputs, Math.max(1, HELD / outputs));
    double[] some = new double[outputs * width];
    for (int from = 0; from < inputs; from += width) {
      int first = from;
      int count = Math.min(width, inputs - from);
      rows.scan((output, row) -> {
        int at = (int) output * width;
        for (int j = 0; j < count; j++) {
          some[at + j] = norm == null ? row[first + j] : norm[first + j] * row[first + j];
        }
      });
      for (int i = 0; i < outputs; i++) {
        for (int j = 0; j <= i; j++) {
          gram[i * outputs + j] += dot(some, i * width, j * width, count);
        }
      }
    }
    return mirrored(gram, outputs, inputs);
  }

  private static double dot(double[] values, int a, int b, int count) {
    double first = 0;
    double second = 0;
    double third = 0;
    double fourth = 0;
    int j = 0;
    for (; j <= count - 4; j += 4) { // four sums, since each waits for its last term
      first = Math.fma(values[a + j], values[b + j], first);
      second = Math.fma(values[a + j + 1], values[b + j + 1], second);
      third = Math.fma(values[a + j + 2], values[b + j + 2], third);
      fourth = Math.fma(values[a + j + 3], values[b + j + 3], fourth);
    }
    for (; j < count; j++) {
      first = Math.fma(values[a + j], values[b + j], first);
    }
    return first + second + (third + fourth);
  }

  private static TokenWeight mirrored(double[] gram, int outputs, long inputs) {
    for (int i = 0; i < outputs; i++) {
      for (int j = 0; j < i; j++) {
        gram[j * outputs + i] = gram[i * outputs + j];
      }
    }
    return new TokenWeight(gram, outputs, inputs);
  }

  /** Whether no product is infinite or undefined. */
  boolean finite() {
    return Arrays.stream(gram).allMatch(Double::isFinite);
  }

  /** The products of some outputs with each other. */
  double[] gram(int[] some) {
    double[] selected = new double[some.length * some.length];
    for (int i = 0; i < some.length; i++) {
      for (int j = 0; j < some.length; j++) {
        selected[i * some.length + j] = gram[some[i] * outputs + some[j]];
      }
    }
    return selected;
  }
}
