package dev.sinkwatch.ingest.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** A certificate authority of a test's own, new each time; the JDK's keytool makes the keys. */
public final class TestAuthority {
  private static final String PASSWORD = "changeit";

  /**
   * What it issued, as PEM files.
   *
   * @param both key and certificate in one file, as Kafka's clients want them
   */
  public record Issued(Path certificate, Path key, Path both) {}

  private final Path directory;
  private final Path store;
  private final String name;

  /**
   * @param name different from others' in the same directory
   */
  public TestAuthority(Path directory, String name) throws IOException, InterruptedException {
    this.directory = directory;
    this.name = name;
    this.store = directory.resolve(name + ".p12");
    keytool("-alias", "ca", "-dname", "CN=" + name, "-ext", "bc:c");
    Files.writeString(certificate(), pem("CERTIFICATE", encoded("ca")));
  }

  /** Its own certificate, PEM. */
  public Path certificate() {
    return directory.resolve(name + ".pem");
  }

  /** A certificate for 127.0.0.1 and localhost, good for servers and clients. */
  public Issued issue(String alias) throws IOException, InterruptedException {
    keytool(
        "-alias",
        alias,
        "-dname",
        "CN=" + alias,
        "-signer",
        "ca",
        "-ext",
        "san=dns:localhost,ip:127.0.0.1",
        "-ext",
        "eku=serverAuth,clientAuth");
    String certificate = pem("CERTIFICATE", encoded(alias));
    String key = pem("PRIVATE KEY", key(alias).getEncoded());
    Issued issued =
        new Issued(
            directory.resolve(alias + "-certificate.pem"),
            directory.resolve(alias + "-key.pem"),
            directory.resolve(alias + "-both.pem"));
    Files.writeString(issued.certificate(), certificate);
    Files.writeString(issued.key(), key);
    Files.writeString(issued.both(), key + certificate);
    return issued;
  }

  /**
   * Of a client that trusts this authority.
   *
   * @param alias of the certificate that it shows, which this authority issued; null: none
   */
  public SSLContext client(@Nullable String alias) throws IOException, GeneralSecurityException {
    return client(alias, this);
  }

  /** The same with a certificate of another authority, shown whoever the server trusts. */
  public SSLContext client(@Nullable String alias, TestAuthority issuer)
      throws IOException, GeneralSecurityException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", load().getCertificate("ca"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    KeyManager @Nullable [] keys = null;
    if (alias != null) {
      KeyStore own = KeyStore.getInstance("PKCS12");
      own.load(null, null);
      own.setKeyEntry(
          alias,
          issuer.key(alias),
          PASSWORD.toCharArray(),
          new Certificate[] {issuer.load().getCertificate(alias)});
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(own, PASSWORD.toCharArray());
      keys =
          new KeyManager[] {
            new InsistingKeys((X509ExtendedKeyManager) factory.getKeyManagers()[0], alias)
          };
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trust.getTrustManagers(), null);
    return context;
  }

  private byte[] encoded(String alias) throws IOException {
    try {
      return load().getCertificate(alias).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private Key key(String alias) throws IOException {
    try {
      return load().getKey(alias, PASSWORD.toCharArray());
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private KeyStore load() throws IOException {
    try (InputStream in = Files.newInputStream(store)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(in, PASSWORD.toCharArray());
      return keys;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static String pem(String what, byte[] encoded) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(
            what, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded), what);
  }

  private void keytool(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("keytool: " + said);
    }
  }
}
