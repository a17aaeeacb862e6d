package dev.sinkwatch.dashboard.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads bodies, those that no route wants too, and lets none be large or slow. A request with a
 * body is paused from its beginning until here, so that nobody sends one before it is known who
 * asks.
 */
final class Bodies {
  private static final String BODY = "sinkwatch.body";

  private final Limits limits;

  Bodies(Limits limits) {
    this.limits = limits;
  }

  static boolean has(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null
        || (length != null && !length.equals("0"));
  }

  /** Reads it for nobody. */
  void read(RoutingContext context) {
    read(context, null);
  }

  /** Reads it for {@link #of}. */
  void keep(RoutingContext context) {
    Buffer body = Buffer.buffer();
    context.put(BODY, body);
    read(context, body);
  }

  /** What was kept of the request's body. */
  static byte[] of(RoutingContext context) {
    Buffer body = context.get(BODY);
    return body == null ? new byte[0] : body.getBytes();
  }

  private void read(RoutingContext context, @Nullable Buffer body) {
    HttpServerRequest request = context.request();
    if (!has(request)) {
      context.next();
      return;
    }
    if (announced(request) > limits.bodyBytes()) {
      tooLarge(context);
      return;
    }
    new Reading(context, body).begin();
  }

  private static long announced(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  private void tooLarge(RoutingContext context) {
    Answer.last(context.response(), 413, 0, "a body of more than " + limits.bodyBytes() + " bytes");
  }

  private final class Reading {
    private final RoutingContext context;
    private final HttpServerRequest request;
    private final @Nullable Buffer body;
    private long timer;
    private long bytes;
    private boolean over;

    Reading(RoutingContext context, @Nullable Buffer body) {
      this.context = context;
      this.body = body;
      this.request = context.request();
    }

    void begin() {
      timer = context.vertx().setTimer(limits.bodyMillis(), late -> late());
      request.exceptionHandler(failure -> finish());
      request.handler(part -> {
        bytes += part.length();
        if (bytes > limits.bodyBytes()) {
          if (finish()) {
            tooLarge(context);
          }
        } else if (body != null) {
          body.appendBuffer(part);
        }
      });
      request.endHandler(end -> {
        if (finish()) {
          context.next();
        }
      });
      if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
        var _ = context.response().writeContinue();
      }
      request.resume();
    }

    private void late() {
      if (finish()) {
        Answer.last(context.response(), 408, 0, "the body did not come in time");
        var _ = request.connection().close();
      }
    }

    /** Whether it goes on from here; it does so once. */
    private boolean finish() {
      boolean first = !over;
      over = true;
      context.vertx().cancelTimer(timer);
      return first;
    }
  }
}
