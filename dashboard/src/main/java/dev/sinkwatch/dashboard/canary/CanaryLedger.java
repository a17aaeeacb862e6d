package dev.sinkwatch.dashboard.canary;

import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.SnapshotId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The canaries under way. Each ends once: as failed (Kafka did not take it), as answered or as
 * lost; published = answered + lost + in flight. One is lost when its verdict was not there though
 * all that lay on the verdicts topic was read, again and again for the timeout: time in which
 * verdicts could not be read counts for nobody. Bounded; safe for use by several threads. All times
 * are those of {@link System#nanoTime}.
 */
final class CanaryLedger {

  /** Under way at once at most; as many lost ones are remembered, should they come late. */
  static final int MOST = 10_000;

  /** A pause between two readings counts for so much, or a quarter of the timeout, at most. */
  private static final Duration LONGEST_STEP = Duration.ofSeconds(5);

  /** One under way. */
  private static final class Flight {
    final int partition;
    final KnownMixer mixer;
    final long sentNanos;
    boolean published;
    long publishedAt; // by the clock that stands still

    Flight(int partition, KnownMixer mixer, long sentNanos) {
      this.partition = partition;
      this.mixer = mixer;
      this.sentNanos = sentNanos;
    }
  }

  private final long timeoutNanos;
  private final long longestStepNanos;
  private final List<CanaryListener> listeners;
  private final Map<SnapshotId, Flight> flights = new HashMap<>();
  private final Map<SnapshotId, Flight> lost = new LinkedHashMap<>();
  private boolean everRead;
  private long lastReadNanos;
  private long clockNanos;
  private boolean closed;

  CanaryLedger(Duration timeout, List<CanaryListener> listeners) {
    this.timeoutNanos = timeout.toNanos();
    this.longestStepNanos = Math.min(LONGEST_STEP.toNanos(), timeoutNanos / 4);
    this.listeners = List.copyOf(listeners);
  }

  /** One is about to be given to Kafka's client. Returns whether there is room for it. */
  synchronized boolean send(SnapshotId id, int partition, KnownMixer mixer, long nanos) {
    if (closed) {
      return false;
    }
    if (flights.size() >= MOST) {
      refuse(
          CanaryFailure.TOO_MANY_IN_FLIGHT,
          MOST + " before have neither a verdict nor been lost, since verdicts cannot be read");
      return false;
    }
    flights.put(id, new Flight(partition, mixer, nanos));
    return true;
  }

  /** One was not even given to Kafka's client. */
  synchronized void refuse(CanaryFailure reason, String line) {
    if (!closed) {
      listeners.forEach(listener -> listener.failed(reason, line));
    }
  }

  /** Kafka has acknowledged all of it. */
  synchronized void acknowledged(SnapshotId id, long nanos) {
    Flight flight = flights.get(id); // none if its verdict was faster
    if (flight != null && !closed) {
      flight.published = true;
      flight.publishedAt = clock(nanos);
      listeners.forEach(listener -> listener.published(flight.partition));
    }
  }

  /** Kafka has not taken it, or not all of it. */
  synchronized void failed(SnapshotId id, CanaryFailure reason, String line) {
    if (!closed && flights.remove(id) != null) {
      refuse(reason, line);
    }
  }

  /** A verdict was read; one that nobody waits for, as after a crash a second one, says nothing. */
  synchronized void verdict(LayerVerdict verdict, long nanos) {
    if (closed) {
      return;
    }
    Flight answered = flights.remove(verdict.id());
    Flight flight = answered != null ? answered : lost.remove(verdict.id());
    if (flight == null) {
      return;
    }
    Comparison comparison = flight.mixer.compare(verdict);
    long delay = nanos - flight.sentNanos;
    for (CanaryListener listener : listeners) {
      if (answered == null) {
        listener.late(flight.partition, delay);
      } else {
        if (!flight.published) {
          listener.published(flight.partition); // the acknowledgement is on its way
        }
        listener.answered(flight.partition, delay);
      }
      listener.compared(comparison);
    }
  }

  /** All that lay on the verdicts' partition at that time has been read. */
  synchronized void readToEnd(long nanos) {
    if (closed) {
      return;
    }
    clockNanos = clock(nanos);
    lastReadNanos = nanos;
    everRead = true;
    List<SnapshotId> overdue = new ArrayList<>();
    flights.forEach((id, flight) -> {
      if (flight.published && clockNanos - flight.publishedAt >= timeoutNanos) {
        overdue.add(id);
      }
    });
    overdue.forEach(this::lose);
  }

  private void lose(SnapshotId id) {
    Flight flight = flights.remove(id);
    if (flight != null) {
      lost.put(id, flight);
      if (lost.size() > MOST) {
        lost.remove(lost.keySet().iterator().next());
      }
      listeners.forEach(listener -> listener.lost(flight.partition));
    }
  }

  /** Stands still while nothing can be read. */
  private long clock(long nanos) {
    return everRead
        ? clockNanos + Math.clamp(nanos - lastReadNanos, 0, longestStepNanos)
        : clockNanos;
  }

  /** Given to Kafka's client, and neither failed nor answered nor lost. */
  synchronized int inFlight() {
    return flights.size();
  }

  /** What happens from here on is the end's doing and counts for nothing. */
  synchronized void close() {
    closed = true;
  }
}
