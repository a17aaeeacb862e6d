package dev.sinkwatch.dashboard.http;

import dev.sinkwatch.dashboard.config.TlsFiles;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the files say about TLS, checked before anybody relies on it. */
final class Tls {
  private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
  private static final Set<String> VERSIONS = Set.of("TLSv1.2", "TLSv1.3");
  private static final long HANDSHAKE_SECONDS = 10;

  private Tls() {}

  /**
   * Reads the files; blocks.
   *
   * <p>A client without a certificate gets through the handshake and no further than health, as
   * probes have none; one with a certificate of somebody else's does not get through.
   *
   * @throws IOException with one line, when one is missing or they do not belong together
   */
  static ServerSSLOptions read(TlsFiles files, Vertx vertx) throws IOException {
    byte[] chain = bytes(files.certificate());
    byte[] key = bytes(files.key());
    X509Certificate own = certificates(files.certificate(), chain).getFirst();
    PemKeyCertOptions pair =
        new PemKeyCertOptions().addCertValue(Buffer.buffer(chain)).addKeyValue(Buffer.buffer(key));
    if (!belong(own.getPublicKey(), privateKey(files, pair, vertx))) {
      throw new IOException(files.key() + ": not the key of " + files.certificate());
    }
    try {
      own.checkValidity();
    } catch (CertificateExpiredException e) {
      LOG.warn("{}: the certificate has expired", files.certificate());
    } catch (CertificateException e) {
      LOG.warn("{}: the certificate is not valid yet", files.certificate());
    }
    ServerSSLOptions options = new ServerSSLOptions();
    options
        .setKeyCertOptions(pair)
        .setUseAlpn(false)
        .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
        .setEnabledSecureTransportProtocols(VERSIONS);
    Path clientCa = files.clientCa();
    if (clientCa != null) {
      byte[] authorities = bytes(clientCa);
      List<X509Certificate> _ = certificates(clientCa, authorities);
      options
          .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(authorities)))
          .setClientAuth(ClientAuth.REQUEST);
    }
    return options;
  }

  private static byte[] bytes(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": no such file", e);
    } catch (AccessDeniedException e) {
      throw new IOException(file + ": permission denied", e);
    } catch (IOException e) {
      throw new IOException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static List<X509Certificate> certificates(Path file, byte[] pem) throws IOException {
    try {
      Collection<? extends Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem));
      if (!found.isEmpty()) {
        return found.stream().map(X509Certificate.class::cast).toList();
      }
    } catch (CertificateException e) {
      // told below; the message would be about bytes
    }
    throw new IOException(file + ": no certificate in PEM");
  }

  private static PrivateKey privateKey(TlsFiles files, PemKeyCertOptions pair, Vertx vertx)
      throws IOException {
    try {
      for (KeyManager manager : pair.getKeyManagerFactory(vertx).getKeyManagers()) {
        if (manager instanceof X509KeyManager keys) {
          for (String type : List.of("RSA", "EC", "EdDSA", "Ed25519", "Ed448")) {
            String[] aliases = keys.getServerAliases(type, null);
            if (aliases != null && aliases.length > 0) {
              return keys.getPrivateKey(aliases[0]);
            }
          }
        }
      }
    } catch (Exception e) {
      // told below; the library's message may show what the file holds
    }
    throw new IOException(
        files.key()
            + ": no private key in PEM, without a passphrase, of the kind of "
            + files.certificate());
  }

  private static boolean belong(PublicKey certified, PrivateKey key) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(certified.getEncoded());
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(certified.getEncoded());
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false; // of another kind altogether
    }
  }
}
