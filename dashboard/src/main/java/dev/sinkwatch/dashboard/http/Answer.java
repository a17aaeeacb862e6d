package dev.sinkwatch.dashboard.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/** JSON answers; an error is an object with one line in {@code error}. */
final class Answer {

  private Answer() {}

  static void json(RoutingContext context, int status, ObjectNode body) {
    bytes(context, status, "application/json", VerdictJson.bytes(body));
  }

  static void error(RoutingContext context, int status, String line) {
    json(context, status, JsonNodeFactory.instance.objectNode().put("error", line));
  }

  static void empty(RoutingContext context, int status) {
    if (!context.response().ended() && !context.response().closed()) {
      context
          .response()
          .setStatusCode(status)
          .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
          .end();
    }
  }

  /** An error with a word for programs; the line is in {@code message}. */
  static void error(RoutingContext context, int status, String reason, String line) {
    json(
        context,
        status,
        JsonNodeFactory.instance.objectNode().put("error", reason).put("message", line));
  }

  /**
   * The last answer on a connection, which the client need not have finished asking on; it has a
   * moment to read it.
   *
   * @param retrySeconds when to try again; 0: this request, never
   */
  static void last(HttpServerResponse response, int status, int retrySeconds, String line) {
    if (response.ended() || response.closed()) {
      return;
    }
    if (retrySeconds > 0) {
      response.putHeader(HttpHeaders.RETRY_AFTER, Integer.toString(retrySeconds));
    }
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .end(
            Buffer.buffer(
                VerdictJson.bytes(JsonNodeFactory.instance.objectNode().put("error", line))));
  }

  /**
   * Answers with bytes that may be other ones the next time.
   *
   * @return done when they have been written, or cannot be
   */
  @CanIgnoreReturnValue
  static Future<Void> bytes(RoutingContext context, int status, String contentType, byte[] body) {
    if (context.response().ended() || context.response().closed()) {
      return Future.succeededFuture();
    }
    return context
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, contentType)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .end(Buffer.buffer(body));
  }
}
