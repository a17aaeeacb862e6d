package dev.sinkwatch.ingest;

/**
 * A shard on loan from its source: whoever receives it must settle it exactly once, from any
 * thread; settling again has no effect. The source gives memory budget back and acknowledges
 * upstream when it is settled.
 */
public interface Delivery {

  Shard shard();

  void settle(Outcome outcome);

  /**
   * Whether its source no longer owns it (its partition was revoked): judging it is wasted work.
   */
  default boolean revoked() {
    return false;
  }
}
