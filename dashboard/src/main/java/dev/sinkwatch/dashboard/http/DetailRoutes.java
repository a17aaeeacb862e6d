package dev.sinkwatch.dashboard.http;

import dev.sinkwatch.dashboard.history.MatrixAnswer;
import dev.sinkwatch.dashboard.history.RunHistory;
import dev.sinkwatch.dashboard.http.Parameters.BadParameterException;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is kept of a run beside its figures: how detail falls along the network, and matrices. */
final class DetailRoutes {
  private final RunHistory history;
  private final Answers answers;

  DetailRoutes(RunHistory history, Answers answers) {
    this.history = history;
    this.answers = answers;
  }

  void mount(Router router) {
    Guard.reading(router, "/api/v1/runs/:run/waterfall").handler(this::waterfall);
    Guard.reading(router, "/api/v1/runs/:run/matrix").handler(this::matrix);
  }

  private void waterfall(RoutingContext context) {
    String run = Parameters.path(context, "run");
    String chain;
    long step;
    try {
      Parameters parameters = Parameters.of(context, Set.of("chain", "step"));
      chain = parameters.text("chain");
      step = parameters.number("step", Long.MAX_VALUE, 0, Long.MAX_VALUE);
    } catch (BadParameterException e) {
      Answer.error(context, 400, e.line());
      return;
    }
    answers.jsonIfKnown(
        context, () -> history.waterfall(run, chain, step), () -> noChain(run, chain));
  }

  private void matrix(RoutingContext context) {
    String run = Parameters.path(context, "run");
    String layer;
    Integer index;
    try {
      Parameters parameters = Parameters.of(context, Set.of("layer", "index"));
      layer = parameters.needed("layer");
      index =
          parameters.text("index") == null
              ? null
              : (Integer) (int) parameters.number("index", 0, 0, Integer.MAX_VALUE);
    } catch (BadParameterException e) {
      Answer.error(context, 400, e.line());
      return;
    }
    answers.give(
        context,
        () -> history.matrix(run, layer, index),
        answer -> {
          switch (answer) {
            case MatrixAnswer.Found(var json) -> Answer.json(context, 200, json);
            case MatrixAnswer.Unknown(String line) -> Answer.error(context, 404, line);
            case MatrixAnswer.OutOfBatch(int batch) ->
                Answer.error(
                    context, 400, "parameter index must be an integer from 0 to " + (batch - 1));
          }
        });
  }

  private String noChain(String run, @Nullable String chain) {
    if (!history.knows(run)) {
      return "no run " + run;
    }
    return chain == null ? "no chain in run " + run : "no chain " + chain;
  }
}
