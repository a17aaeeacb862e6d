package dev.sinkwatch.dashboard.silence;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.dashboard.silence.SilenceException.Refusal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The silences of all monitors of a group. What is begun or ended here stands when the journal has
 * it; what others begin and end is heard from there. Each is over by itself. Safe for use by
 * several threads.
 */
public final class Silences implements Silencing {
  private static final Logger LOG = LoggerFactory.getLogger(Silences.class);

  /** That may stand at once. */
  public static final int MOST = 1000;

  /** Several monitors may each give the last place away. */
  private static final int MOST_HEARD = MOST + 100;

  private static final int JOURNAL_SECONDS = 15;

  private final SilenceJournal journal;
  private final InstantSource clock;
  private final Map<String, Silence> known = new LinkedHashMap<>();

  /** Ids of some that were ended last: what is heard of their beginning comes late. */
  private final SequencedSet<String> ended = new LinkedHashSet<>();

  private volatile SilenceSet set = SilenceSet.EMPTY;
  private boolean changed;

  public Silences(SilenceJournal journal, InstantSource clock) {
    this.journal = journal;
    this.clock = clock;
  }

  /** Those that are not over, the first one to be so first. */
  public List<Silence> standing() {
    return set.standing(clock.millis());
  }

  /** The same as a JSON object with the time. */
  public ObjectNode json() {
    long now = clock.millis();
    return SilenceJson.list(set.standing(now), now);
  }

  @Override
  public @Nullable Long until(Alarm alarm) {
    return set.until(alarm, clock.millis());
  }

  /**
   * Begins one.
   *
   * @param wish a JSON object
   * @return completes when it stands, or with a {@link SilenceException}
   * @throws SilenceException if it may not be
   */
  public CompletableFuture<Silence> begin(byte[] wish, String by) throws SilenceException {
    Silence silence = SilenceJson.wished(wish, by, clock.millis());
    if (standing().size() >= MOST) {
      throw new SilenceException(
          Refusal.FULL, MOST + " silences stand, which is the most; end one of them");
    }
    return kept(silence.id(), SilenceJson.bytes(silence))
        .thenApply(kept -> {
          begun(silence);
          LOG.info(
              "{} silences {} of run {}, layer {}, until {}: {}",
              by,
              silence.alarm(),
              silence.run(),
              silence.layer(),
              Instant.ofEpochMilli(silence.until()),
              silence.reason());
          return silence;
        });
  }

  /**
   * Ends one before its time.
   *
   * @return completes when it is over, or with a {@link SilenceException}
   * @throws SilenceException if there is none of that id
   */
  public CompletableFuture<Void> end(String id, String by) throws SilenceException {
    if (standing().stream().noneMatch(silence -> silence.id().equals(id))) {
      throw new SilenceException(Refusal.UNKNOWN, "no silence of that id stands");
    }
    return kept(id, null)
        .thenRun(() -> {
          heard(id);
          LOG.info("{} has ended silence {}", by, id);
        });
  }

  private CompletableFuture<Void> kept(String id, byte @Nullable [] value) {
    return journal
        .keep(id, value)
        .orTimeout(JOURNAL_SECONDS, TimeUnit.SECONDS)
        .exceptionallyCompose(failure ->
            CompletableFuture.failedFuture(
                new SilenceException(
                    Refusal.UNAVAILABLE, "Kafka has not acknowledged it: " + line(failure))));
  }

  private static String line(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof TimeoutException
        ? "no answer within %d s; it may still come".formatted(JOURNAL_SECONDS)
        : String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
  }

  /**
   * The journal says that it was begun.
   *
   * @throws SilenceException if that is no silence, or there are too many
   */
  public void heard(String id, byte[] value) throws SilenceException {
    Silence silence = SilenceJson.read(id, value, clock.millis());
    if (!begun(silence)) {
      throw new SilenceException(Refusal.FULL, "more than " + MOST_HEARD + " silences");
    }
  }

  /** The journal says that it was ended. */
  public synchronized void heard(String id) {
    if (!SilenceRules.isId(id)) {
      return; // of nothing that ever stood
    }
    ended.add(id);
    if (ended.size() > MOST_HEARD) {
      var _ = ended.removeFirst();
    }
    if (known.remove(id) != null) {
      renew();
    }
  }

  /** Whether there was room. */
  private synchronized boolean begun(Silence silence) {
    if (ended.contains(silence.id()) || silence.equals(known.get(silence.id()))) {
      return true;
    }
    long now = clock.millis();
    if (known.size() >= MOST_HEARD && !known.containsKey(silence.id())) {
      known.values().removeIf(old -> old.over(now));
      if (known.size() >= MOST_HEARD) {
        return false;
      }
    }
    known.put(silence.id(), silence);
    renew();
    return true;
  }

  private void renew() {
    set = new SilenceSet(known.values());
    changed = true;
  }

  /**
   * Lets time pass: those that are over are forgotten, in the journal too. Not before the journal
   * was read to its end, since what is over may have been ended there long ago.
   *
   * @return whether others stand than when it was asked last
   */
  public boolean tick() {
    List<Silence> over;
    boolean news;
    synchronized (this) {
      long now = clock.millis();
      over = new ArrayList<>(known.values());
      over.removeIf(silence -> !silence.over(now));
      if (known.values().removeAll(over)) {
        renew();
      }
      news = changed;
      changed = false;
    }
    for (Silence silence : over) {
      var _ =
          journal
              .keep(silence.id(), null)
              .exceptionally(failure -> {
                // whoever starts next finds it again, and that it is over
                LOG.debug("silence {} is still kept: {}", silence.id(), failure.getMessage());
                return null;
              });
    }
    return news;
  }
}
