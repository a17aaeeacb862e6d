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

  /** How the loan ends. */
  Fate fate();

  /**
   * How a loan ends, for whoever has to know that longer than the shard is there: it holds no data.
   * Safe for use by several threads.
   */
  interface Fate {

    /** It was settled, and what was settled counts: nobody will see the shard again. */
    boolean settled();

    /** Its source took it back before: the same shard will be delivered again, perhaps to us. */
    boolean recalled();
  }
}
