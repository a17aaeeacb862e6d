package dev.sinkwatch.dashboard.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The open connections: no more than may be, and none that is held without being used. A client
 * that sends its request byte by byte has as long for it as any other, and a request that was
 * answered before its end does not go on for ever. For the event loop alone.
 */
final class Connections {
  private static final int RETRY_SECONDS = 5;

  private final Limits limits;
  private final Map<HttpConnection, Held> open = new HashMap<>();

  private static final class Held {
    private final SlowHead head;
    private final boolean crowded;

    /** From when on it has been as it is: waiting for a request, or for an answered one's end. */
    private long sinceMillis;

    private long patience;
    private @Nullable HttpServerRequest request;
    private boolean lingers;

    Held(SlowHead head, boolean crowded, long nowMillis, long patience) {
      this.head = head;
      this.crowded = crowded;
      this.sinceMillis = nowMillis;
      this.patience = patience;
    }
  }

  Connections(Limits limits) {
    this.limits = limits;
  }

  void opened(HttpConnection connection) {
    if (open.size() >= limits.crowd()) {
      var _ = connection.close();
      return;
    }
    open.put(
        connection,
        new Held(
            SlowHead.of(connection),
            open.size() >= limits.connections(),
            nowMillis(),
            limits.headMillis()));
    connection.closeHandler(closed -> open.remove(connection));
  }

  /** A request's head is here. Returns whether it may be answered; else it has been. */
  boolean began(HttpServerRequest request) {
    Held held = open.get(request.connection());
    if (held == null) {
      return false; // closed before it began
    }
    held.head.complete();
    held.request = request;
    held.lingers = false;
    if (held.crowded) {
      Answer.last(request.response(), 503, RETRY_SECONDS, "too many connections");
    }
    return !held.crowded;
  }

  /**
   * Closes what has been held for too long, a request that has begun with an answer; to be called
   * every second or so.
   */
  void sweep() {
    long now = nowMillis();
    for (Map.Entry<HttpConnection, Held> entry : new ArrayList<>(open.entrySet())) {
      Held held = entry.getValue();
      if (overdue(held, now) && !(held.request == null && held.head.late())) {
        var _ = entry.getKey().close();
      }
    }
  }

  private boolean overdue(Held held, long now) {
    HttpServerRequest request = held.request;
    if (request != null) {
      HttpServerResponse response = request.response();
      if (!response.ended() && !response.closed()) {
        return false;
      }
      if (request.isEnded()) {
        if (held.crowded) {
          return true;
        }
        held.request = null;
        held.sinceMillis = now;
        held.patience = limits.idleMillis();
      } else if (!held.lingers) {
        held.lingers = true;
        held.sinceMillis = now;
        held.patience = limits.bodyMillis();
      }
    }
    return now - held.sinceMillis > held.patience;
  }

  private static long nowMillis() {
    return System.nanoTime() / 1_000_000;
  }
}
