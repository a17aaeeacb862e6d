package dev.sinkwatch.dashboard.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.Set;

/** What stands before every route: headers that keep the page to itself, and whom it answers. */
final class Guard {
  private static final Set<String> LOOPBACK_NAMES =
      Set.of("localhost", "127.0.0.1", "[::1]", "::1");

  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " object-src 'none'";

  private Guard() {}

  /**
   * @param loopback whether only this machine is served. Then a request for another host's name
   *     comes from a page elsewhere whose name was made to point here (DNS rebinding), and is
   *     refused
   * @param tls whether nobody on the way can read along
   */
  static void mount(Router router, boolean loopback, boolean tls, Entrance entrance) {
    router
        .route()
        .handler(context -> {
          headers(context, tls);
          if (Bodies.has(context.request())) {
            context.request().pause();
            // an answer that comes before it is read
            context.addEndHandler(answered -> context.request().resume());
          }
          if (loopback && !forLoopback(context)) {
            Answer.error(context, 421, "this monitor answers on localhost only");
          } else {
            entrance.check(context);
          }
        });
    router.errorHandler(400, context -> Answer.error(context, 400, "bad request"));
    router.errorHandler(404, context -> Answer.error(context, 404, "nothing is here"));
    router.errorHandler(
        405,
        context -> {
          context.response().putHeader("Allow", "GET, HEAD");
          Answer.error(context, 405, "only GET and HEAD are allowed here");
        });
    router.errorHandler(500, context -> Answer.error(context, 500, "internal error"));
  }

  /** A route for GET, and for HEAD, which is GET without a body. */
  static Route reading(Router router, String path) {
    return router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD);
  }

  /** To be mounted behind the routes of that path, for whatever other method. */
  static void only(Router router, String path, String methods) {
    router
        .route(path)
        .handler(context -> {
          context.response().putHeader("Allow", methods);
          int last = methods.lastIndexOf(", ");
          Answer.error(
              context,
              405,
              last < 0
                  ? "only " + methods + " is allowed here"
                  : "only %s and %s are allowed here"
                      .formatted(methods.substring(0, last), methods.substring(last + 2)));
        });
  }

  private static void headers(RoutingContext context, boolean tls) {
    HttpServerResponse response = context.response();
    if (tls && !named(context, "localhost")) {
      // of localhost it would be said to everything else that runs there
      response.putHeader("Strict-Transport-Security", "max-age=31536000");
    }
    response
        .putHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("X-Frame-Options", "DENY")
        .putHeader("Referrer-Policy", "no-referrer")
        .putHeader("Cross-Origin-Resource-Policy", "same-origin");
  }

  private static boolean named(RoutingContext context, String host) {
    HostAndPort authority = context.request().authority();
    return authority != null && host.equalsIgnoreCase(authority.host());
  }

  private static boolean forLoopback(RoutingContext context) {
    HostAndPort authority = context.request().authority();
    return authority != null && LOOPBACK_NAMES.contains(authority.host().toLowerCase(Locale.ROOT));
  }
}
