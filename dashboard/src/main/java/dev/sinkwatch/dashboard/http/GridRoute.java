package dev.sinkwatch.dashboard.http;

import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.dashboard.history.GridQuery;
import dev.sinkwatch.dashboard.history.RunHistory;
import dev.sinkwatch.dashboard.http.Parameters.BadParameterException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * {@code GET /api/v1/runs/{run}/grid}: one figure of all layers over the steps, as bytes. Answers
 * may be large, so only so many bytes wait for clients to read them; whoever asks for more is told
 * to ask again.
 */
final class GridRoute {
  private static final int MAX_COLUMNS = 10_000;
  private static final int RETRY_SECONDS = 1;

  /** One answer may be more when it is the only one. */
  private static final long MOST_UNREAD_BYTES = Runtime.getRuntime().maxMemory() / 16;

  private final RunHistory history;
  private final Answers answers;

  /** Of the event loop. */
  private long unreadBytes;

  GridRoute(RunHistory history, Answers answers) {
    this.history = history;
    this.answers = answers;
  }

  void mount(Router router) {
    Guard.reading(router, "/api/v1/runs/:run/grid").handler(this::grid);
  }

  private void grid(RoutingContext context) {
    String run = Parameters.path(context, "run");
    GridQuery query;
    try {
      query = query(context);
    } catch (BadParameterException e) {
      Answer.error(context, 400, e.line());
      return;
    }
    answers.ifKnown(
        context,
        () -> history.grid(run, query),
        () -> "no run " + run,
        grid -> answer(context, grid));
  }

  private void answer(RoutingContext context, byte[] grid) {
    if (unreadBytes > 0 && unreadBytes + grid.length > MOST_UNREAD_BYTES) {
      context.response().putHeader(HttpHeaders.RETRY_AFTER, Integer.toString(RETRY_SECONDS));
      Answer.error(context, 503, "too many grids wait to be read");
      return;
    }
    unreadBytes += grid.length;
    Answer.bytes(context, 200, "application/octet-stream", grid)
        .onComplete(read -> unreadBytes -= grid.length);
  }

  private static GridQuery query(RoutingContext context) throws BadParameterException {
    Parameters parameters =
        Parameters.of(context, Set.of("figure", "kind", "from", "to", "columns"));
    String figure = parameters.oneOf("figure", Figure.SIGMA2.key(), figures());
    String kind = parameters.oneOf("kind", "operator", List.of("operator", "dense"));
    GridQuery query =
        new GridQuery(
            Objects.requireNonNull(Figure.ofKey(figure)),
            kind.equals("operator"),
            parameters.number("from", 0, 0, Long.MAX_VALUE),
            parameters.number("to", Long.MAX_VALUE, 0, Long.MAX_VALUE),
            (int) parameters.number("columns", GridQuery.DEFAULT_COLUMNS, 1, MAX_COLUMNS));
    if (query.from() > query.to()) {
      throw new BadParameterException("parameter from is beyond to");
    }
    return query;
  }

  private static List<String> figures() {
    List<String> keys = new ArrayList<>();
    for (Figure figure : Figure.values()) {
      keys.add(figure.key());
    }
    return keys;
  }
}
