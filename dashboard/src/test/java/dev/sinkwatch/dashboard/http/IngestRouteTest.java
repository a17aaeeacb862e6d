package dev.sinkwatch.dashboard.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.dashboard.SafetensorsBody;
import dev.sinkwatch.dashboard.access.TestUsers;
import dev.sinkwatch.dashboard.config.Endpoint;
import dev.sinkwatch.dashboard.config.HttpSettings;
import dev.sinkwatch.ingest.Hints;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Snapshots over HTTP, up to where they go to Kafka. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IngestRouteTest {
  @AutoClose private DoorUnderTest door = Upload.door(Upload.SHORT);

  @Test
  void allTensorsAreTakenHoweverTheLengthIsSaid() throws Exception {
    String expected =
        "{\"run\":\"job\",\"step\":7,\"tensors\":2,\"shards\":2,\"bytes\":32,\"leftOut\":[]}";
    HttpResponse<String> known = Upload.post(door, Upload.BODY);
    assertThat(known.statusCode()).isEqualTo(202);
    assertThat(known.body()).isEqualTo(expected);
    HttpResponse<String> chunked =
        door.send(
            Upload.request(
                door,
                Upload.PATH,
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(Upload.BODY))));
    assertThat(chunked.statusCode()).isEqualTo(202);
    assertThat(chunked.body()).isEqualTo(expected);
    HttpResponse<String> asked =
        door.send(
            Upload.request(door, Upload.PATH, BodyPublishers.ofByteArray(Upload.BODY))
                .expectContinue(true));
    assertThat(asked.body()).isEqualTo(expected);
    Hints hints = new Hints(null, null, null, null, null, 1e-3, null);
    KeptShards.Kept a = new KeptShards.Kept("job", "a", 7, "0:2", hints);
    KeptShards.Kept b = new KeptShards.Kept("job", "b", 7, "0:2", hints);
    assertThat(door.shards.kept).containsExactly(a, b, a, b, a, b);
    assertThat(door.shards.ends).containsExactly("accepted", "accepted", "accepted");
    assertThat(door.shards.received.get()).isEqualTo(3L * Upload.BODY.length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/api/v1/runs/-x/steps/7|400|run-invalid",
        "/api/v1/runs/a%20b/steps/7|400|run-invalid",
        "/api/v1/runs/sinkwatch.canary.x/steps/7|400|run-invalid",
        "/api/v1/runs/job/steps/-1|400|step-invalid",
        "/api/v1/runs/job/steps/x|400|step-invalid",
        "/api/v1/runs/job/steps/9999999999999999999|400|step-invalid",
        "/api/v1/runs/job/steps/7?x=y|400|parameters",
      })
  void whereItGoesMustBeRight(String path, int status, String reason) throws Exception {
    Upload.refused(
        door.send(Upload.request(door, path, BodyPublishers.ofByteArray(Upload.BODY))),
        status,
        reason);
  }

  @Test
  void onlyTypesThatNoForeignPageCanSendUnaskedAreTaken() throws Exception {
    for (String type :
        List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "")) {
      HttpRequest.Builder request =
          door.request(Upload.PATH).POST(BodyPublishers.ofByteArray(Upload.BODY));
      if (!type.isEmpty()) {
        request.header("Content-Type", type);
      }
      Upload.refused(
          door.send(request.header("Origin", "http://evil.example")), 415, "content-type");
    }
    Upload.refused(
        door.send(
            Upload.request(door, Upload.PATH, BodyPublishers.ofByteArray(Upload.BODY))
                .header("Content-Encoding", "gzip")),
        415,
        "content-encoding");
    // what a browser asks before it sends the others
    HttpResponse<String> asked =
        door.send(
            door.request(Upload.PATH)
                .method("OPTIONS", BodyPublishers.noBody())
                .header("Origin", "http://evil.example")
                .header("Access-Control-Request-Method", "POST"));
    assertThat(asked.statusCode()).isEqualTo(405);
    assertThat(asked.headers().map().keySet()).noneMatch(name -> name.startsWith("access-control"));
    assertThat(asked.headers().firstValue("Allow")).hasValue("POST");
    assertThat(door.get(Upload.PATH).statusCode()).isEqualTo(405);
    assertThat(door.shards.kept).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'a':|400|header-not-json",
        "{}|400|no-tensor,trailing-bytes",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
            + "'b':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}}|400|offsets-not-contiguous",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|400|trailing-bytes",
        "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}}|400|offsets-beyond-record",
        "{'a':{'dtype':'F32','shape':[4611686018427387904,4],'data_offsets':[0,12]}}"
            + "|400|shape-overflow",
        "{'a':{'dtype':'F32','shape':[268435456],'data_offsets':[0,1073741824]}}"
            + "|413|body-too-large,offsets-beyond-record",
        "{'__metadata__':{'sinkwatch.run':'other'},"
            + "'a':{'dtype':'F32','shape':[3],'data_offsets':[0,12]}}|400|run-invalid",
        "{'__metadata__':{'sinkwatch.step':'8'},"
            + "'a':{'dtype':'F32','shape':[3],'data_offsets':[0,12]}}|400|step-invalid",
      })
  void aBodyThatIsWrongIsRefusedWithItsReason(String json, int status, String reasons)
      throws Exception {
    byte[] body = concat(SafetensorsBody.head(json), new byte[12]);
    for (HttpRequest.BodyPublisher publisher :
        List.of(
            BodyPublishers.ofByteArray(body),
            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))) {
      HttpResponse<String> response = door.send(Upload.request(door, Upload.PATH, publisher));
      String reason = DoorUnderTest.json(response).path("error").asText();
      assertThat(reasons.split(",")).contains(reason);
      Upload.refused(response, reason.equals("offsets-beyond-record") ? 400 : status, reason);
    }
  }

  @Test
  void whatIsTooLargeIsToldBeforeItIsSent() throws Exception {
    byte[] claims = new byte[16];
    claims[7] = (byte) 0x80; // 2^63, which is a negative long
    Upload.refused(Upload.post(door, claims), 413, "header-too-long");
    claims[7] = 0;
    claims[3] = 1; // 16 MiB
    Upload.refused(Upload.post(door, claims), 413, "header-too-long");
    RawRequest.Answer answer =
        RawRequest.send(
            door.port(),
            head("Content-Length: " + (Upload.MAX_BODY + 1) + "\r\nExpect: 100-continue\r\n")
                + "Connection: close\r\n\r\n");
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.body()).contains("\"error\":\"body-too-large\"");
    Upload.refused(Upload.post(door, new byte[0]), 400, "too-short");
    Upload.refused(Upload.post(door, new byte[7]), 400, "too-short");
  }

  @Test
  void aBodyThatStallsOrDripsIsCutAndOneThatEndsTooSoonIsForgotten() throws Exception {
    String head =
        head("Content-Length: " + Upload.BODY.length + "\r\n") + "Connection: close\r\n\r\n";
    RawRequest.Answer stalled =
        RawRequest.send(door.port(), head + new String(Upload.BODY, 0, 20, ISO_8859_1));
    assertThat(stalled.status()).isEqualTo(408);
    assertThat(stalled.body()).contains("\"error\":\"body-stalled\"");
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write((head("Content-Length: 30000000\r\n") + "\r\n").getBytes(UTF_8));
      out.write(SafetensorsBody.head("{" + " ".repeat(4000) + "}"), 0, 8);
      while (socket.getInputStream().available() == 0) {
        out.write(' '); // 20 a second, where 1000 are expected
        Thread.sleep(50);
      }
    }
    try (Socket socket = connect()) {
      socket.getOutputStream().write(head.getBytes(UTF_8));
      socket.getOutputStream().write(Upload.BODY, 0, 20);
    }
    Awaited.until(() -> door.shards.ends.size() == 3);
    assertThat(door.shards.ends)
        .containsExactlyInAnyOrder(
            "stalled body-stalled", "stalled body-stalled", "aborted client-gone");
    assertThat(Upload.post(door, Upload.BODY).statusCode()).isEqualTo(202);
  }

  @Test
  void onlyWhoMayPublishDoes(@TempDir Path directory) throws Exception {
    Path users =
        TestUsers.write(
            directory.resolve("users.yaml"),
            TestUsers.line("alice", "secret one", "role: viewer"),
            TestUsers.line("gpu", "secret two", "role: ingest"));
    door.close();
    door =
        new DoorUnderTest(
            new HttpSettings(new Endpoint("127.0.0.1", 0), null, users), Upload.SHORT);
    door.run.step(1, 0.5);
    HttpResponse<String> nobody = Upload.post(door, Upload.BODY);
    assertThat(nobody.statusCode()).isEqualTo(401);
    assertThat(as("alice", "secret one", Upload.PATH).statusCode()).isEqualTo(403);
    assertThat(as("gpu", "secret one", Upload.PATH).statusCode()).isEqualTo(401);
    assertThat(as("gpu", "secret two", Upload.PATH).statusCode()).isEqualTo(202);
    assertThat(as("gpu", "secret two", "/api/v1/runs").statusCode()).isEqualTo(405);
    assertThat(door.shards.kept).hasSize(2);
    for (String path : List.of("/api/v1/runs", "/api/v1/runs/r", "/metrics", "/")) {
      assertThat(door.status(path, "gpu", "secret two")).as(path).isEqualTo(403);
    }
    for (String user : List.of("gpu/secret two", "alice/secret one")) {
      String[] parts = user.split("/", 2);
      assertThat(door.status("/api/v1/runs/r/verdict", parts[0], parts[1])).isEqualTo(200);
    }
    for (String path :
        List.of("/api/v1/runs/../runs/r/verdict", "/api/v1/runs/r/verdict/../history")) {
      RawRequest.Answer answer =
          door.raw(
              "GET "
                  + path
                  + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
                  + DoorUnderTest.basic("gpu", "secret two")
                  + "\r\n");
      assertThat(answer.status()).as(path).isEqualTo(403);
    }
  }

  private HttpResponse<String> as(String user, String password, String path) throws Exception {
    return door.send(
        Upload.request(door, path, BodyPublishers.ofByteArray(Upload.BODY))
            .header("Authorization", DoorUnderTest.basic(user, password)));
  }

  private static String head(String more) {
    return "POST "
        + Upload.PATH
        + " HTTP/1.1\r\nHost: localhost\r\n"
        + "Content-Type: application/octet-stream\r\n"
        + more;
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), door.port());
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] all = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
