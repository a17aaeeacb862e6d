package dev.sinkwatch.dashboard.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** The page and its parts, each named here; nothing else of the class path can be had. */
final class PageRoutes {
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/";

  private static final List<String> MODULES =
      List.of(
          "app",
          "route",
          "api",
          "stream",
          "model",
          "run-feed",
          "grid",
          "span",
          "scales",
          "standing",
          "format",
          "dom",
          "axis",
          "files",
          "tables",
          "chart-scale",
          "charts",
          "heatmap",
          "heatmap-cursor",
          "heatmap-file",
          "heatmap-rows",
          "heatmap-tip",
          "cells",
          "gestures",
          "marks",
          "matrix",
          "figures",
          "alarms",
          "silencing",
          "toolbar",
          "overview-view",
          "run-lines",
          "run-network",
          "run-view",
          "layer-view",
          "compare-view",
          "alarms-view",
          "health-view");

  private PageRoutes() {}

  static void mount(Router router) {
    serve(router, "/", "/web/index.html", "text/html; charset=utf-8");
    serve(router, "/favicon.svg", "/web/favicon.svg", "image/svg+xml");
    serve(router, "/assets/app.css", "/web/app.css", "text/css; charset=utf-8");
    for (String module : MODULES) {
      String file = "/" + module + ".js";
      serve(router, "/assets" + file, "/web" + file, "text/javascript; charset=utf-8");
    }
    serve(router, "/assets/uplot.css", UPLOT + "dist/uPlot.min.css", "text/css; charset=utf-8");
    serve(
        router, "/assets/uplot.js", UPLOT + "dist/uPlot.esm.js", "text/javascript; charset=utf-8");
    serve(router, "/assets/uplot-license.txt", UPLOT + "LICENSE", "text/plain; charset=utf-8");
  }

  private static void serve(Router router, String path, String resource, String contentType) {
    byte[] bytes = read(resource);
    String tag = '"' + digest(bytes) + '"';
    Guard.reading(router, path).handler(context -> answer(context, bytes, contentType, tag));
  }

  /** Browsers ask each time whether it is still the same, so that a new version shows at once. */
  private static void answer(RoutingContext context, byte[] bytes, String contentType, String tag) {
    context
        .response()
        .putHeader(HttpHeaders.ETAG, tag)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
    if (tag.equals(context.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
      context.response().setStatusCode(304).end();
      return;
    }
    context.response().putHeader(HttpHeaders.CONTENT_TYPE, contentType).end(Buffer.buffer(bytes));
  }

  /** The bytes of a part of the page. */
  static byte[] read(String resource) {
    try (InputStream stream = PageRoutes.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalStateException("not on the class path: " + resource);
      }
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
  }

  private static String digest(byte[] bytes) {
    try {
      byte[] sum = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(sum, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
