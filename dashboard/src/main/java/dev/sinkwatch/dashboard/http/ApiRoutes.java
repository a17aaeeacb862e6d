package dev.sinkwatch.dashboard.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.dashboard.history.HistoryQuery;
import dev.sinkwatch.dashboard.history.RunHistory;
import dev.sinkwatch.dashboard.http.Parameters.BadParameterException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Metrics, health, and what is known of the runs. */
final class ApiRoutes {
  private static final int MAX_POINTS = 10_000;

  private static final Set<String> FIGURES =
      Stream.of(Figure.values()).map(Figure::key).collect(Collectors.toUnmodifiableSet());

  /** A grid takes some ten times the memory of another answer while it is made. */
  private static final int GRID_WORKERS = 2;

  private final Answers answers;
  private final Answers grids;
  private final Routes routes;

  ApiRoutes(Vertx vertx, Routes routes) {
    this.answers = new Answers(vertx::executeBlocking);
    this.grids =
        new Answers(vertx.createSharedWorkerExecutor("grids", GRID_WORKERS)::executeBlocking);
    this.routes = routes;
  }

  void mount(Router router) {
    RunHistory history = routes.history();
    Guard.reading(router, "/metrics").handler(this::metrics);
    Guard.reading(router, "/health/live")
        .handler(context -> Answer.json(context, 200, object().put("live", true)));
    Guard.reading(router, "/health/ready").handler(this::ready);
    Guard.reading(router, "/api/v1/service")
        .handler(context -> answers.json(context, routes.service()::get));
    Guard.reading(router, "/api/v1/runs").handler(context -> answers.json(context, history::runs));
    Guard.reading(router, "/api/v1/alarms")
        .handler(context -> answers.json(context, history::alarms));
    Guard.reading(router, "/api/v1/runs/:run")
        .handler(context -> {
          String run = Parameters.path(context, "run");
          answers.jsonIfKnown(context, () -> history.run(run), () -> "no run " + run);
        });
    Guard.reading(router, "/api/v1/runs/:run/verdict")
        .handler(context -> {
          String run = Parameters.path(context, "run");
          answers.jsonIfKnown(context, () -> history.verdict(run), () -> "no run " + run);
        });
    Guard.reading(router, "/api/v1/runs/:run/history").handler(this::history);
    ObjectNode figures = figures();
    Guard.reading(router, "/api/v1/figures").handler(context -> Answer.json(context, 200, figures));
    new GridRoute(history, grids).mount(router);
    new DetailRoutes(history, answers).mount(router);
  }

  private void metrics(RoutingContext context) {
    String accept = context.request().getHeader(HttpHeaders.ACCEPT);
    answers.give(
        context,
        () -> routes.metrics().scrape(accept),
        scrape -> Answer.bytes(context, 200, scrape.contentType(), scrape.body()));
  }

  private void ready(RoutingContext context) {
    answers.give(
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
    answers.jsonIfKnown(
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
        Parameters.of(context, Set.of("layer", "chain", "from", "to", "points", "figures"));
    HistoryQuery query =
        new HistoryQuery(
            parameters.text("layer"),
            parameters.text("chain"),
            parameters.number("from", 0, 0, Long.MAX_VALUE),
            parameters.number("to", Long.MAX_VALUE, 0, Long.MAX_VALUE),
            (int) parameters.number("points", HistoryQuery.DEFAULT_POINTS, 1, MAX_POINTS),
            parameters.words("figures", FIGURES));
    if (query.layer() != null && query.chain() != null) {
      throw new BadParameterException("give layer or chain, not both");
    }
    if (query.layer() == null && !query.figures().isEmpty()) {
      throw new BadParameterException("figures are chosen of one layer: give layer too");
    }
    if (query.from() > query.to()) {
      throw new BadParameterException("parameter from is beyond to");
    }
    return query;
  }

  private static ObjectNode figures() {
    ObjectNode json = object();
    ArrayNode array = json.putArray("figures");
    for (Figure figure : Figure.values()) {
      array.addObject().put("key", figure.key()).put("meaning", figure.meaning());
    }
    return json;
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
