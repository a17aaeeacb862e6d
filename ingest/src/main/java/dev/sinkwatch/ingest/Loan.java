package dev.sinkwatch.ingest;

/**
 * A shard's loan from its source, without the shard: for whoever has to know of it longer than the
 * data are there. All methods are safe for use by several threads.
 */
public interface Loan {

  /** Each loan counts with so many bytes at least while it lasts. */
  long MIN_BYTES = 2048;

  /** Ends it; settling again has no effect. */
  void settle(Outcome outcome);

  /**
   * Whether its source no longer owns it (its partition was revoked): judging it is wasted work.
   */
  default boolean revoked() {
    return false;
  }

  /** How it ends. */
  Fate fate();

  /**
   * Says that the shard waits for others, which its source must not keep back on its account: it is
   * bounded by who holds it.
   */
  default void waits() {}

  /** With how many bytes it counts while it waits: with all that its record has. */
  default long waitingBytes() {
    return MIN_BYTES;
  }

  /** Says that it waits no more. */
  default void goesOn() {}

  /**
   * Says that the shard's data were taken in and nobody will read them again: the source gives
   * their memory back, while the shard stays unacknowledged until it is settled. A copy for the
   * dead letters has no value from then on.
   */
  void release();

  /** How a loan ends; it holds no data. Safe for use by several threads. */
  interface Fate {

    /** It was settled, and what was settled counts: nobody will see the shard again. */
    boolean settled();

    /** Its source took it back before: the same shard will be delivered again, perhaps to us. */
    boolean recalled();
  }
}
