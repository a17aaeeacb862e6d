package dev.sinkwatch.dashboard.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are too large, too slow, or too many. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileClientsTest {
  private static final String HEAD = "GET /api/v1/runs HTTP/1.1\r\nHost: localhost\r\n";

  /** Short, so that what is cut is cut soon. */
  private static final Limits SHORT = new Limits(20, 4, 1000, 1500, 1000, 1000);

  private DoorUnderTest door;

  @BeforeEach
  void open() throws IOException {
    door = new DoorUnderTest(15_000, SHORT);
  }

  @AfterEach
  void close() throws Exception {
    // whatever happened, others are served
    Awaited.until(() -> door.get("/health/live").statusCode() == 200);
    door.close();
  }

  @Test
  void aBodyThatNobodyWantsIsReadAndNoMoreOfItThanIsBearable() throws Exception {
    for (String method : List.of("GET", "HEAD")) {
      HttpRequest.Builder small =
          door.request("/api/v1/runs")
              .method(method, HttpRequest.BodyPublishers.ofString("x".repeat(1000)));
      assertThat(door.send(small).statusCode()).isEqualTo(200);
      HttpResponse<String> large =
          door.send(
              door.request("/api/v1/runs")
                  .method(method, HttpRequest.BodyPublishers.ofString("x".repeat(1001))));
      assertThat(large.statusCode()).isEqualTo(413);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Content-Length: 1001|413",
        "Content-Length: 99999999999999999999|400,413",
        "Content-Length: -1|400,413",
        "Content-Length: 5, 6|400",
        "Transfer-Encoding: chunked\\r\\n\\r\\n7d0\\r\\nBODY|413",
        "Transfer-Encoding: chunked\\r\\n\\r\\nzz\\r\\n|0,400",
        "Content-Length: 10\\r\\n\\r\\nhalf|408",
        "Transfer-Encoding: chunked\\r\\n\\r\\n10\\r\\nhalf|408",
        "Content-Length: 10\\r\\nExpect: 100-continue|408",
      })
  void whatIsWrongWithABodyHasAStatus(String rest, String statuses) throws Exception {
    String head = HEAD + rest.replace("\\r\\n", "\r\n").replace("BODY", "x".repeat(2000));
    RawRequest.Answer answer =
        RawRequest.send(door.port(), head.contains("\r\n\r\n") ? head : head + "\r\n\r\n");
    int status =
        answer.status() == 100 ? Integer.parseInt(answer.body().substring(9, 12)) : answer.status();
    assertThat(statuses.split(",")).contains(Integer.toString(status));
  }

  @Test
  void aBodyThatDripsIsCut() throws Exception {
    try (Socket socket = connect()) {
      socket.getOutputStream().write((HEAD + "Content-Length: 900\r\n\r\n").getBytes(UTF_8));
      drip(socket, 900);
      assertThat(RawRequest.answer(socket).status()).isEqualTo(408);
    }
  }

  @Test
  void aHeadThatDripsIsCut() throws Exception {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(HEAD.getBytes(UTF_8));
      assertThat(drip(socket, 4000)).as("bytes until it was told").isLessThan(4000);
      RawRequest.Answer answer = RawRequest.answer(socket);
      assertThat(answer.status()).isEqualTo(408);
      assertThat(answer.body()).isEqualTo("{\"error\":\"the request did not come in time\"}");
    }
  }

  @Test
  void aSecondHeadThatDripsIsCutToo() throws Exception {
    try (Socket socket = connect()) {
      socket.getOutputStream().write((HEAD + "\r\n").getBytes(UTF_8));
      while (socket.getInputStream().read() != '}') {
        // the first answer
      }
      socket.getOutputStream().write(HEAD.getBytes(UTF_8));
      assertThat(drip(socket, 4000)).isLessThan(4000);
      assertThat(RawRequest.answer(socket).status()).isEqualTo(408);
    }
  }

  @Test
  void aConnectionThatIsKeptAndSaysNothingMoreIsClosedWithoutAWord() throws Exception {
    try (Socket socket = connect()) {
      socket.getOutputStream().write((HEAD + "\r\n").getBytes(UTF_8));
      while (socket.getInputStream().read() != '}') {
        // the answer
      }
      assertThat(RawRequest.answer(socket).status()).isZero();
    }
  }

  @Test
  void aConnectionThatSaysNothingIsClosed() throws Exception {
    try (Socket socket = connect()) {
      assertThat(RawRequest.answer(socket).status()).isZero();
    }
  }

  @Test
  void aBodyThatGoesOnAfterItsAnswerIsCut() throws Exception {
    try (Socket socket = connect()) {
      String head =
          "POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(UTF_8));
      assertThat(drip(socket, 4000)).isLessThan(4000);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 10_000})
  void aLongPathIsRefused(int length) throws Exception {
    RawRequest.Answer answer =
        door.raw("GET /" + "x".repeat(length) + " HTTP/1.1\r\nHost: localhost\r\n");
    assertThat(answer.status()).isEqualTo(414);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Cookie: ", "X: y\r\nZ: "})
  void largeHeadersAreRefused(String header) throws Exception {
    RawRequest.Answer answer = door.raw(HEAD + header + "x".repeat(17_000) + "\r\n");
    assertThat(answer.status()).isEqualTo(431);
    RawRequest.Answer many = door.raw(HEAD + "A: b\r\n".repeat(5000));
    assertThat(many.status()).isEqualTo(431);
  }

  @Test
  void connectionsBeyondTheLimitAreToldSoAndFarBeyondClosed() throws Exception {
    List<Socket> held = new ArrayList<>();
    try {
      List<EventReader> streams = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        streams.add(door.stream("/api/v1/stream")); // these stay
      }
      HttpResponse<String> fifth = door.get("/api/v1/stream");
      assertThat(fifth.statusCode()).isEqualTo(503);
      assertThat(fifth.headers().firstValue("Retry-After")).isPresent();
      assertThat(fifth.body()).isEqualTo("{\"error\":\"too many open streams\"}");
      List<Integer> statuses = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        Socket socket = connect();
        held.add(socket);
        socket.getOutputStream().write((HEAD + "\r\n").getBytes(UTF_8));
        statuses.add(status(socket));
      }
      assertThat(statuses).startsWith(200).contains(503).containsOnly(200, 503, 0);
      assertThat(statuses.stream().filter(status -> status == 200)).hasSizeLessThanOrEqualTo(16);
      for (EventReader stream : streams) {
        stream.close();
      }
    } finally {
      for (Socket socket : held) {
        socket.close();
      }
    }
  }

  @Test
  void headIsGetWithoutABody() throws Exception {
    door.run.step(1, 0.5);
    for (String path :
        List.of("/", "/metrics", "/health/live", "/api/v1/runs", "/assets/app.js", "/nowhere")) {
      RawRequest.Answer get = door.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n");
      RawRequest.Answer head = door.raw("HEAD " + path + " HTTP/1.1\r\nHost: localhost\r\n");
      assertThat(head.status()).as(path).isEqualTo(get.status());
      assertThat(head.body()).isEmpty();
      assertThat(head.headers().lines())
          .containsAll(
              get.headers().lines().filter(line -> !line.startsWith("content-length")).toList());
    }
    RawRequest.Answer stream = door.raw("HEAD /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n");
    assertThat(stream.status()).isEqualTo(200);
    assertThat(stream.headers()).contains("text/event-stream");
    assertThat(stream.body()).isEmpty();
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), door.port());
  }

  /** Sends a byte now and then, and returns how many it could. */
  private static int drip(Socket socket, int most) throws Exception {
    for (int sent = 0; sent < most; sent++) {
      try {
        socket.getOutputStream().write('x');
      } catch (SocketException e) {
        return sent;
      }
      if (socket.getInputStream().available() > 0) {
        return sent;
      }
      Thread.sleep(50);
    }
    return most;
  }

  /** Status of the next answer; 0 when the connection was closed instead. */
  private static int status(Socket socket) throws IOException {
    socket.setSoTimeout(30_000);
    StringBuilder line = new StringBuilder();
    try {
      for (int next = socket.getInputStream().read();
          next >= 0 && next != '}';
          next = socket.getInputStream().read()) {
        line.append((char) next);
      }
    } catch (SocketException e) {
      return 0;
    }
    return line.length() < 12 ? 0 : Integer.parseInt(line.substring(9, 12));
  }
}
