package dev.sinkwatch.dashboard.http;

import dev.sinkwatch.dashboard.access.Authenticator;
import dev.sinkwatch.dashboard.config.Endpoint;
import dev.sinkwatch.dashboard.config.HttpSettings;
import dev.sinkwatch.dashboard.config.TlsFiles;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server of the monitor, answering from when it is opened until it is closed. */
public final class HttpDoor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpDoor.class);
  private static final long HEARTBEAT_MILLIS = 15_000;
  private static final long SWEEP_MILLIS = 1000;
  private static final int IDLE_SECONDS = 60;
  private static final int MAX_REQUEST_LINE_BYTES = 4096;
  private static final int MAX_HEADERS_BYTES = 16 * 1024;

  /** What the system holds for a client that does not read; by itself it would be megabytes. */
  private static final int SEND_BUFFER_BYTES = 256 * 1024;

  private static final int WORKERS = 4;
  private static final int OPEN_SECONDS = 10;
  private static final int CLOSE_MILLIS = 450;

  private final Vertx vertx;
  private final StreamRoute stream;
  private final HttpServer server;
  private final @Nullable UnixSocket unix;
  private final @Nullable Authenticator authenticator;

  private HttpDoor(
      Vertx vertx,
      StreamRoute stream,
      HttpServer server,
      @Nullable UnixSocket unix,
      @Nullable Authenticator authenticator) {
    this.vertx = vertx;
    this.stream = stream;
    this.server = server;
    this.unix = unix;
    this.authenticator = authenticator;
  }

  /**
   * Reads the files that opening the door will need, and looks whether its port is free, to
   * complain before anything else begins.
   *
   * @throws IOException with one line for the user
   */
  public static void check(HttpSettings settings) throws IOException {
    FreePort.require(settings.listen());
    TlsFiles files = settings.tls();
    if (files != null) {
      Vertx vertx = Vertx.vertx();
      try {
        ServerSSLOptions _ = Tls.read(files, vertx);
      } finally {
        finish(vertx.close());
      }
    }
    Path unix = settings.unixSocket();
    if (unix != null) {
      UnixSocket.check(unix);
    }
    try (Authenticator _ = authenticator(settings)) {
      // it could be read
    }
  }

  /**
   * Opens the door.
   *
   * @throws IOException when it cannot listen there, or a file is not what it should be; the
   *     message is one line for the user
   */
  public static HttpDoor open(HttpSettings settings, Routes routes) throws IOException {
    return open(settings, routes, HEARTBEAT_MILLIS, Limits.DEFAULT);
  }

  static HttpDoor open(HttpSettings settings, Routes routes, long heartbeatMillis, Limits limits)
      throws IOException {
    Endpoint listen = settings.listen();
    InetAddress address;
    try {
      address = InetAddress.getByName(listen.host());
    } catch (UnknownHostException e) {
      throw new IOException("cannot listen on " + listen + ": no such host", e);
    }
    warn(settings, address);
    Authenticator authenticator = authenticator(settings);
    Vertx vertx = vertx();
    try {
      Renewal renewal = new Renewal(vertx, authenticator, settings.tls());
      HttpServerOptions options = options(settings, vertx);
      StreamRoute stream = new StreamRoute(vertx, routes.events(), limits.streams());
      TlsFiles tls = settings.tls();
      Router router = Router.router(vertx);
      Guard.mount(
          router,
          address.isLoopbackAddress(),
          tls != null,
          new Entrance(tls != null && tls.clientCa() != null, authenticator));
      mount(router, vertx, routes, stream, settings, limits);
      Connections connections = new Connections(limits);
      HttpServer server = server(vertx, options, connections, router);
      listen(server, listen, address);
      UnixSocket unix = null;
      Path path = settings.unixSocket();
      if (path != null) {
        Router local = Router.router(vertx);
        Guard.mount(local, false, false, new Entrance(false, authenticator));
        mount(local, vertx, routes, stream, settings, limits);
        HttpServer second = server(vertx, plain(), connections, local);
        unix = UnixSocket.listen(path, at -> await(second.listen(at)));
      }
      vertx.setPeriodic(SWEEP_MILLIS, timer -> connections.sweep());
      stream.start(heartbeatMillis);
      renewal.start(server);
      return new HttpDoor(vertx, stream, server, unix, authenticator);
    } catch (IOException | RuntimeException e) {
      vertx.close();
      if (authenticator != null) {
        authenticator.close();
      }
      throw e;
    }
  }

  /** All routes, behind whatever stands before them. */
  private static void mount(
      Router router,
      Vertx vertx,
      Routes routes,
      StreamRoute stream,
      HttpSettings settings,
      Limits limits) {
    new IngestRoute(routes.uploads(), settings.ingestMaxBytes()).mount(router);
    Bodies bodies = new Bodies(limits);
    new SilenceRoutes(routes.silences(), bodies).mount(router);
    router.route().handler(bodies::read);
    new ApiRoutes(vertx, routes).mount(router);
    stream.mount(router);
    PageRoutes.mount(router);
  }

  private static HttpServer server(
      Vertx vertx, HttpServerOptions options, Connections connections, Router router) {
    return vertx
        .createHttpServer(options)
        .connectionHandler(connections::opened)
        .requestHandler(request -> {
          if (connections.began(request)) {
            router.handle(request);
          }
        });
  }

  private static void listen(HttpServer server, Endpoint listen, InetAddress address)
      throws IOException {
    try {
      await(
          server.listen(SocketAddress.inetSocketAddress(listen.port(), address.getHostAddress())));
    } catch (BindException e) {
      throw FreePort.taken(listen, e);
    } catch (IOException e) {
      throw new IOException("cannot listen on " + listen + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable Authenticator authenticator(HttpSettings settings) throws IOException {
    Path users = settings.users();
    return users == null ? null : new Authenticator(users);
  }

  private static Vertx vertx() {
    return Vertx.vertx(
        new VertxOptions()
            .setEventLoopPoolSize(1)
            .setWorkerPoolSize(WORKERS)
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setClassPathResolvingEnabled(false)
                    .setFileCachingEnabled(false)));
  }

  private static HttpServerOptions plain() {
    return new HttpServerOptions()
        .setHttp2ClearTextEnabled(false)
        .setUseAlpn(false)
        .setIdleTimeout(IDLE_SECONDS)
        .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
        .setMaxHeaderSize(MAX_HEADERS_BYTES);
  }

  private static HttpServerOptions options(HttpSettings settings, Vertx vertx) throws IOException {
    HttpServerOptions options = plain().setSendBufferSize(SEND_BUFFER_BYTES);
    TlsFiles files = settings.tls();
    if (files != null) {
      ServerSSLOptions tls = Tls.read(files, vertx);
      options
          .setSsl(true)
          .setKeyCertOptions(tls.getKeyCertOptions())
          .setTrustOptions(tls.getTrustOptions())
          .setClientAuth(tls.getClientAuth())
          .setEnabledSecureTransportProtocols(tls.getEnabledSecureTransportProtocols())
          .setSslHandshakeTimeout(tls.getSslHandshakeTimeout())
          .setSslHandshakeTimeoutUnit(tls.getSslHandshakeTimeoutUnit());
    }
    return options;
  }

  /** What is allowed and may still surprise. */
  private static void warn(HttpSettings settings, InetAddress address) {
    if (address.isLoopbackAddress()) {
      return;
    }
    if (settings.users() != null && settings.tls() == null) {
      LOG.warn(
          "passwords for {} travel in the clear: set http.tls.certificate and http.tls.key",
          settings.listen());
    } else if (!settings.asks()) {
      LOG.warn(
          "anybody who reaches {} can read everything: set http.users or http.tls.client-ca",
          settings.listen());
    }
  }

  /** The port that it listens on. */
  public int port() {
    return server.actualPort();
  }

  /** Ends open streams and stops listening, in less than a second. */
  @Override
  public void close() {
    stream.close();
    if (unix != null) {
      unix.close();
    }
    finish(server.close());
    if (authenticator != null) {
      authenticator.close();
    }
    finish(vertx.close()); // from here, not from the event loop: there it would wait for itself
  }

  private static void finish(Future<Void> closing) {
    try {
      closing.toCompletionStage().toCompletableFuture().get(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // what is still open dies with the process
    }
  }

  private static <T> T await(Future<T> future) throws IOException {
    try {
      return future.toCompletionStage().toCompletableFuture().get(OPEN_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IOException(e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
    } catch (TimeoutException e) {
      throw new IOException("no answer from the system in " + OPEN_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
