package dev.sinkwatch.ingest;

import java.util.EnumMap;
import java.util.Map;

/**
 * Counts every received shard and what became of it, so that at any instant received = the sum of
 * the outcomes + in flight. In flight is counted on its own, not derived, so that the sum is a
 * check. Safe for use by several threads; {@link #read()} is one consistent instant.
 */
public final class Ledger {

  /**
   * One instant of the ledger, in shards.
   *
   * @param outcomes by name: analyzed, ignored, rejected, duplicate, stale, incomplete, revoked;
   *     all present
   * @param rejections rejected shards by reason; reasons never seen are absent
   * @param expired deleted by Kafka before they were received, and so no part of received
   */
  public record Reading(
      long received,
      Map<String, Long> outcomes,
      Map<Reason, Long> rejections,
      long inFlight,
      long bytes,
      long misrouted,
      long expired) {}

  private final Object lock = new Object();
  private final EnumMap<Outcome.Settled, Long> settled = new EnumMap<>(Outcome.Settled.class);
  private final EnumMap<Reason, Long> rejections = new EnumMap<>(Reason.class);
  private long received;
  private long rejected;
  private long inFlight;
  private long bytes;
  private long misrouted;
  private long expired;

  public Ledger() {
    for (Outcome.Settled outcome : Outcome.Settled.values()) {
      settled.put(outcome, 0L);
    }
  }

  /** A record of that many bytes came in and is in flight from now on. */
  public void received(long recordBytes) {
    synchronized (lock) {
      received++;
      inFlight++;
      bytes += recordBytes;
    }
  }

  /** A shard that was in flight found its end. */
  public void settled(Outcome outcome) {
    synchronized (lock) {
      inFlight--;
      switch (outcome) {
        case Outcome.Settled plain -> settled.merge(plain, 1L, Long::sum);
        case Outcome.Rejected(Rejection rejection) -> {
          rejected++;
          rejections.merge(rejection.reason(), 1L, Long::sum);
        }
      }
    }
  }

  /** A record lies on another partition than its key asks for; it is judged all the same. */
  public void misrouted() {
    synchronized (lock) {
      misrouted++;
    }
  }

  /** So many records were deleted by Kafka before they were received. */
  public void expired(long records) {
    synchronized (lock) {
      expired += records;
    }
  }

  public Reading read() {
    synchronized (lock) {
      Map<String, Long> outcomes = new java.util.LinkedHashMap<>();
      settled.forEach((outcome, count) -> outcomes.put(label(outcome), count));
      outcomes.put("rejected", rejected);
      return new Reading(
          received, outcomes, new EnumMap<>(rejections), inFlight, bytes, misrouted, expired);
    }
  }

  private static String label(Outcome.Settled outcome) {
    return outcome.name().toLowerCase(java.util.Locale.ROOT);
  }
}
