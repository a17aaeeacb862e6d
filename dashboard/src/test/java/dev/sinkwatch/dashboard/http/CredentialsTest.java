package dev.sinkwatch.dashboard.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.dashboard.access.TestUsers;
import dev.sinkwatch.dashboard.config.Endpoint;
import dev.sinkwatch.dashboard.config.HttpSettings;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets in, where users are configured. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CredentialsTest {
  private static final String PASSWORD = "correct: horse ü";

  @TempDir private Path directory;
  private Path users;
  private DoorUnderTest door;

  @BeforeEach
  void open() throws Exception {
    users =
        TestUsers.write(
            directory.resolve("users.yaml"),
            TestUsers.line("alice", PASSWORD, "role: viewer"),
            TestUsers.line("gpu", PASSWORD, "role: ingest"),
            TestUsers.line("gone", PASSWORD, "role: viewer, expires: 2020-01-01"));
    door =
        new DoorUnderTest(
            new HttpSettings(new Endpoint("127.0.0.1", 0), null, users), 200, Limits.DEFAULT);
  }

  @AfterEach
  void close() {
    door.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/metrics",
        "/api/v1/runs",
        "/api/v1/runs/r",
        "/api/v1/runs/r/history",
        "/api/v1/alarms",
        "/api/v1/stream",
        "/assets/app.js",
        "/favicon.svg",
        "/nowhere"
      })
  void everythingButHealthAsksWhoItIs(String path) throws Exception {
    HttpResponse<String> without = door.get(path);
    assertThat(without.statusCode()).isEqualTo(401);
    assertThat(without.headers().firstValue("WWW-Authenticate"))
        .hasValue("Basic realm=\"sinkwatch\", charset=\"UTF-8\"");
    assertThat(without.body()).isEqualTo("{\"error\":\"say who you are\"}");
    assertThat(without.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    for (HttpResponse<String> refused :
        List.of(
            as(path, "alice", "wrong"), as(path, "nobody", PASSWORD), as(path, "gone", PASSWORD))) {
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.headers().firstValue("WWW-Authenticate")).isPresent();
      // one answer for all: it tells nobody which names there are
      assertThat(refused.body())
          .isEqualTo("{\"error\":\"these credentials are not, or no longer, good\"}");
    }
    HttpResponse<String> ingest = as(path, "gpu", PASSWORD);
    assertThat(ingest.statusCode()).isEqualTo(403);
    assertThat(ingest.body()).isEqualTo("{\"error\":\"role ingest may not do this\"}");
  }

  @Test
  void aViewerSeesEverything() throws Exception {
    door.run.step(1, 0.5);
    for (String path :
        List.of("/", "/metrics", "/api/v1/runs", "/api/v1/runs/r", "/assets/app.js")) {
      assertThat(as(path, "alice", PASSWORD).statusCode()).as(path).isEqualTo(200);
    }
    assertThat(as("/nowhere", "alice", PASSWORD).statusCode()).isEqualTo(404);
    try (EventReader stream =
        door.stream(
            door.request("/api/v1/stream")
                .header("Authorization", DoorUnderTest.basic("alice", PASSWORD)))) {
      assertThat(stream.until(event -> event.type().equals("alive"))).isNotEmpty();
    }
  }

  @Test
  void healthIsForEverybody() throws Exception {
    for (String path : List.of("/health/live", "/health/ready")) {
      assertThat(door.get(path).statusCode()).isEqualTo(200);
      assertThat(as(path, "alice", "wrong").statusCode()).isEqualTo(200);
      assertThat(as(path, "gpu", PASSWORD).statusCode()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer abc",
        "Basic",
        "Basic ",
        "Basic %%%",
        "Basic YWxpY2U=",
        "Basic OmFsaWNl",
        "Basic YWxpY2U6",
        "Basic /////w==",
        "Digest username=alice"
      })
  void whatIsNoCredentialIsAskedForOne(String header) throws Exception {
    HttpResponse<String> answer =
        door.send(door.request("/api/v1/runs").header("Authorization", header));
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.body()).isEqualTo("{\"error\":\"say who you are\"}");
  }

  @Test
  void passwordsAreUtf8() throws Exception {
    String latin = Base64.getEncoder().encodeToString(("alice:" + PASSWORD).getBytes(ISO_8859_1));
    assertThat(
            door.send(door.request("/metrics").header("Authorization", "Basic " + latin))
                .statusCode())
        .isEqualTo(401);
    assertThat(door.status("/metrics", "alice", PASSWORD)).isEqualTo(200);
  }

  @Test
  void otherMethodsAreRefusedToThoseWhoAreIn() throws Exception {
    HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString("x");
    assertThat(door.send(door.request("/api/v1/runs").POST(body)).statusCode()).isEqualTo(401);
    assertThat(
            door.send(
                    door.request("/api/v1/runs")
                        .header("Authorization", DoorUnderTest.basic("alice", PASSWORD))
                        .POST(body))
                .statusCode())
        .isEqualTo(405);
  }

  @Test
  void aChangedFileCountsWithoutARestartAndEndsStreams() throws Exception {
    try (EventReader stream =
        door.stream(
            door.request("/api/v1/stream")
                .header("Authorization", DoorUnderTest.basic("alice", PASSWORD)))) {
      stream.until(event -> event.type().equals("alive"));
      TestUsers.write(users, "nonsense");
      TestUsers.write(users, TestUsers.line("bob", "battery staple", "role: viewer"));
      stream.untilEnd();
    }
    Awaited.until(() -> door.status("/metrics", "alice", PASSWORD) == 401);
    assertThat(door.status("/metrics", "bob", "battery staple")).isEqualTo(200);
  }

  @Test
  void credentialsExpireWhileTheyAreInUse() throws Exception {
    Instant soon = Instant.now().plusSeconds(3);
    TestUsers.write(users, TestUsers.line("eve", PASSWORD, "role: viewer, expires: " + soon));
    Awaited.until(() -> door.status("/metrics", "eve", PASSWORD) != 401 || past(soon));
    Awaited.until(() -> door.status("/metrics", "eve", PASSWORD) == 401);
    assertThat(past(soon)).isTrue();
  }

  private static boolean past(Instant instant) {
    return !Instant.now().isBefore(instant);
  }

  private HttpResponse<String> as(String path, String user, String password) throws Exception {
    return door.send(
        door.request(path).header("Authorization", DoorUnderTest.basic(user, password)));
  }
}
