package dev.sinkwatch.analyzer;

import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.SiteParts;
import dev.sinkwatch.analyzer.verdict.MissingPart;
import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.SnapshotHead;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins the tensors of a site by step. The snapshot that speaks for the site waits, on loan, until
 * the others have come; these are judged at once for what they are themselves, and only what they
 * contribute is kept. A snapshot is let go without the others when its time is over, when two newer
 * ones wait, when there is no room, or when nothing can be taken of one of them; after that the
 * site's snapshots do not wait, until one of them is complete again, if only too late. Of each site
 * and attempt the first that goes alone is logged; its verdicts say it of every one. A site's
 * snapshots go in the order in which they came. For one thread.
 */
final class SiteJoin {
  private static final Logger LOG = LoggerFactory.getLogger(SiteJoin.class);

  /** How long a site's first snapshot waits: nobody knows yet whether the others are published. */
  static final long GRACE_MILLIS = 5_000;

  private static final int NEWER = 2;
  private static final int MAX_SITES = 20_000;

  /** A larger snapshot does not wait: those of many sites shall find room. */
  private static final long MAX_WAITING_BYTES = 1 << 20;

  private enum Habit {
    /** Whether the others come is not known yet. */
    UNKNOWN,
    /** They did the last time. */
    JOINED,
    /** They did not. */
    ALONE
  }

  private record Site(String run, String layer) {}

  /**
   * @param bytes of the room
   */
  private record Waiting(AssembledSnapshot snapshot, long sinceMillis, long bytes) {}

  private static final class Queue {
    final TreeMap<Long, Waiting> byStep = new TreeMap<>();
    Habit habit = Habit.UNKNOWN;
    int attempt;
    @Nullable SnapshotId lastAlone;
    boolean told;
  }

  private final LayerAnalysis analysis;
  private final long timeoutMillis;
  private final JoinRoom room;
  private final SiteParts parts = new SiteParts();
  private final Map<Site, Queue> sites = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param timeoutMillis how long a snapshot waits at most, milliseconds
   * @param room shared with the other lanes
   */
  SiteJoin(LayerAnalysis analysis, long timeoutMillis, JoinRoom room) {
    this.analysis = analysis;
    this.timeoutMillis = timeoutMillis;
    this.room = room;
  }

  /** What the snapshots that were let go are to be judged with. */
  SiteParts parts() {
    return parts;
  }

  /** Takes a snapshot; returns those that are to be judged now, in this order. */
  List<AssembledSnapshot> accept(AssembledSnapshot snapshot, long nowMillis) {
    List<AssembledSnapshot> ready = new ArrayList<>();
    SnapshotId id = snapshot.id();
    if (contributes(snapshot)) {
      ready.add(snapshot);
      String speaker = analysis.speaker(id.layer());
      arrived(new SnapshotId(id.run(), id.attempt(), speaker, id.step()), ready);
    } else if (analysis.several(snapshot)) {
      speaks(snapshot, nowMillis, ready);
    } else {
      ready.add(snapshot);
    }
    return ready;
  }

  private boolean contributes(AssembledSnapshot snapshot) {
    try {
      return analysis.contribute(snapshot, parts);
    } catch (RejectedException e) {
      return true; // it was passed by
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      LOG.warn(
          "{} contributes nothing to {}: {}",
          snapshot.id(),
          analysis.speaker(snapshot.id().layer()),
          e.getMessage());
      return false; // it is judged for what it is itself, and fails there if it must
    }
  }

  /**
   * Hears of a snapshot that is judged as its rows come, and so contributes nothing; returns those
   * that are to be judged now since they waited for it.
   */
  List<AssembledSnapshot> streams(SnapshotHead head) {
    List<AssembledSnapshot> ready = new ArrayList<>();
    SnapshotId id = head.id();
    if (analysis.passBy(head, parts)) {
      String speaker = analysis.speaker(id.layer());
      arrived(new SnapshotId(id.run(), id.attempt(), speaker, id.step()), ready);
    }
    return ready;
  }

  /** A tensor of the site has come. */
  private void arrived(SnapshotId speaker, List<AssembledSnapshot> ready) {
    Queue queue = sites.get(new Site(speaker.run(), speaker.layer()));
    boolean complete = parts.complete(speaker);
    if (queue == null || !(complete || parts.hopeless(speaker))) {
      return;
    }
    Waiting waits = queue.attempt == speaker.attempt() ? queue.byStep.get(speaker.step()) : null;
    if (waits != null && !complete) {
      alone(queue, waits.snapshot);
      letGo(queue, speaker.step(), ready);
    } else if (waits != null) {
      queue.habit = Habit.JOINED;
      letGo(queue, speaker.step(), ready);
    } else if (complete && speaker.equals(queue.lastAlone)) {
      queue.habit = Habit.JOINED; // too late for this one, and the next will wait
    }
  }

