package dev.sinkwatch.dashboard.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinkwatch.dashboard.access.TestUsers;
import dev.sinkwatch.dashboard.config.Endpoint;
import dev.sinkwatch.dashboard.config.HttpSettings;
import dev.sinkwatch.dashboard.config.TlsFiles;
import dev.sinkwatch.ingest.embedded.TestAuthority;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The door over TLS, with and without certificates of clients. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TlsDoorTest {
  private static final byte ALERT = 21;
  private static final byte HANDSHAKE = 22;
  private static final byte PROTOCOL_VERSION = 70;

  @TempDir private static Path keys;
  private static TestAuthority authority;
  private static TestAuthority stranger;
  private static TestAuthority.Issued server;

  @BeforeAll
  static void issue() throws Exception {
    authority = new TestAuthority(keys, "ours");
    stranger = new TestAuthority(keys, "theirs");
    server = authority.issue("server");
    TestAuthority.Issued _ = authority.issue("client");
    TestAuthority.Issued _ = stranger.issue("impostor");
  }

  private static HttpSettings settings(@Nullable Path clientCa, @Nullable Path users) {
    return settings(server.certificate(), server.key(), clientCa, users);
  }

  private static HttpSettings settings(
      Path certificate, Path key, @Nullable Path clientCa, @Nullable Path users) {
    return new HttpSettings(
        new Endpoint("127.0.0.1", 0), new TlsFiles(certificate, key, clientCa), users);
  }

  private static HttpClient client(SSLContext context) {
    return HttpClient.newBuilder().sslContext(context).build();
  }

  private static HttpResponse<String> get(HttpClient client, DoorUnderTest door, String path)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + door.port() + path)).build();
    return client.send(request, BodyHandlers.ofString(UTF_8));
  }

  private static DoorUnderTest door(HttpSettings settings) throws Exception {
    return new DoorUnderTest(settings, 15_000, Limits.DEFAULT, client(authority.client(null)));
  }

  @Test
  void everythingIsAnsweredOverTls() throws Exception {
    try (DoorUnderTest door = door(settings(null, null))) {
      HttpResponse<String> answer = door.get("/api/v1/runs");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
      assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
      assertThat(answer.headers().firstValue("Strict-Transport-Security"))
          .hasValue("max-age=31536000");
      HttpResponse<String> localhost =
          client(authority.client(null))
              .send(
                  HttpRequest.newBuilder(
                          URI.create("https://localhost:" + door.port() + "/health/live"))
                      .build(),
                  BodyHandlers.ofString(UTF_8));
      assertThat(localhost.headers().firstValue("Strict-Transport-Security")).isEmpty();
      try (EventReader stream = door.stream("/api/v1/stream")) {
        assertThat(stream.until(event -> event.type().equals("alive"))).isNotEmpty();
      }
      assertThatThrownBy(() -> get(client(stranger.client(null)), door, "/health/live"))
          .isInstanceOf(SSLException.class);
    }
  }

  @Test
  void plainHttpOnATlsPortIsNotAnswered() throws Exception {
    try (DoorUnderTest door = door(settings(null, null))) {
      assertThat(door.raw("GET /api/v1/runs HTTP/1.1\r\nHost: localhost\r\n").status()).isZero();
      assertThat(door.get("/health/live").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aHeadThatDoesNotComeToItsEndIsAnsweredBehindTls() throws Exception {
    Limits hasty = new Limits(20, 4, 500, 500, 500, 1000);
    HttpClient client = client(authority.client(null));
    try (DoorUnderTest door = new DoorUnderTest(settings(null, null), 15_000, hasty, client);
        Socket socket =
            authority
                .client(null)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), door.port())) {
      socket.getOutputStream().write("GET / HTT".getBytes(UTF_8));
      assertThat(RawRequest.answer(socket).status()).isEqualTo(408);
    }
  }

  @Test
  void whatIsOlderThanTls12IsRefused() throws Exception {
    try (DoorUnderTest door = door(settings(null, null))) {
      byte[] answer = hello(door.port(), (byte) 2);
      assertThat(answer[0]).isEqualTo(ALERT);
      assertThat(answer[6]).isEqualTo(PROTOCOL_VERSION);
      assertThat(hello(door.port(), (byte) 1)[0]).isEqualTo(ALERT);
      assertThat(hello(door.port(), (byte) 3)[0]).isEqualTo(HANDSHAKE);
    }
  }

  /** The first bytes that come in answer to a ClientHello of TLS 1.(minor - 1). */
  private static byte[] hello(int port, byte minor) throws IOException {
    byte[] extensions =
        HexFormat.of()
            .parseHex(
                "000a000400020017" // secp256r1
                    + "000b00020100" // uncompressed points
                    + "000d0006000404030401"); // ECDSA and RSA with SHA-256
    byte[] suites = HexFormat.of().parseHex("c02bc02fc023c027c009c013002f");
    ByteBuffer body = ByteBuffer.allocate(512);
    body.put((byte) 3).put(minor).put(new byte[32]).put((byte) 0);
    body.putShort((short) suites.length).put(suites).put((byte) 1).put((byte) 0);
    body.putShort((short) extensions.length).put(extensions).flip();
    ByteBuffer record = ByteBuffer.allocate(600);
    record.put(HANDSHAKE).put((byte) 3).put((byte) 1).putShort((short) (body.limit() + 4));
    record.put((byte) 1).put((byte) 0).putShort((short) body.limit()).put(body).flip();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(record.array(), 0, record.limit());
      byte[] answer = new byte[7];
      new DataInputStream(socket.getInputStream()).readFully(answer);
      return answer;
    }
  }

  @Test
  void withAnAuthorityForClientsOnlyItsClientsSeeAnything() throws Exception {
    try (DoorUnderTest door = door(settings(authority.certificate(), null))) {
      HttpResponse<String> without = door.get("/api/v1/runs");
      assertThat(without.statusCode()).isEqualTo(403);
      assertThat(without.body()).isEqualTo("{\"error\":\"a client certificate is needed here\"}");
      assertThat(door.get("/").statusCode()).isEqualTo(403);
      assertThat(door.get("/health/live").statusCode()).isEqualTo(200); // of probes
      assertThat(get(client(authority.client("client")), door, "/api/v1/runs").statusCode())
          .isEqualTo(200);
      assertThatThrownBy(
              () -> get(client(authority.client("impostor", stranger)), door, "/health/live"))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void certificateAndPasswordAreBothAskedForWhereBothAreConfigured() throws Exception {
    Path users =
        TestUsers.write(
            keys.resolve("users.yaml"), TestUsers.line("alice", "correct horse", "role: viewer"));
    try (DoorUnderTest door = door(settings(authority.certificate(), users));
        DoorUnderTest certified =
            new DoorUnderTest(
                settings(authority.certificate(), users),
                15_000,
                Limits.DEFAULT,
                client(authority.client("client")))) {
      assertThat(door.status("/metrics", "alice", "correct horse")).isEqualTo(403);
      assertThat(certified.get("/metrics").statusCode()).isEqualTo(401);
      assertThat(certified.status("/metrics", "alice", "correct horse")).isEqualTo(200);
    }
  }

  @Test
  void aRenewedCertificateIsShownWithoutARestartAndABrokenOneNot() throws Exception {
    Path certificate = Files.copy(server.certificate(), keys.resolve("live.pem"));
    Path key = Files.copy(server.key(), keys.resolve("live-key.pem"));
    TestAuthority.Issued renewed = authority.issue("renewed");
    try (DoorUnderTest door = door(settings(certificate, key, null, null))) {
      assertThat(shown(door)).isEqualTo("CN=server");
      Files.copy(renewed.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
      assertThat(shown(door)).isEqualTo("CN=server"); // the key is still another's
      Files.copy(renewed.key(), key, StandardCopyOption.REPLACE_EXISTING);
      Awaited.until(() -> shown(door).equals("CN=renewed"));
      Files.writeString(certificate, "no certificate");
      assertThat(shown(door)).isEqualTo("CN=renewed");
    }
  }

  private static String shown(DoorUnderTest door) throws Exception {
    try (HttpClient fresh = client(authority.client(null))) {
      HttpResponse<String> answer = get(fresh, door, "/health/live");
      X509Certificate shown =
          (X509Certificate) answer.sslSession().orElseThrow().getPeerCertificates()[0];
      return shown.getSubjectX500Principal().getName();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "none.pem|server-key.pem||none.pem: no such file",
        "server-certificate.pem|none.pem||none.pem: no such file",
        "server-key.pem|server-key.pem||server-key.pem: no certificate in PEM",
        "server-certificate.pem|server-certificate.pem||server-certificate.pem: no private key in"
            + " PEM, without a passphrase, of the kind of",
        "server-certificate.pem|client-key.pem||client-key.pem: not the key of",
        "server-certificate.pem|rsa-key.pem||rsa-key.pem: no private key in PEM",
        "server-certificate.pem|server-key.pem|none.pem|none.pem: no such file",
        "server-certificate.pem|server-key.pem|server-key.pem|server-key.pem: no certificate in"
            + " PEM",
      })
  void filesThatAreWrongAreOneLine(
      String certificate, String key, @Nullable String clientCa, String line) throws Exception {
    rsaKey();
    HttpSettings settings =
        settings(
            keys.resolve(certificate),
            keys.resolve(key),
            clientCa == null ? null : keys.resolve(clientCa),
            null);
    assertThatThrownBy(() -> HttpDoor.check(settings))
        .isInstanceOf(IOException.class)
        .message()
        .contains(
            keys.resolve(line.substring(0, line.indexOf(':'))) + line.substring(line.indexOf(':')))
        .doesNotContain("\n")
        .doesNotContain("BEGIN");
    HttpDoor.check(settings(authority.certificate(), null));
  }

  private static void rsaKey() throws Exception {
    byte[] key = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate().getEncoded();
    Files.writeString(
        keys.resolve("rsa-key.pem"),
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(key)
            + "\n-----END PRIVATE KEY-----\n");
  }
}
