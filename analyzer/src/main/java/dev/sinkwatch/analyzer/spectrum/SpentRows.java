package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.kernel.RowSource;
import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;

/** Rows that were looked at once and are gone. */
record SpentRows(long rows, int columns, Dtype dtype) implements RowSource {

  /** A matrix of them, of which nothing but its size and shift can be asked. */
  PanelMatrix matrix(float shift) {
    return new PanelMatrix(this, shift, 1, false, Team.alone());
  }

  @Override
  public void read(long first, long count, Piece piece) throws IOException {
    throw new IOException("the rows of a snapshot that is judged as it comes are gone");
  }
}
