package dev.sinkwatch.analyzer.kernel;

import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A matrix as it lies somewhere, row-major. Any number of threads may read different rows of it at
 * once.
 */
public interface RowSource {

  long rows();

  int columns();

  Dtype dtype();

  /**
   * Visits the elements of rows {@code first} to {@code first + count - 1}, in order, in pieces of
   * any size.
   *
   * @throws IOException when they can no longer be read
   */
  void read(long first, long count, Piece piece) throws IOException;

  /** Receives neighbouring elements. */
  @FunctionalInterface
  interface Piece {

    /**
     * @param data {@code elements} little-endian elements, perhaps unaligned; valid during this
     *     call only
     */
    void take(MemorySegment data, long elements);
  }

  /** The first row, of a matrix that has one. */
  default double[] leadingRow() throws IOException {
    double[] row = new double[columns()];
    int[] filled = {0};
    read(
        0,
        1,
        (data, elements) -> {
          ElementDecoder.decode(dtype(), data, 0, row, filled[0], (int) elements);
          filled[0] += (int) elements;
        });
    return row;
  }
}
