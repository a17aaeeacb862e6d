package dev.sinkwatch.dashboard.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.dashboard.http.Parameters.BadParameterException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * {@code GET /api/v1/stream}: server-sent events, of all runs or of those that {@code ?run=} names,
 * which may be given several times, and of all types or of those that {@code ?only=} names, with
 * commas between them. A client that names the last event it saw, in {@code Last-Event-ID} or in
 * {@code ?lastEventId=}, goes on from there. When that is too long ago, or the client reads too
 * slowly, it gets {@code reset}: read everything again. An {@code alive} event with the monitor's
 * time comes on opening and as heartbeat.
 */
final class StreamRoute implements Runnable {
  private static final int RETRY_SECONDS = 5;
  private static final int BATCH = 64;

  private final EventStream events;
  private final Vertx vertx;
  private final int mostClients;
  private final Set<Client> clients = ConcurrentHashMap.newKeySet();

  StreamRoute(Vertx vertx, EventStream events, int mostClients) {
    this.vertx = vertx;
    this.events = events;
    this.mostClients = mostClients;
  }

  void mount(Router router) {
    Guard.reading(router, "/api/v1/stream").handler(this::open);
  }

  /** Begins to hear of events, and keeps streams alive. */
  void start(long heartbeatMillis) {
    events.listen(this);
    vertx.setPeriodic(heartbeatMillis, timer -> clients.forEach(Client::beat));
  }

  /** Ends all streams. */
  void close() {
    events.unlisten(this);
    clients.forEach(Client::end);
  }

  /** There is a new event. */
  @Override
  public void run() {
    clients.forEach(Client::wake);
  }

  private void open(RoutingContext context) {
    Wanted wanted;
    long cursor;
    try {
      Parameters parameters =
          Parameters.of(context, Set.of("run", "only", "lastEventId"), Set.of("run"));
      wanted = new Wanted(parameters.all("run"), parameters.words("only", EventStream.TYPES));
      cursor = parameters.number("lastEventId", events.newest(), 0, Long.MAX_VALUE);
    } catch (BadParameterException e) {
      Answer.error(context, 400, e.line());
      return;
    }
    String header = context.request().getHeader("Last-Event-ID");
    if (header != null && !header.isEmpty()) {
      try {
        cursor = Long.parseLong(header); // of a browser's own reconnection, newer than the query's
      } catch (NumberFormatException e) {
        Answer.error(context, 400, "Last-Event-ID is not an id of this stream");
        return;
      }
    }
    if (clients.size() >= mostClients) {
      context.response().putHeader(HttpHeaders.RETRY_AFTER, Integer.toString(RETRY_SECONDS));
      Answer.error(context, 503, "too many open streams");
      return;
    }
    HttpServerResponse response = context.response();
    response
        .setChunked(true)
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("X-Accel-Buffering", "no");
    if (HttpMethod.HEAD.equals(context.request().method())) {
      response.setChunked(false).end();
      return;
    }
    Client client =
        new Client(
            response,
            context.vertx().getOrCreateContext(),
            Entrance.welcome(context),
            wanted,
            cursor);
    clients.add(client);
    events.opened();
    response.exceptionHandler(failure -> remove(client));
    response.closeHandler(closed -> remove(client));
    client.write("retry: 1000\n\n".getBytes(UTF_8));
    client.beat();
    client.wake();
  }

  private void remove(Client client) {
    if (clients.remove(client)) {
      events.closed();
    }
  }

  /**
   * What a client wants to hear of; an empty set is no restriction, an event of no run is of all.
   */
  private record Wanted(Set<String> runs, Set<String> types) {
    boolean has(EventStream.Event event) {
      return (runs.isEmpty() || event.run() == null || runs.contains(event.run()))
          && (types.isEmpty() || types.contains(event.type()));
    }
  }

  /** One open stream; everything but {@link #wake} happens on its event loop. */
  private final class Client {
    private final HttpServerResponse response;
    private final Context loop;
    private final BooleanSupplier welcome;
    private final Wanted wanted;
    private final AtomicBoolean awake = new AtomicBoolean();
    private long cursor;

    /** Whether it must read everything again. */
    private boolean behind;

    Client(
        HttpServerResponse response,
        Context loop,
        BooleanSupplier welcome,
        Wanted wanted,
        long cursor) {
      this.response = response;
      this.loop = loop;
      this.welcome = welcome;
      this.wanted = wanted;
      this.behind = events.after(cursor, 0).lost();
      this.cursor = behind ? events.newest() : cursor;
    }

    /** There may be something to write; many calls are as good as one. */
    void wake() {
      if (awake.compareAndSet(false, true)) {
        loop.runOnContext(go -> {
          awake.set(false);
          pump();
        });
      }
    }

    private void pump() {
      while (clients.contains(this)) {
        if (response.writeQueueFull()) {
          miss();
          response.drainHandler(drained -> pump());
          return;
        }
        EventStream.Batch batch = events.after(cursor, BATCH);
        if (batch.lost() || behind) {
          long newest = events.newest();
          events.drop(newest - cursor);
          cursor = newest;
          behind = false;
          write(EventStream.frame(cursor, "reset", JsonNodeFactory.instance.objectNode()));
        } else if (batch.events().isEmpty()) {
          return;
        }
        for (EventStream.Event event : batch.events()) {
          cursor = event.id();
          if (wanted.has(event)) {
            write(event.frame());
          }
        }
      }
    }

    /** Whoever cannot be written to misses what is no longer held. */
    private void miss() {
      long missed = events.missed(cursor);
      if (missed > 0) {
        events.drop(missed);
        cursor += missed;
        behind = true;
      }
    }

    /**
     * A comment for proxies and an event for the page, which cannot see comments; its id is how far
     * the client is, though all events since may have been of other runs. Whoever is no longer
     * welcome gets no more.
     */
    void beat() {
      if (!welcome.getAsBoolean()) {
        end();
        return;
      }
      if (!response.writeQueueFull()) {
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        data.put("now", System.currentTimeMillis());
        write(": heartbeat\n".getBytes(UTF_8));
        write(EventStream.frame(cursor, "alive", data));
      }
    }

    void write(byte[] frame) {
      if (!response.closed() && !response.ended()) {
        response.write(Buffer.buffer(frame));
      }
    }

    void end() {
      loop.runOnContext(go -> {
        remove(this);
        if (!response.closed() && !response.ended()) {
          response.end();
        }
      });
    }
  }
}
