package dev.sinkwatch.ingest;

/** Rows {@code [from, to)} of a snapshot seen as a matrix. */
public record RowRange(long from, long to) {

  public RowRange {
    if (from < 0 || to < from) {
      throw new IllegalArgumentException("rows " + from + ":" + to);
    }
  }

  public long count() {
    return to - from;
  }

  public boolean overlaps(RowRange other) {
    return from < other.to && other.from < to;
  }

  /** As the wire format writes it: {@code r0:r1}. */
  @Override
  public String toString() {
    return from + ":" + to;
  }
}
