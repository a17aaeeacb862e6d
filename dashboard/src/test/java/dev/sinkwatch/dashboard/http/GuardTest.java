package dev.sinkwatch.dashboard.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** For whom and how requests are answered. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GuardTest {
  @AutoClose private final DoorUnderTest door = new DoorUnderTest();

  @Test
  void otherMethodsAreRefused() throws Exception {
    HttpResponse<String> answer =
        door.send(door.request("/api/v1/runs").POST(HttpRequest.BodyPublishers.ofString("x")));
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).hasValue("GET, HEAD");
    assertThat(DoorUnderTest.json(answer))
        .hasToString("{\"error\":\"only GET and HEAD are allowed here\"}");
  }

  @Test
  void aRequestLineWithoutEndIsRefused() throws Exception {
    RawRequest.Answer answer =
        door.raw("GET /" + "x".repeat(10_000) + " HTTP/1.1\r\nHost: localhost\r\n");
    assertThat(answer.status()).isEqualTo(414);
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1:1", "LOCALHOST:8321", "[::1]:8321", "[::1]"})
  void loopbackNamesAreAnswered(String host) throws Exception {
    assertThat(door.raw("GET /health/live HTTP/1.1\r\nHost: " + host + "\r\n").status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "localhost.evil.example:8321", "10.0.0.1", ""})
  void otherNamesAreRefusedOnLoopback(String host) throws Exception {
    RawRequest.Answer answer = door.raw("GET /api/v1/runs HTTP/1.1\r\nHost: " + host + "\r\n");
    assertThat(answer.status()).isIn(400, 421);
    assertThat(answer.body()).doesNotContain("runs");
  }

  @Test
  void otherNamesAreAnsweredOnOtherAddresses() throws Exception {
    try (HttpDoor wide = HttpDoor.open(DoorUnderTest.plain("0.0.0.0", 0), door.routes())) {
      RawRequest.Answer answer =
          RawRequest.send(
              wide.port(),
              "GET /health/live HTTP/1.1\r\nHost: monitor.example\r\nConnection: close\r\n\r\n");
      assertThat(answer.status()).isEqualTo(200);
    }
  }
}
