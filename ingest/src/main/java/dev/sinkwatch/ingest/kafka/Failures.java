package dev.sinkwatch.ingest.kafka;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import javax.security.auth.login.LoginException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.UnsupportedSaslMechanismException;

/** Says in one line what Kafka's clients say in nested exceptions. */
final class Failures {

  private static final String JAAS = "kafka.sasl.jaas.config";

  /** Kafka's own, which read it. */
  private static final String JAAS_CLASSES = "org.apache.kafka.common.security.Jaas";

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
    return message == null
        ? e.getClass().getSimpleName()
        : named(e, message).lines().findFirst().orElse("");
  }

  /**
   * With the settings at fault as a configuration calls them, where it is certain which they are.
   */
  private static String named(Throwable e, String message) {
    return switch (e) {
      case UnsupportedSaslMechanismException _ -> "kafka.sasl.mechanism: " + message;
      case SaslAuthenticationException _ -> JAAS + " or kafka.sasl.mechanism: " + message;
      case ConfigException _ ->
          message.replaceFirst("for configuration (?=\\w)", "for configuration kafka.");
      case LoginException _ -> JAAS + ": " + message;
      default -> ofJaas(e) ? jaas(message) : message;
    };
  }

  private static boolean ofJaas(Throwable e) {
    return e instanceof IllegalArgumentException
        && Arrays.stream(e.getStackTrace())
            .anyMatch(frame -> frame.getClassName().startsWith(JAAS_CLASSES));
  }

  private static String jaas(String message) {
    return message.startsWith("Could not find")
        ? JAAS + " is not set"
        // where a quotation mark is missing, what Kafka takes for a word may be a password
        : JAAS + ": " + message.replaceFirst("(?s)'.*' in JAAS config", "'...'");
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
