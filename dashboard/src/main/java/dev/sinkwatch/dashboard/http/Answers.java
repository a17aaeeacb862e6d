package dev.sinkwatch.dashboard.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers that are made on a worker thread and given on the event loop. */
final class Answers {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

  /** What Vert.x and its pools of threads have in common. */
  @FunctionalInterface
  interface Workers {
    <T> Future<@Nullable T> executeBlocking(Callable<T> work, boolean ordered);
  }

  private final Workers workers;

  Answers(Workers workers) {
    this.workers = workers;
  }

  void json(RoutingContext context, Callable<ObjectNode> work) {
    give(context, work, json -> Answer.json(context, 200, json));
  }

  void jsonIfKnown(
      RoutingContext context, Callable<Optional<ObjectNode>> work, Callable<String> unknown) {
    ifKnown(context, work, unknown, json -> Answer.json(context, 200, json));
  }

  /**
   * @param unknown says, as the line of a 404, why there is nothing
   */
  <T> void ifKnown(
      RoutingContext context,
      Callable<Optional<T>> work,
      Callable<String> unknown,
      Consumer<T> answer) {
    record Found<T>(Optional<T> it, String error) {}
    give(
        context,
        () -> {
          Optional<T> it = work.call();
          return new Found<>(it, it.isPresent() ? "" : unknown.call());
        },
        found ->
            found.it().ifPresentOrElse(answer, () -> Answer.error(context, 404, found.error())));
  }

  <T> void give(RoutingContext context, Callable<T> work, Consumer<T> answer) {
    workers
        .executeBlocking(work, false)
        .onComplete(
            answer::accept,
            failure -> {
              LOG.error("GET {} failed", context.request().path(), failure);
              Answer.error(context, 500, "internal error");
            });
  }
}
