package dev.sinkwatch.ingest.kafka;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SslAuthenticationException;

/** Says in one line what Kafka's clients say in nested exceptions. */
final class Failures {

  private Failures() {}

  static String line(Throwable failure) {
    Throwable e = failure;
    // the outer exceptions only say that something failed, the inner one says what
    while (e.getCause() != null
        && (e instanceof ExecutionException
            || e instanceof CompletionException
            || e.getClass() == KafkaException.class)) {
      e = e.getCause();
    }
    // that a handshake failed is no help; why it did is at the bottom
    return e instanceof SslAuthenticationException && e.getCause() != null
        ? first(e) + ": " + first(root(e))
        : first(e);
  }

  private static Throwable root(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static String first(Throwable e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message.lines().findFirst().orElse("");
  }

  /** The same outcome, its failure an {@link IOException} of one line. */
  static CompletableFuture<Void> told(String topic, CompletableFuture<Void> outcome) {
    CompletableFuture<Void> told = new CompletableFuture<>();
    var _ =
        outcome.whenComplete((_, failure) -> {
          if (failure == null) {
            told.complete(null);
          } else {
            told.completeExceptionally(
                new IOException("Kafka, " + topic + ": " + line(failure), failure));
          }
        });
    return told;
  }
}
