package dev.sinkwatch.analyzer.kernel;

import dev.sinkwatch.ingest.Dtype;
import java.lang.foreign.MemorySegment;

/** A matrix of doubles in memory, row-major; not copied. */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Rows(double[] values, int columns) implements RowSource {

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
    long rowBytes = 8L * columns;
    piece.take(
        MemorySegment.ofArray(values).asSlice(first * rowBytes, count * rowBytes), count * columns);
  }
}
