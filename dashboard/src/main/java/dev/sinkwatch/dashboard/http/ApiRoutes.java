package dev.sinkwatch.dashboard.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.dashboard.history.HistoryQuery;
import dev.sinkwatch.dashboard.history.RunHistory;
import dev.sinkwatch.dashboard.http.Parameters.BadParameterException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Metrics, health, and what is known of the runs; answers are made off the event loop. */
final class ApiRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(ApiRoutes.class);
  private static final int MAX_POINTS = 10_000;

  private final Vertx vertx;
  private final Routes routes;

  ApiRoutes(Vertx vertx, Routes routes) {
    this.vertx = vertx;
    this.routes = routes;
  }

  void mount(Router router) {
    RunHistory history = routes.history();
    Guard.reading(router, "/metrics").handler(this::metrics);
    Guard.reading(router, "/health/live")
        .handler(context -> Answer.json(context, 200, object().put("live", true)));
    Guard.reading(router, "/health/ready").handler(this::ready);
    Guard.reading(router, "/api/v1/runs").handler(context -> answer(context, history::runs));
    Guard.reading(router, "/api/v1/alarms").handler(context -> answer(context, history::alarms));
    Guard.reading(router, "/api/v1/runs/:run")
        .handler(context -> {
          String run = Parameters.path(context, "run");
          answerIfKnown(context, () -> history.run(run), () -> "no run " + run);
        });
    Guard.reading(router, "/api/v1/runs/:run/verdict")
        .handler(context -> {
          String run = Parameters.path(context, "run");
          answerIfKnown(context, () -> history.verdict(run), () -> "no run " + run);
        });
    Guard.reading(router, "/api/v1/runs/:run/history").handler(this::history);
  }

  private void metrics(RoutingContext context) {
    String accept = context.request().getHeader(HttpHeaders.ACCEPT);
    off(
        context,
        () -> routes.metrics().scrape(accept),
        scrape -> Answer.bytes(context, 200, scrape.contentType(), scrape.body()));
  }

  private void ready(RoutingContext context) {
    off(
        context,
        () -> List.copyOf(routes.unready().get()),
        reasons -> {
          ObjectNode json = object().put("ready", reasons.isEmpty());
          ArrayNode array = json.putArray("reasons");
          reasons.forEach(array::add);
          Answer.json(context, reasons.isEmpty() ? 200 : 503, json);
        });
  }

  private void history(RoutingContext context) {
    String run = Parameters.path(context, "run");
    HistoryQuery query;
    try {
      query = query(context);
    } catch (BadParameterException e) {
      Answer.error(context, 400, e.line());
      return;
    }
    answerIfKnown(
        context,
        () -> routes.history().history(run, query),
        () -> {
          if (routes.history().run(run).isEmpty()) {
            return "no run " + run;
          }
          return query.layer() != null ? "no layer " + query.layer() : "no chain " + query.chain();
        });
  }

  private static HistoryQuery query(RoutingContext context) throws BadParameterException {
    Parameters parameters =
        Parameters.of(context, Set.of("layer", "chain", "from", "to", "points"));
    HistoryQuery query =
        new HistoryQuery(
            parameters.text("layer"),
            parameters.text("chain"),
            parameters.number("from", 0, 0, Long.MAX_VALUE),
            parameters.number("to", Long.MAX_VALUE, 0, Long.MAX_VALUE),
            (int) parameters.number("points", HistoryQuery.DEFAULT_POINTS, 1, MAX_POINTS));
    if (query.layer() != null && query.chain() != null) {
      throw new BadParameterException("give layer or chain, not both");
    }
    if (query.from() > query.to()) {
      throw new BadParameterException("parameter from is beyond to");
    }
    return query;
  }

  private void answer(RoutingContext context, Callable<ObjectNode> work) {
    off(context, work, json -> Answer.json(context, 200, json));
  }

  private void answerIfKnown(
      RoutingContext context, Callable<Optional<ObjectNode>> work, Callable<String> unknown) {
    record Found(Optional<ObjectNode> json, String error) {}
    off(
        context,
        () -> {
          Optional<ObjectNode> json = work.call();
          return new Found(json, json.isPresent() ? "" : unknown.call());
        },
        found ->
            found
                .json()
                .ifPresentOrElse(
                    json -> Answer.json(context, 200, json),
                    () -> Answer.error(context, 404, found.error())));
  }

  /** Does the work on a worker thread and answers on the event loop. */
  private <T> void off(RoutingContext context, Callable<T> work, Consumer<T> answer) {
    vertx
        .executeBlocking(work, false)
        .onComplete(
            answer::accept,
            failure -> {
              LOG.error("GET {} failed", context.request().path(), failure);
              Answer.error(context, 500, "internal error");
            });
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
