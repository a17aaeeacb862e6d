package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.spectrum.OperatorSpectrum;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotHead;

/**
 * What a judgement may cost: passes over a matrix, its panels in memory, scratch. Follows from the
 * settings and the matrix alone, so that the figures do. Safe for use by several threads.
 */
final class Budget {
  private final int maxPasses;
  private final AnalysisResources resources;
  private final WorkingMemory memory;

  Budget(AnalysisSettings settings, AnalysisResources resources) {
    this.maxPasses = settings.maxPasses() == 0 ? Integer.MAX_VALUE : settings.maxPasses();
    this.resources = resources;
    this.memory = new WorkingMemory(resources.workingBytes());
  }

  /** Memory for the search on a matrix, and what the search may do with it. */
  record Search(OperatorSpectrum.Allowance allowance, WorkingMemory.Reservation memory)
      implements AutoCloseable {

    @Override
    public void close() {
      memory.close();
    }
  }

  /**
   * Waits for the memory that a search takes. Panels are kept where there may be so much; where
   * there is not even enough for all vectors of a search, it makes as many passes as it has room
   * for.
   *
   * @param besides bytes that are held beside it
   * @throws RejectedException when there is never enough for one pass
   */
  Search search(Snapshot snapshot, long rows, int columns, long besides) throws RejectedException {
    Footprint footprint = Footprint.of(rows, columns, resources.threads());
    long left = memory.maxBytes() - besides;
    int products = footprint.products(left);
    int passes = once(snapshot) ? 1 : maxPasses;
    if (products < Footprint.ALL_PRODUCTS) {
      passes = Math.min(passes, Math.max(1, products));
    }
    boolean keep = passes > 1 && footprint.bytes(passes, true) <= left;
    return new Search(
        new OperatorSpectrum.Allowance(passes, keep),
        reserve(snapshot, besides + footprint.bytes(passes, keep)));
  }

  /**
   * Waits for memory.
   *
   * @throws RejectedException when there is never so much
   */
  WorkingMemory.Reservation reserve(SnapshotHead snapshot, long bytes) throws RejectedException {
    return memory.reserve(bytes, "[%s] of %s".formatted(snapshot.shape(), snapshot.dtype()));
  }

  private boolean once(Snapshot snapshot) {
    return snapshot.shape().elements() > resources.maxBufferBytes() / snapshot.dtype().bytes();
  }
}