  /** The tensor that speaks for the site has come. */
  private void speaks(AssembledSnapshot snapshot, long now, List<AssembledSnapshot> ready) {
    SnapshotId id = snapshot.id();
    Queue queue = sites.computeIfAbsent(new Site(id.run(), id.layer()), absent -> new Queue());
    if (id.attempt() != queue.attempt) {
      letGo(queue, Long.MAX_VALUE, ready);
      queue.attempt = id.attempt();
      queue.habit = Habit.UNKNOWN;
      queue.told = false;
    }
    if (parts.complete(id)) {
      queue.habit = Habit.JOINED;
      letGo(queue, id.step(), ready);
      ready.add(snapshot);
    } else if (queue.habit == Habit.ALONE || parts.hopeless(id)) {
      goesAlone(queue, snapshot, ready);
    } else {
      waits(queue, snapshot, now, ready);
    }
    while (sites.size() > MAX_SITES) {
      forgetFirst(ready);
    }
  }

  private void waits(
      Queue queue, AssembledSnapshot snapshot, long now, List<AssembledSnapshot> ready) {
    Waiting before = queue.byStep.remove(snapshot.id().step());
    if (before != null) {
      room.giveBack(before.bytes);
      before.snapshot.settle(Outcome.Settled.REVOKED); // its source took it back, and it came again
    }
    long bytes = snapshot.waitingBytes();
    if (bytes > MAX_WAITING_BYTES || !room.fits(bytes) || !findRoom(bytes, ready)) {
      goesAlone(queue, snapshot, ready);
      return;
    }
    snapshot.deliveries().forEach(Loan::waits);
    queue.byStep.put(snapshot.id().step(), new Waiting(snapshot, now, bytes));
    if (queue.byStep.size() > NEWER) {
      giveUpFirst(queue, ready);
    }
  }

  /** Takes room, if need be of those sites that nothing was heard of for longest. */
  private boolean findRoom(long bytes, List<AssembledSnapshot> ready) {
    boolean found = room.take(bytes);
    for (Queue silent : found ? List.<Queue>of() : List.copyOf(sites.values())) {
      while (!found && !silent.byStep.isEmpty()) {
        giveUpFirst(silent, ready);
        found = room.take(bytes);
      }
    }
    return found;
  }

  private void goesAlone(Queue queue, AssembledSnapshot snapshot, List<AssembledSnapshot> ready) {
    letGo(queue, snapshot.id().step(), ready);
    alone(queue, snapshot);
    ready.add(snapshot);
  }

  /** Lets those go whose time is over. */
  List<AssembledSnapshot> tick(long nowMillis) {
    List<AssembledSnapshot> ready = new ArrayList<>();
    for (Queue queue : sites.values()) {
      long patience =
          queue.habit == Habit.JOINED ? timeoutMillis : Math.min(timeoutMillis, GRACE_MILLIS);
      while (!queue.byStep.isEmpty()
          && nowMillis - queue.byStep.firstEntry().getValue().sinceMillis >= patience) {
        giveUpFirst(queue, ready);
      }
    }
    return ready;
  }

  /** Lets all go, since nothing will come any more. */
  List<AssembledSnapshot> end() {
    List<AssembledSnapshot> ready = new ArrayList<>();
    sites.values().forEach(queue -> letGo(queue, Long.MAX_VALUE, ready));
    return ready;
  }

  private void giveUpFirst(Queue queue, List<AssembledSnapshot> ready) {
    AssembledSnapshot first = queue.byStep.firstEntry().getValue().snapshot;
    alone(queue, first);
    letGo(queue, first.id().step(), ready);
  }

  /** A snapshot goes without the others. */
  private void alone(Queue queue, AssembledSnapshot snapshot) {
    queue.habit = Habit.ALONE;
    queue.lastAlone = snapshot.id();
    List<MissingPart> missing = analysis.missing(snapshot, parts);
    if (!queue.told && !missing.isEmpty()) {
      queue.told = true;
      LOG.info(
          "{} of run {}, step {}, is judged by itself: {}",
          snapshot.id().layer(),
          snapshot.id().run(),
          snapshot.id().step(),
          missing.stream().map(MissingPart::inWords).collect(Collectors.joining("; ")));
    }
  }

  private void letGo(Queue queue, long step, List<AssembledSnapshot> ready) {
    Map<Long, Waiting> gone = queue.byStep.headMap(step, true);
    for (Waiting each : gone.values()) {
      room.giveBack(each.bytes);
      each.snapshot.deliveries().forEach(Loan::goesOn);
      ready.add(each.snapshot);
    }
    gone.clear();
  }

  private void forgetFirst(List<AssembledSnapshot> ready) {
    Site silent = sites.keySet().iterator().next();
    Queue queue = sites.remove(silent);
    if (queue != null) {
      letGo(queue, Long.MAX_VALUE, ready);
    }
  }
}
