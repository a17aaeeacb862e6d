package dev.sinkwatch.ingest;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** All values of one layer at one step of one attempt; they can be read any number of times. */
public interface Snapshot extends SnapshotHead {

  /**
   * Visits all rows once, in order, in blocks of whole rows.
   *
   * @throws IOException when the values can no longer be read
   */
  default void scan(BlockVisitor visitor) throws IOException {
    scan(new RowRange(0, shape().rows()), visitor);
  }

  /**
   * Visits some rows once, in order, in blocks of whole rows. Threads may visit different rows at
   * once.
   *
   * @throws IOException when the values can no longer be read
   */
  void scan(RowRange rows, BlockVisitor visitor) throws IOException;

  /** Receives the rows of one pass. */
  @FunctionalInterface
  interface BlockVisitor {

    /**
     * @param firstRow index of the block's first row in the snapshot seen as a matrix
     * @param rows number of rows in the block
     * @param data their values, row-major, little-endian, perhaps unaligned; valid during this call
     *     only
     */
    void block(long firstRow, long rows, MemorySegment data);
  }
}
