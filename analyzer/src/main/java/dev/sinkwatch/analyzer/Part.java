package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shard;

/** Rows of an incomplete snapshot that have come. */
sealed interface Part {

  RowRange rows();

  Loan loan();

  /** Whether a shard of the same rows has the same content. */
  boolean holds(Shard shard);

  /** What {@link JudgedSteps} knows it again by. */
  long checksum();

  /** Bytes that it takes while it waits. */
  long bytes();

  /** A shard that waits for the rest. */
  record Waiting(Delivery delivery) implements Part {

    @Override
    public RowRange rows() {
      return delivery.shard().rows();
    }

    @Override
    public Loan loan() {
      return delivery;
    }

    @Override
    public boolean holds(Shard shard) {
      return delivery.shard().data().mismatch(shard.data()) == -1;
    }

    @Override
    public long checksum() {
      return JudgedSteps.checksum(delivery.shard());
    }

    @Override
    public long bytes() {
      return bytes(delivery);
    }

    static long bytes(Delivery waiting) {
      return Math.max(waiting.shard().data().byteSize(), waiting.waitingBytes());
    }
  }

  /** A shard whose data were looked at, or will be soon, and are not kept. */
  record Streamed(RowRange rows, Loan loan, ContentDigest digest, long checksum) implements Part {

    static Streamed of(Delivery delivery) {
      Shard shard = delivery.shard();
      return new Streamed(
          shard.rows(),
          delivery.loan(),
          ContentDigest.of(shard.data()),
          JudgedSteps.checksum(shard));
    }

    @Override
    public boolean holds(Shard shard) {
      return digest.equals(ContentDigest.of(shard.data()));
    }

    @Override
    public long bytes() {
      return 0;
    }
  }
}
