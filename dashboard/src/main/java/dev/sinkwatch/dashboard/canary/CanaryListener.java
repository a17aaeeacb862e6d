package dev.sinkwatch.dashboard.canary;

/**
 * Hears what becomes of the canaries. Told by several threads, one at a time; must be quick and
 * must not throw. Partitions are those of the weights topic.
 */
public interface CanaryListener {

  /** From now on canaries go to that partition, too. */
  default void watched(int partition) {}

  /** Kafka has acknowledged one. */
  default void published(int partition) {}

  /**
   * One could not be published: it counts as nothing else.
   *
   * @param line what Kafka said, on one line
   */
  default void failed(CanaryFailure reason, String line) {}

  /**
   * Its verdict was read in time.
   *
   * @param nanos since it was given to the Kafka client
   */
  default void answered(int partition, long nanos) {}

  /** A published one has no verdict within the timeout. */
  default void lost(int partition) {}

  /** The verdict on one that had been counted as lost, and stays so, has come. */
  default void late(int partition, long nanos) {}

  /** A verdict, in time or late, was compared with the truth. */
  default void compared(Comparison comparison) {}
}
