package dev.sinkwatch.dashboard.http;

import dev.sinkwatch.dashboard.http.Parameters.BadParameterException;
import dev.sinkwatch.dashboard.silence.SilenceException;
import dev.sinkwatch.dashboard.silence.SilenceJson;
import dev.sinkwatch.dashboard.silence.Silences;
import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /api/v1/silences}: which alarms nobody is to be told of, for a while. */
final class SilenceRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(SilenceRoutes.class);
  private static final String ALL = "/api/v1/silences";
  private static final String ONE = ALL + "/:id";

  private final Silences silences;
  private final Bodies bodies;

  SilenceRoutes(Silences silences, Bodies bodies) {
    this.silences = silences;
    this.bodies = bodies;
  }

  /** Before anybody else reads bodies. */
  void mount(Router router) {
    Guard.reading(router, ALL).handler(bodies::read).handler(this::list);
    router
        .post(ALL)
        .handler(this::admit)
        .handler(this::json)
        .handler(bodies::keep)
        .handler(this::begin);
    router.delete(ONE).handler(this::admit).handler(bodies::read).handler(this::end);
    Guard.only(router, ALL, "GET, HEAD, POST");
    Guard.only(router, ONE, "DELETE");
  }

  private void list(RoutingContext context) {
    if (plain(context)) {
      Answer.json(context, 200, silences.json());
    }
  }

  private void admit(RoutingContext context) {
    if (!Entrance.silences(context)) {
      Answer.error(context, 403, "this role may not silence alarms");
    } else if (foreign(context.request())) {
      Answer.error(context, 403, "a page from elsewhere may not silence alarms");
    } else if (plain(context)) {
      context.next();
    }
  }

  /** A page elsewhere cannot send it without asking first, which nobody here answers. */
  private void json(RoutingContext context) {
    String type = context.request().getHeader(HttpHeaders.CONTENT_TYPE);
    String plain = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (plain.equals("application/json")) {
      context.next();
    } else {
      Answer.error(context, 415, "say Content-Type: application/json");
    }
  }

  /**
   * Whether a browser says that the request is of a page that did not come from here. Where it says
   * how the two are related that counts, since behind a proxy this door does not know its own name.
   */
  private static boolean foreign(HttpServerRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null) {
      return !site.equals("same-origin") && !site.equals("none");
    }
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    HostAndPort authority = request.authority();
    return origin != null
        && (authority == null
            || !origin.equalsIgnoreCase((request.isSSL() ? "https://" : "http://") + authority));
  }

  private static boolean plain(RoutingContext context) {
    try {
      Parameters _ = Parameters.of(context, Set.of());
      return true;
    } catch (BadParameterException e) {
      Answer.error(context, 400, e.line());
      return false;
    }
  }

  private void begin(RoutingContext context) {
    try {
      answer(
          context,
          silences.begin(Bodies.of(context), Entrance.name(context)),
          silence -> Answer.json(context, 201, SilenceJson.silence(silence)));
    } catch (SilenceException e) {
      refuse(context, e);
    }
  }

  private void end(RoutingContext context) {
    try {
      answer(
          context,
          silences.end(Parameters.path(context, "id"), Entrance.name(context)),
          ended -> Answer.empty(context, 204));
    } catch (SilenceException e) {
      refuse(context, e);
    }
  }

  private static <T> void answer(
      RoutingContext context, CompletableFuture<T> outcome, Consumer<T> answer) {
    Context loop = context.vertx().getOrCreateContext();
    var _ =
        outcome.whenComplete((value, failure) ->
            loop.runOnContext(go -> {
              if (failure == null) {
                answer.accept(value);
              } else {
                fail(context, failure.getCause() == null ? failure : failure.getCause());
              }
            }));
  }

  private static void fail(RoutingContext context, Throwable failure) {
    if (failure instanceof SilenceException refused) {
      refuse(context, refused);
    } else {
      LOG.error("{} {} failed", context.request().method(), context.request().path(), failure);
      Answer.error(context, 500, "internal error");
    }
  }

  private static void refuse(RoutingContext context, SilenceException e) {
    int status =
        switch (e.refusal()) {
          case INVALID -> 400;
          case UNKNOWN -> 404;
          case FULL -> 409;
          case UNAVAILABLE -> 503;
        };
    Answer.error(context, status, e.line());
  }
}
