package dev.sinkwatch.dashboard.http;

import dev.sinkwatch.dashboard.access.Admission;
import dev.sinkwatch.dashboard.access.Authenticator;
import dev.sinkwatch.dashboard.access.Credentials;
import dev.sinkwatch.dashboard.access.User;
import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Lets in whom the settings let in. Health is for everybody, by exactly its paths: whatever else a
 * router may make of a path has been asked for credentials before.
 */
final class Entrance {
  private static final Set<String> FOR_EVERYBODY = Set.of("/health/live", "/health/ready");
  private static final String WELCOME = "sinkwatch.welcome";
  private static final int RETRY_SECONDS = 1;

  private final boolean certificates;
  private final @Nullable Authenticator authenticator;

  /**
   * @param certificates whether clients must have shown a certificate
   * @param authenticator null: nobody is asked for a password
   */
  Entrance(boolean certificates, @Nullable Authenticator authenticator) {
    this.certificates = certificates;
    this.authenticator = authenticator;
  }

  void check(RoutingContext context) {
    HttpServerRequest request = context.request();
    String path = request.path();
    if (path != null && FOR_EVERYBODY.contains(path)) {
      context.next();
    } else if (certificates && !certified(request.connection())) {
      Answer.error(context, 403, "a client certificate is needed here");
    } else if (authenticator == null) {
      context.next();
    } else {
      authenticate(context, authenticator);
    }
  }

  /** Whether the client may still be here; asked again and again while a stream is open. */
  static BooleanSupplier welcome(RoutingContext context) {
    BooleanSupplier welcome = context.get(WELCOME);
    return welcome == null ? () -> true : welcome;
  }

  private static boolean certified(HttpConnection connection) {
    try {
      return connection.isSsl() && !connection.peerCertificates().isEmpty();
    } catch (SSLPeerUnverifiedException e) {
      return false;
    }
  }

  private static void authenticate(RoutingContext context, Authenticator authenticator) {
    String header = context.request().getHeader(HttpHeaders.AUTHORIZATION);
    Optional<Credentials> credentials =
        header == null ? Optional.empty() : Credentials.ofBasic(header);
    if (credentials.isEmpty()) {
      unauthorized(context, "say who you are");
      return;
    }
    CompletableFuture<Admission> admission =
        authenticator.authenticate(
            credentials.get(), context.request().remoteAddress().hostAddress());
    if (admission.isDone()) {
      answer(context, authenticator, admission.join());
      return;
    }
    Context loop = context.vertx().getOrCreateContext();
    var _ =
        admission.thenAccept(
            came -> loop.runOnContext(back -> answer(context, authenticator, came)));
  }

  private static void answer(
      RoutingContext context, Authenticator authenticator, Admission admission) {
    switch (admission) {
      case Admission.Granted(User user) -> {
        if (user.role().reads()) {
          BooleanSupplier welcome = () -> authenticator.welcome(user);
          context.put(WELCOME, welcome);
          context.next();
        } else {
          Answer.error(context, 403, "role " + user.role().word() + " may not do this");
        }
      }
      case Admission.Refused() ->
          unauthorized(context, "these credentials are not, or no longer, good");
      case Admission.Busy() -> {
        context.response().putHeader(HttpHeaders.RETRY_AFTER, Integer.toString(RETRY_SECONDS));
        Answer.error(context, 429, "too many logins at once");
      }
    }
  }

  private static void unauthorized(RoutingContext context, String line) {
    context
        .response()
        .putHeader("WWW-Authenticate", "Basic realm=\"sinkwatch\", charset=\"UTF-8\"");
    Answer.error(context, 401, line);
  }
}
