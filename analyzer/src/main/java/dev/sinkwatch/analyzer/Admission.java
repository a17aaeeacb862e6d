package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Rejection;
import dev.sinkwatch.ingest.SnapshotHead;
import dev.sinkwatch.ingest.SnapshotId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Decides on snapshots that are too large to wait in memory: each is judged as it comes, as long as
 * there is room for what it adds up to. Who finds none is refused, all of it, so that those which
 * have begun come to their end. For one thread; the room is given back on any.
 */
final class Admission {

  /** What a snapshot takes that is judged as it comes. */
  @FunctionalInterface
  interface Footprint {

    /**
     * In bytes; empty when it is not analysed.
     *
     * @throws RejectedException when it cannot be judged so
     */
    OptionalLong of(SnapshotHead head) throws RejectedException;
  }

  /** Refused snapshots that are remembered until all of their shards have come. */
  private static final int MAX_REFUSED = 1000;

  private final Footprint footprint;
  private final long maxWholeBytes;
  private final long maxBytes;
  private final AtomicLong taken = new AtomicLong();
  private final Map<SnapshotId, Refused> refused =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<SnapshotId, Refused> eldest) {
          return size() > MAX_REFUSED;
        }
      };

  /**
   * @param maxWholeBytes of snapshots that wait in memory
   * @param maxBytes most that the sums of all others take together
   */
  Admission(Footprint footprint, long maxWholeBytes, long maxBytes) {
    this.footprint = footprint;
    this.maxWholeBytes = maxWholeBytes;
    this.maxBytes = maxBytes;
  }

  /** Bytes that all sums take. */
  long bytes() {
    return taken.get();
  }

  /** Whether a snapshot is too large to wait in memory. */
  boolean large(SnapshotHead head) {
    return head.shape().elements() > maxWholeBytes / head.dtype().bytes();
  }

  /** How the shards of a snapshot end that was refused before. */
  Optional<Outcome> refused(SnapshotId id) {
    return Optional.ofNullable(refused.get(id)).map(Refused::outcome);
  }

  /** Refuses what still comes of a snapshot. */
  void refuse(SnapshotId id, Outcome outcome, long nowMillis) {
    refused.put(id, new Refused(outcome, nowMillis));
  }

  /** Snapshots that were refused before that time may come again. */
  void forgetRefused(long beforeMillis) {
    refused.values().removeIf(one -> one.atMillis() < beforeMillis);
  }

  private record Refused(Outcome outcome, long atMillis) {}

  /** A large snapshot's first shard has come: what its rows are to be given to, or how they end. */
  Verdict admit(ShardHead head, long nowMillis) {
    try {
      OptionalLong bytes = footprint.of(head);
      if (bytes.isEmpty()) {
        return new Verdict.Ends(Outcome.Settled.IGNORED);
      }
      if (bytes.getAsLong() > maxBytes) {
        return tooLarge(
            head,
            "what its rows add up to takes %d MiB, of %d for all that are judged as they come"
                .formatted((bytes.getAsLong() >> 20) + 1, maxBytes >> 20));
      }
      if (bytes.getAsLong() > maxBytes - taken.get()) {
        Verdict.Ends full =
            tooLarge(
                head,
                "others that are judged as they come leave no room: they take %d MiB of %d"
                    .formatted(taken.get() >> 20, maxBytes >> 20));
        refuse(head.id(), full.outcome(), nowMillis);
        return full;
      }
      return new Verdict.Begins(new StreamedSnapshot(head, bytes.getAsLong(), taken));
    } catch (RejectedException e) {
      Rejection why = e.rejection();
      return why.reason() == Reason.SNAPSHOT_TOO_LARGE
          ? tooLarge(head, why.detail())
          : new Verdict.Ends(new Outcome.Rejected(why));
    }
  }

  private Verdict.Ends tooLarge(SnapshotHead head, String why) {
    return new Verdict.Ends(
        new Outcome.Rejected(
            new Rejection(
                Reason.SNAPSHOT_TOO_LARGE,
                "a snapshot of %d values of %s; analysis.max-buffer and the heap allow %d bytes; %s"
                    .formatted(head.shape().elements(), head.dtype(), maxWholeBytes, why))));
  }

  /** How a snapshot ends whose shards are so many that what each takes is too much together. */
  Outcome tooManyShards(Pending snapshot) {
    return tooLarge(
            snapshot.head(),
            "%d shards of it have come and more are missing; each takes %d bytes at least: publish larger ones"
                .formatted(snapshot.count(), Loan.MIN_BYTES))
        .outcome();
  }

  /** What becomes of a large snapshot. */
  sealed interface Verdict {

    record Begins(StreamedSnapshot snapshot) implements Verdict {}

    record Ends(Outcome outcome) implements Verdict {}
  }
}
