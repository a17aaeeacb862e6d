package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.ElementDecoder;
import dev.sinkwatch.analyzer.kernel.RowSource;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Snapshot;
import java.io.IOException;

/**
 * A snapshot's values as a matrix of a given width: the tensor's own rows, or for more than two
 * dimensions {@code [d0, rest]}.
 *
 * @param columns a multiple of the snapshot's columns
 * @param firstRow where the matrix begins, in rows of {@code columns} values
 */
record SnapshotMatrix(Snapshot snapshot, long firstRow, long rows, int columns)
    implements RowSource {

  private static final int SOME = 4096;

  /** The whole snapshot with rows of that width. */
  static SnapshotMatrix of(Snapshot snapshot, int columns) {
    return new SnapshotMatrix(snapshot, 0, snapshot.shape().elements() / columns, columns);
  }

  @Override
  public Dtype dtype() {
    return snapshot.dtype();
  }

  @Override
  public void read(long first, long count, Piece piece) throws IOException {
    long narrow = snapshot.shape().columns();
    long parts = columns / narrow;
    snapshot.scan(
        new RowRange((firstRow + first) * parts, (firstRow + first + count) * parts),
        (row, rows, data) -> piece.take(data, rows * narrow));
  }

  /** Receives the rows of one pass. */
  @FunctionalInterface
  interface RowVisitor {

    /**
     * @param i index of the row
     * @param row its values; valid during this call only
     */
    void row(long i, double[] row);
  }

  /** Visits all rows once, in order, decoded. */
  void scan(RowVisitor visitor) throws IOException {
    double[] row = new double[columns];
    int[] filled = {0};
    long[] i = {0};
    read(
        0,
        rows,
        (data, elements) -> {
          for (long done = 0; done < elements; ) {
            int now = (int) Math.min(columns - filled[0], elements - done);
            ElementDecoder.decode(dtype(), data, done, row, filled[0], now);
            done += now;
            filled[0] += now;
            if (filled[0] == columns) {
              visitor.row(i[0]++, row);
              filled[0] = 0;
            }
          }
        });
  }

  /** Reads a whole snapshot, decoded, when it is asked to. */
  static FrozenOperators.Source values(Snapshot snapshot) {
    return () -> {
      double[] values = new double[Math.toIntExact(snapshot.shape().elements())];
      int[] filled = {0};
      of(snapshot, Math.toIntExact(snapshot.shape().columns()))
          .scanValues((some, count) -> {
            System.arraycopy(some, 0, values, filled[0], count);
            filled[0] += count;
          });
      return values;
    };
  }

  /** Receives neighbouring values. */
  @FunctionalInterface
  interface ValueVisitor {

    /**
     * @param values of which the first {@code count} are meant; valid during this call only
     */
    void values(double[] values, int count);
  }

  /** Visits all values once, in order, decoded, without regard to rows. */
  void scanValues(ValueVisitor visitor) throws IOException {
    double[] some = new double[(int) Math.min(SOME, Math.max(1, rows * columns))];
    read(
        0,
        rows,
        (data, elements) -> {
          for (long done = 0; done < elements; ) {
            int now = (int) Math.min(some.length, elements - done);
            ElementDecoder.decode(dtype(), data, done, some, 0, now);
            visitor.values(some, now);
            done += now;
          }
        });
  }
}
