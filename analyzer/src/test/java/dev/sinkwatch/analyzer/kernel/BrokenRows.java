package dev.sinkwatch.analyzer.kernel;

import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;

/**
 * A matrix that can no longer be read from some row on.
 *
 * @param readable rows that come before it breaks off
 */
record BrokenRows(RowSource whole, long readable) implements RowSource {

  @Override
  public long rows() {
    return whole.rows();
  }

  @Override
  public int columns() {
    return whole.columns();
  }

  @Override
  public Dtype dtype() {
    return whole.dtype();
  }

  @Override
  public void read(long first, long count, Piece piece) throws IOException {
    long left = Math.clamp(readable - first, 0, count);
    whole.read(first, left, piece);
    if (left < count) {
      throw new IOException("gone");
    }
  }
}
