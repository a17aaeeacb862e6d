package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.SumOfSquares;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import java.io.IOException;

/**
 * What the first pass over a tensor tells before anybody knows what it is.
 *
 * @param nonFinite NaN and infinite values
 * @param frobenius Euclidean norm of its values, when all of them are finite
 * @param doublyStochastic whether, as far as that was asked for, it is a batch of square matrices,
 *     non-negative, with all sums of rows and columns within 0.1 of 1; where values are not finite,
 *     whether that holds of the rows and columns without such, and they are {@link #enough}
 */
record TensorSurvey(long nonFinite, double frobenius, boolean doublyStochastic) {
  static final double TOLERANCE = 0.1;

  /** Of a tensor that was not looked at. */
  static final TensorSurvey NOTHING = new TensorSurvey(0, 0, false);

  /**
   * Looks at a tensor.
   *
   * @param mayMix whether {@code doublyStochastic} is asked for: it takes longer than the rest
   */
  static TensorSurvey of(Snapshot snapshot, boolean mayMix) throws IOException {
    Shape shape = snapshot.shape();
    if (shape.elements() == 0) {
      return NOTHING;
    }
    Pass pass = new Pass(shape, mayMix);
    SnapshotMatrix.of(snapshot, Math.toIntExact(shape.columns())).scanValues(pass::values);
    return new TensorSurvey(
        pass.nonFinite, pass.squares.norm(), pass.candidate && pass.enoughSums());
  }

  /**
   * Whether sums that are 1 tell of a matrix that it was doubly stochastic before some of its
   * values became NaN or infinite: two at least, and no fewer than half.
   *
   * @param good rows, or columns, whose sums are near 1
   * @param all of them
   */
  static boolean enough(long good, long all) {
    return good >= 2 && 2 * good >= all;
  }

  /**
   * Whether the first row of what could be an operator is non-negative and sums to 1 within 0.1:
   * what is not so is no doubly stochastic matrix. It may be one with a NaN if the row has some.
   */
  static boolean beginsStochastic(Snapshot snapshot) throws IOException {
    Shape shape = snapshot.shape();
    if (!snapshot.dtype().floating() || shape.elements() == 0) {
      return false;
    }
    Pass pass = new Pass(shape, true);
    new SnapshotMatrix(snapshot, 0, 1, Math.toIntExact(shape.columns())).scanValues(pass::values);
    return pass.candidate && pass.nonFinite < shape.columns();
  }

  private static final class Pass {
    private final int n;
    private final double[] columnSums;
    private final SumOfSquares squares = new SumOfSquares();
    private boolean candidate;
    private double rowSum;
    private int column;
    private int row;
    private long nonFinite;
    private long rows;
    private long goodRows;
    private long goodColumns;

    Pass(Shape shape, boolean mayMix) {
      n = Math.toIntExact(shape.columns());
      candidate =
          mayMix && shape.rank() >= 2 && n > 1 && shape.dimension(-1) == shape.dimension(-2);
      columnSums = new double[candidate ? n : 0];
    }

    void values(double[] values, int count) {
      double square = squares.add(values, count);
      if (!(square < Double.POSITIVE_INFINITY)) {
        for (int j = 0; j < count; j++) {
          nonFinite += Double.isFinite(values[j]) ? 0 : 1;
        }
      }
      for (int j = 0; candidate && j < count; j++) {
        candidate = stillStochastic(values[j]);
      }
    }

    /** Takes one value after the other, row by row. */
    private boolean stillStochastic(double value) {
      if (value < 0 && value != Double.NEGATIVE_INFINITY) {
        return false;
      }
      rowSum += value;
      columnSums[column++] += value;
      if (column < n) {
        return true;
      }
      boolean still = nearOne(rowSum) || !Double.isFinite(rowSum);
      goodRows += nearOne(rowSum) ? 1 : 0;
      rows++;
      column = 0;
      rowSum = 0;
      row++;
      if (row == n) {
        row = 0;
        for (int j = 0; j < n; j++) {
          still &= nearOne(columnSums[j]) || !Double.isFinite(columnSums[j]);
          goodColumns += nearOne(columnSums[j]) ? 1 : 0;
          columnSums[j] = 0;
        }
      }
      return still;
    }

    /** Of a batch as many rows as columns have been seen. */
    boolean enoughSums() {
      return nonFinite == 0
          ? goodRows == rows && goodColumns == rows
          : enough(goodRows, rows) && enough(goodColumns, rows);
    }

    private static boolean nearOne(double sum) {
      return Math.abs(sum - 1) <= TOLERANCE;
    }
  }
}
