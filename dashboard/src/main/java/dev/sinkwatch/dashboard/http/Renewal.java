package dev.sinkwatch.dashboard.http;

import dev.sinkwatch.dashboard.access.Authenticator;
import dev.sinkwatch.dashboard.access.FileStamp;
import dev.sinkwatch.dashboard.config.TlsFiles;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every second whether the files of users and certificates have changed, off the event loop.
 * New connections meet the new certificate. Files that are wrong leave all as it was, said once.
 */
final class Renewal {
  private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);
  private static final long EVERY_MILLIS = 1000;

  private final Vertx vertx;
  private final @Nullable Authenticator authenticator;
  private final @Nullable TlsFiles files;
  private final AtomicBoolean looking = new AtomicBoolean();
  private List<FileStamp> stamps;

  /** Before the files are read for the first time, so that no change after that is missed. */
  Renewal(Vertx vertx, @Nullable Authenticator authenticator, @Nullable TlsFiles files) {
    this.vertx = vertx;
    this.authenticator = authenticator;
    this.files = files;
    this.stamps = stamps(files);
  }

  void start(HttpServer server) {
    if (authenticator == null && files == null) {
      return;
    }
    vertx.setPeriodic(
        EVERY_MILLIS,
        timer -> {
          if (looking.compareAndSet(false, true)) { // a file system may hang
            vertx
                .executeBlocking(this::look, false)
                .onComplete(
                    fresh -> renew(server, fresh),
                    failure -> {
                      LOG.error("{}; the certificate before it stays", failure.getMessage());
                      looking.set(false);
                    });
          }
        });
  }

  /** New options, or null when nothing changed. */
  private @Nullable ServerSSLOptions look() throws IOException {
    if (authenticator != null) {
      authenticator.refresh();
    }
    List<FileStamp> now = stamps(files);
    if (files == null || now.equals(stamps)) {
      return null;
    }
    stamps = now;
    return Tls.read(files, vertx);
  }

  private void renew(HttpServer server, @Nullable ServerSSLOptions fresh) {
    if (fresh == null) {
      looking.set(false);
      return;
    }
    server
        .updateSSLOptions(fresh)
        .onComplete(
            done -> {
              LOG.info("the certificate was renewed");
              looking.set(false);
            },
            failure -> {
              LOG.error("the certificate could not be renewed: {}", failure.getMessage());
              looking.set(false);
            });
  }

  private static List<FileStamp> stamps(@Nullable TlsFiles files) {
    List<FileStamp> stamps = new ArrayList<>();
    if (files != null) {
      stamps.add(FileStamp.of(files.certificate()));
      stamps.add(FileStamp.of(files.key()));
      Path clientCa = files.clientCa();
      if (clientCa != null) {
        stamps.add(FileStamp.of(clientCa));
      }
    }
    return stamps;
  }
}
