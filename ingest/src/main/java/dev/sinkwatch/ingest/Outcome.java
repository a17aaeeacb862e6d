package dev.sinkwatch.ingest;

/**
 * What became of a received shard. Every received shard has exactly one outcome, or is in flight.
 */
public sealed interface Outcome {

  /** Outcomes that need no more than their name. */
  enum Settled implements Outcome {
    /** It is part of a verdict that Kafka has acknowledged. */
    ANALYZED,
    /** Its dtype or kind is not analysed. */
    IGNORED,
    /** The same rows with the same content were here before. */
    DUPLICATE,
    /** It belongs to an older attempt, or to a step older than the layer's last judged one. */
    STALE,
    /** Its snapshot was dropped before all of its rows arrived. */
    INCOMPLETE,
    /** Its partition went to another member before it was judged; that member will see it. */
    REVOKED
  }

  /** It cannot be judged; a copy goes to the dead-letter topic. */
  record Rejected(Rejection rejection) implements Outcome {}
}
