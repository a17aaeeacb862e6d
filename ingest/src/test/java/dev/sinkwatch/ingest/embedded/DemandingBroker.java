package dev.sinkwatch.ingest.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/** A broker that asks for TLS and for a password (SASL_SSL, SCRAM-SHA-512). */
public final class DemandingBroker implements AutoCloseable {
  private static final String LISTENER = "listener.name.demanding.";
  private static final int ITERATIONS = 4096;

  private final EmbeddedBroker broker;
  private final int port;

  private DemandingBroker(EmbeddedBroker broker, int port) {
    this.broker = broker;
    this.port = port;
  }

  /**
   * Starts it with one user.
   *
   * @param certificate PEM of its key and certificate
   */
  public static DemandingBroker start(Path certificate, String user, String password)
      throws Exception {
    int port = available();
    EmbeddedBroker broker = EmbeddedBroker.start(0, null, p -> demand(p, port, certificate));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      admin
          .alterUserScramCredentials(
              List.of(
                  new UserScramCredentialUpsertion(
                      user,
                      new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS),
                      password)))
          .all()
          .get();
    } catch (Exception e) {
      broker.close();
      throw e;
    }
    return new DemandingBroker(broker, port);
  }

  private static void demand(Properties p, int port, Path certificate) {
    String address = ",DEMANDING://127.0.0.1:" + port;
    p.merge("listeners", address, (had, more) -> had + (String) more);
    p.merge("advertised.listeners", address, (had, more) -> had + (String) more);
    p.merge(
        "listener.security.protocol.map",
        ",DEMANDING:SASL_SSL",
        (had, more) -> had + (String) more);
    p.put(LISTENER + "ssl.keystore.type", "PEM");
    p.put(LISTENER + "ssl.keystore.location", certificate.toString());
    p.put(LISTENER + "sasl.enabled.mechanisms", "SCRAM-SHA-512");
    p.put(
        LISTENER + "scram-sha-512.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required;");
  }

  private static int available() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  /** Where it asks for both. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** Where it asks for nothing. */
  public String open() {
    return broker.bootstrapServers();
  }

  @Override
  public void close() {
    broker.close();
  }
}
