package dev.sinkwatch.dashboard.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
import dev.sinkwatch.dashboard.runs.AlarmJson;
import dev.sinkwatch.dashboard.runs.RunListener;
import dev.sinkwatch.dashboard.silence.Silence;
import dev.sinkwatch.dashboard.silence.SilenceJson;
import dev.sinkwatch.dashboard.silence.Silencing;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The last events of all runs, as frames of server-sent events: {@code verdict}, {@code chain},
 * {@code alarm}, {@code forgotten}, and {@code silence}, which is of no run. Readers keep their
 * place and fetch when they can write, so a slow one costs no memory. Safe for use by several
 * threads.
 *
 * <p>Ids count up by one, from a start that grows with the clock: an id of a monitor that ran
 * earlier is recognised as too old.
 */
public final class EventStream implements RunListener {
  private static final int MAX_EVENTS = 2000;
  private static final long MAX_BYTES = 16L << 20;

  /** Ids per millisecond of the start, more than events can arrive. */
  private static final long IDS_PER_MILLI = 1000;

  /** Kinds of events that a client may choose among. */
  static final Set<String> TYPES = Set.of("verdict", "chain", "alarm", "silence", "forgotten");

  /**
   * One event.
   *
   * @param run null if it is for readers of any run
   * @param frame what goes over the wire
   */
  @SuppressWarnings("ArrayRecordComponent") // shared by all readers, never written to
  record Event(long id, String type, @Nullable String run, byte[] frame) {}

  /**
   * Events after some id.
   *
   * @param lost whether events between that id and the first one here are no longer held
   */
  record Batch(boolean lost, List<Event> events) {}

  /** The event of id i is at i modulo the length; the newest {@code held} ids are there. */
  private final @Nullable Event[] ring;

  private final InstantSource clock;
  private final Silencing silencing;
  private final Set<Runnable> listeners = new CopyOnWriteArraySet<>();
  private final AtomicInteger readers = new AtomicInteger();
  private final LongAdder dropped = new LongAdder();
  private int held;
  private long bytes;
  private long newest;

  /** Of alarms of which none is silenced. */
  public EventStream(InstantSource clock) {
    this(clock, Silencing.NONE);
  }

  public EventStream(InstantSource clock, Silencing silencing) {
    this(clock, silencing, MAX_EVENTS);
  }

  EventStream(InstantSource clock, Silencing silencing, int capacity) {
    this.clock = clock;
    this.silencing = silencing;
    this.ring = new @Nullable Event[capacity];
    this.newest = clock.millis() * IDS_PER_MILLI;
  }

  @Override
  public void layer(LayerVerdict verdict) {
    publish("verdict", verdict.id().run(), VerdictJson.layer(verdict));
  }

  @Override
  public void chain(ChainVerdict verdict) {
    publish("chain", verdict.run(), VerdictJson.chain(verdict));
  }

  @Override
  public void alarm(Alarm alarm) {
    publish("alarm", alarm.run(), AlarmJson.alarm(alarm, silencing));
  }

  @Override
  public void forgotten(String run) {
    publish("forgotten", run, JsonNodeFactory.instance.objectNode().put("run", run));
  }

  /** These silences stand now, and no others. */
  public void silences(List<Silence> standing) {
    publish("silence", null, SilenceJson.list(standing, clock.millis()));
  }

  /** Calls it, on the thread that publishes, after each event; it must be quick. */
  void listen(Runnable listener) {
    listeners.add(listener);
  }

  void unlisten(Runnable listener) {
    listeners.remove(listener);
  }

  /** Streams that are open. */
  public int readers() {
    return readers.get();
  }

  /** Events that readers were not sent because they read too slowly, one for each reader. */
  public long dropped() {
    return dropped.sum();
  }

  void opened() {
    readers.incrementAndGet();
  }

  void closed() {
    readers.decrementAndGet();
  }

  void drop(long events) {
    dropped.add(events);
  }

  /** Id of the newest event. */
  synchronized long newest() {
    return newest;
  }

  /** How many of the events after that id, which has been the newest once, are no longer held. */
  synchronized long missed(long id) {
    return Math.max(0, newest - held - id);
  }

  /** The first events after that id. */
  synchronized Batch after(long id, int limit) {
    if (id < newest - held || id > newest) {
      return new Batch(true, List.of());
    }
    List<Event> events = new ArrayList<>();
    for (long next = id + 1; next <= newest && events.size() < limit; next++) {
      events.add(Objects.requireNonNull(ring[slot(next)]));
    }
    return new Batch(false, events);
  }

  static byte[] frame(long id, String type, ObjectNode data) {
    String head = "id: " + id + "\nevent: " + type + "\ndata: ";
    return (head + new String(VerdictJson.bytes(data), UTF_8) + "\n\n").getBytes(UTF_8);
  }

  private void publish(String type, @Nullable String run, ObjectNode data) {
    synchronized (this) {
      byte[] frame = frame(newest + 1, type, data);
      bytes += frame.length;
      if (held == ring.length) {
        dropOldest();
      }
      newest++;
      held++;
      ring[slot(newest)] = new Event(newest, type, run, frame);
      while (bytes > MAX_BYTES && held > 1) {
        dropOldest();
      }
    }
    listeners.forEach(Runnable::run);
  }

  private void dropOldest() {
    int oldest = slot(newest - held + 1);
    bytes -= Objects.requireNonNull(ring[oldest]).frame().length;
    ring[oldest] = null;
    held--;
  }

  private int slot(long id) {
    return (int) (id % ring.length);
  }
}
