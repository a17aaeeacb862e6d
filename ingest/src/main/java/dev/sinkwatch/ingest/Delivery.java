package dev.sinkwatch.ingest;

/**
 * A shard on loan from its source: whoever receives it must settle it exactly once, from any
 * thread. The source gives memory budget back and acknowledges upstream when it is settled.
 */
public interface Delivery extends Loan {

  Shard shard();

  /** The loan alone, through which the shard cannot be reached. */
  Loan loan();
}
