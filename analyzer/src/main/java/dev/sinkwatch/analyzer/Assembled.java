package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.SnapshotId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the assembler has for a layer's lane. */
sealed interface Assembled permits AssembledSnapshot, Assembled.Rows, Assembled.Tick {

  /**
   * Rows of a snapshot that is judged as it comes.
   *
   * @param delivery the rows; null if they only complete it
   * @param complete what is known of all of it with these, null while rows are missing
   */
  record Rows(StreamedSnapshot snapshot, @Nullable Delivery delivery, @Nullable Complete complete)
      implements Assembled {

    SnapshotId id() {
      return snapshot.head().id();
    }
  }

  /** Time has passed for a lane. */
  record Tick(int lane) implements Assembled {}

  /** All rows have come: their loans, which the lane settles. */
  record Complete(ShardHead head, List<Loan> loans) {}
}
