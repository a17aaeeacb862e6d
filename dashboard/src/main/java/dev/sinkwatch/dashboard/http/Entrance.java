package dev.sinkwatch.dashboard.http;

import dev.sinkwatch.dashboard.access.Admission;
import dev.sinkwatch.dashboard.access.Authenticator;
import dev.sinkwatch.dashboard.access.Credentials;
import dev.sinkwatch.dashboard.access.User;
import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Lets in whom the settings let in. Health is for everybody, by exactly its paths: whatever else a
 * router may make of a path has been asked for credentials before.
 */
final class Entrance {
  private static final Set<String> FOR_EVERYBODY = Set.of("/health/live", "/health/ready");
  private static final String WELCOME = "sinkwatch.welcome";
  private static final String USER = "sinkwatch.user";

  /** What those who publish may read, by exactly its path. */
  private static final Pattern FOR_PUBLISHERS =
      Pattern.compile("/api/v1/runs/[A-Za-z0-9][A-Za-z0-9._-]{0,127}/verdict");

  private static final int RETRY_SECONDS = 1;

  /** What a browser shows of a refusal when its user gives up. */
  private static final byte[] FOR_PEOPLE = PageRoutes.read("/web/unauthorized.html");

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

  /** Whether the client may publish; to be asked by whatever is published to. */
  static boolean publishes(RoutingContext context) {
    User user = context.get(USER);
    return user == null || user.role().publishes();
  }

  /** Whether the client may silence alarms: where nobody is asked for a name, all may. */
  static boolean silences(RoutingContext context) {
    User user = context.get(USER);
    return user == null || user.role().silences();
  }

  /** The client's name; {@code anonymous} where nobody is asked for one. */
  static String name(RoutingContext context) {
    User user = context.get(USER);
    return user == null ? "anonymous" : user.name();
  }

  /** Any POST: where nothing is published to, nothing is told. */
  private static boolean forPublishers(RoutingContext context) {
    String path = context.request().path();
    return HttpMethod.POST.equals(context.request().method())
        || (path != null && FOR_PUBLISHERS.matcher(path).matches());
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
        authenticator.authenticate(credentials.get(), address(context.request()));
    if (admission.isDone()) {
      answer(context, authenticator, admission.join());
      return;
    }
    Context loop = context.vertx().getOrCreateContext();
    var _ =
        admission.thenAccept(
            came -> loop.runOnContext(back -> answer(context, authenticator, came)));
  }

  private static String address(HttpServerRequest request) {
    SocketAddress remote = request.remoteAddress();
    String host = remote == null ? null : remote.hostAddress();
    return host == null ? "the Unix socket" : host;
  }

  private static void answer(
      RoutingContext context, Authenticator authenticator, Admission admission) {
    switch (admission) {
      case Admission.Granted(User user) -> {
        if (user.role().reads() || (user.role().publishes() && forPublishers(context))) {
          BooleanSupplier welcome = () -> authenticator.welcome(user);
          context.put(WELCOME, welcome);
          context.put(USER, user);
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
    String accept = context.request().getHeader(HttpHeaders.ACCEPT);
    if (accept != null && accept.contains("text/html")) {
      Answer.bytes(context, 401, "text/html; charset=utf-8", FOR_PEOPLE);
    } else {
      Answer.error(context, 401, line);
    }
  }
}
