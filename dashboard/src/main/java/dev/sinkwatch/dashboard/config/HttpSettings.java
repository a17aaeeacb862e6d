package dev.sinkwatch.dashboard.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the HTTP door is and whom it lets in.
 *
 * @param tls null: plain HTTP
 * @param users file of those who may come in; null: nobody is asked for a password
 * @param unixSocket where it listens as well, in plain HTTP; null: nowhere
 * @param ingestMaxBytes of a body that is published; 0: any number
 */
public record HttpSettings(
    Endpoint listen,
    @Nullable TlsFiles tls,
    @Nullable Path users,
    @Nullable Path unixSocket,
    long ingestMaxBytes) {

  /** A door without a Unix socket that takes bodies of any size. */
  public HttpSettings(Endpoint listen, @Nullable TlsFiles tls, @Nullable Path users) {
    this(listen, tls, users, null, 0);
  }

  /** A door of plain HTTP that asks nobody who they are. */
  public static HttpSettings open(Endpoint listen) {
    return new HttpSettings(listen, null, null);
  }

  static HttpSettings of(Configuration configuration) throws ConfigException {
    HttpSettings settings =
        new HttpSettings(
            Endpoint.of(configuration),
            tls(configuration),
            path(configuration, Setting.HTTP_USERS),
            path(configuration, Setting.HTTP_UNIX_SOCKET),
            configuration.text(Setting.HTTP_INGEST_MAX_BYTES).isBlank()
                ? 0
                : configuration.size(Setting.HTTP_INGEST_MAX_BYTES));
    boolean insecure = configuration.flag(Setting.INSECURE);
    if (settings.tls() == null
        && settings.users() == null
        && !insecure
        && !settings.listen().loopback()) {
      throw new ConfigException(
          "anybody who reaches "
              + settings.listen()
              + " could read everything; set http.users or http.tls.client-ca, say --insecure if"
              + " that is meant, or listen on 127.0.0.1");
    }
    return settings;
  }

  /** Whether clients must show who they are. */
  public boolean asks() {
    return users != null || (tls != null && tls.clientCa() != null);
  }

  private static @Nullable TlsFiles tls(Configuration configuration) throws ConfigException {
    Path certificate = path(configuration, Setting.HTTP_TLS_CERTIFICATE);
    Path key = path(configuration, Setting.HTTP_TLS_KEY);
    Path clientCa = path(configuration, Setting.HTTP_TLS_CLIENT_CA);
    if (certificate != null && key != null) {
      return new TlsFiles(certificate, key, clientCa);
    }
    if (certificate != null || key != null || clientCa != null) {
      throw new ConfigException(
          "TLS needs both "
              + Setting.HTTP_TLS_CERTIFICATE.key()
              + " and "
              + Setting.HTTP_TLS_KEY.key());
    }
    return null;
  }

  private static @Nullable Path path(Configuration configuration, Setting setting)
      throws ConfigException {
    String text = configuration.text(setting).strip();
    try {
      return text.isEmpty() ? null : Path.of(text);
    } catch (InvalidPathException e) {
      throw configuration.wrong(setting, "the path of a file");
    }
  }
}
