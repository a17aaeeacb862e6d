package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.RowSource;
import dev.sinkwatch.ingest.Dtype;
import java.lang.foreign.MemorySegment;

/**
 * A matrix at hand, row-major; not copied.
 *
 * @param values rows x columns
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record ArrayMatrix(double[] values, int columns) implements RowSource {

  @Override
  public long rows() {
    return values.length / columns;
  }

  @Override
  public Dtype dtype() {
    return Dtype.F64;
  }

  @Override
  public void read(long first, long count, Piece piece) {
    long rowBytes = (long) columns * Double.BYTES;
    piece.take(
        MemorySegment.ofArray(values).asSlice(first * rowBytes, count * rowBytes), count * columns);
  }
}
