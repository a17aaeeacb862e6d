package dev.sinkwatch.dashboard.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.dashboard.SafetensorsBody;
import dev.sinkwatch.dashboard.access.TestUsers;
import dev.sinkwatch.dashboard.config.Endpoint;
import dev.sinkwatch.dashboard.config.HttpSettings;
import dev.sinkwatch.dashboard.upload.UploadLimits;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.safetensors.ShardCutter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Snapshots over HTTP, up to where they go to Kafka. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IngestRouteTest {
  private static final String PATH = "/api/v1/runs/job/steps/7";
  private static final int MAX_BODY = 32 << 20;

  /** Short, so that what is late is late soon; two at once. */
  private static final UploadLimits SHORT =
      new UploadLimits(2, 16 << 20, 4 << 20, 1000, 1000, 1000);

  private static final byte[] BODY =
      new SafetensorsBody()
          .metadata("'sinkwatch.learning-rate':'1e-3'")
          .matrix("a", 2, 1, 0, 0, 1)
          .matrix("b", 2, 0, 1, 1, 0)
          .bytes();

  private DoorUnderTest door;

  @BeforeEach
  void open() throws IOException {
    door = door(SHORT);
  }

  private static DoorUnderTest door(UploadLimits limits) throws IOException {
    return new DoorUnderTest(
        new HttpSettings(new Endpoint("127.0.0.1", 0), null, null, null, MAX_BODY), limits);
  }

  @AfterEach
  void close() {
    door.close();
  }

  private HttpRequest.Builder post(String path, HttpRequest.BodyPublisher body) {
    return door.request(path).header("Content-Type", "application/octet-stream").POST(body);
  }

  private HttpResponse<String> post(byte[] body) throws Exception {
    return door.send(post(PATH, BodyPublishers.ofByteArray(body)));
  }

  @Test
  void allTensorsAreTakenHoweverTheLengthIsSaid() throws Exception {
    String expected =
        "{\"run\":\"job\",\"step\":7,\"tensors\":2,\"shards\":2,\"bytes\":32,\"leftOut\":[]}";
    HttpResponse<String> known = post(BODY);
    assertThat(known.statusCode()).isEqualTo(202);
    assertThat(known.body()).isEqualTo(expected);
    HttpResponse<String> chunked =
        door.send(post(PATH, BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(BODY))));
    assertThat(chunked.statusCode()).isEqualTo(202);
    assertThat(chunked.body()).isEqualTo(expected);
    HttpResponse<String> asked =
        door.send(post(PATH, BodyPublishers.ofByteArray(BODY)).expectContinue(true));
    assertThat(asked.body()).isEqualTo(expected);
    Hints hints = new Hints(null, null, null, null, null, 1e-3, null);
    KeptShards.Kept a = new KeptShards.Kept("job", "a", 7, "0:2", hints);
    KeptShards.Kept b = new KeptShards.Kept("job", "b", 7, "0:2", hints);
    assertThat(door.shards.kept).containsExactly(a, b, a, b, a, b);
    assertThat(door.shards.ends).containsExactly("accepted", "accepted", "accepted");
    assertThat(door.shards.received.get()).isEqualTo(3L * BODY.length);
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
    refused(door.send(post(path, BodyPublishers.ofByteArray(BODY))), status, reason);
  }

  @Test
  void onlyTypesThatNoForeignPageCanSendUnaskedAreTaken() throws Exception {
    for (String type :
        List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "")) {
      HttpRequest.Builder request = door.request(PATH).POST(BodyPublishers.ofByteArray(BODY));
      if (!type.isEmpty()) {
        request.header("Content-Type", type);
      }
      refused(door.send(request.header("Origin", "http://evil.example")), 415, "content-type");
    }
    refused(
        door.send(post(PATH, BodyPublishers.ofByteArray(BODY)).header("Content-Encoding", "gzip")),
        415,
        "content-encoding");
    // what a browser asks before it sends the others
    HttpResponse<String> asked =
        door.send(
            door.request(PATH)
                .method("OPTIONS", BodyPublishers.noBody())
                .header("Origin", "http://evil.example")
                .header("Access-Control-Request-Method", "POST"));
    assertThat(asked.statusCode()).isEqualTo(405);
    assertThat(asked.headers().map().keySet()).noneMatch(name -> name.startsWith("access-control"));
    assertThat(asked.headers().firstValue("Allow")).hasValue("POST");
    assertThat(door.get(PATH).statusCode()).isEqualTo(405);
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
      HttpResponse<String> response = door.send(post(PATH, publisher));
      String reason = DoorUnderTest.json(response).path("error").asText();
      assertThat(reasons.split(",")).contains(reason);
      refused(response, reason.equals("offsets-beyond-record") ? 400 : status, reason);
    }
  }

  @Test
  void whatIsTooLargeIsToldBeforeItIsSent() throws Exception {
    byte[] claims = new byte[16];
    claims[7] = (byte) 0x80; // 2^63, which is a negative long
    refused(post(claims), 413, "header-too-long");
    claims[7] = 0;
    claims[3] = 1; // 16 MiB
    refused(post(claims), 413, "header-too-long");
    RawRequest.Answer answer =
        RawRequest.send(
            door.port(),
            head("Content-Length: " + (MAX_BODY + 1) + "\r\nExpect: 100-continue\r\n")
                + "Connection: close\r\n\r\n");
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.body()).contains("\"error\":\"body-too-large\"");
    refused(post(new byte[0]), 400, "too-short");
    refused(post(new byte[7]), 400, "too-short");
  }

  @Test
  void aBodyThatStallsOrDripsIsCutAndOneThatEndsTooSoonIsForgotten() throws Exception {
    String head = head("Content-Length: " + BODY.length + "\r\n") + "Connection: close\r\n\r\n";
    RawRequest.Answer stalled =
        RawRequest.send(door.port(), head + new String(BODY, 0, 20, ISO_8859_1));
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
      socket.getOutputStream().write(BODY, 0, 20);
    }
    Awaited.until(() -> door.shards.ends.size() == 3);
    assertThat(door.shards.ends)
        .containsExactlyInAnyOrder(
            "stalled body-stalled", "stalled body-stalled", "aborted client-gone");
    assertThat(post(BODY).statusCode()).isEqualTo(202);
  }

  @Test
  void moreThanMayBeAtOnceAreToldToComeAgainAndThenTheyMay() throws Exception {
    door.shards.hold();
    door.close();
    door = door(new UploadLimits(2, 16 << 20, 4 << 20, 60_000, 1000, 60_000));
    door.shards.hold();
    try (ExecutorService clients = Executors.newCachedThreadPool()) {
      List<Future<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        answers.add(clients.submit(posting()));
      }
      Awaited.until(() -> door.shards.kept.size() == 4);
      HttpResponse<String> third = post(BODY);
      refused(third, 429, "busy");
      assertThat(third.headers().firstValue("Retry-After")).hasValue("2");
      assertThat(answers).noneMatch(Future::isDone);
      door.shards.release();
      for (Future<HttpResponse<String>> answer : answers) {
        assertThat(answer.get().statusCode()).isEqualTo(202);
      }
    }
    assertThat(post(BODY).statusCode()).isEqualTo(202);
    door.shards.full = true;
    refused(post(BODY), 429, "busy");
  }

  private Callable<HttpResponse<String>> posting() {
    return () -> post(BODY);
  }

  @Test
  void whatKafkaDoesNotTakeInTimeIsNotAccepted() throws Exception {
    door.shards.hold();
    HttpResponse<String> late = post(BODY);
    refused(late, 503, "kafka-unavailable");
    assertThat(late.headers().firstValue("Retry-After")).hasValue("10");
    door.shards.release();
    for (Throwable passing : List.of(new TimeoutException("gone"), new KafkaException("gone"))) {
      door.shards.fail(passing);
      HttpResponse<String> failed = post(BODY);
      refused(failed, 503, "kafka-unavailable");
      assertThat(failed.headers().firstValue("Retry-After")).hasValue("10");
      assertThat(failed.body()).contains("Kafka, topic: gone");
    }
  }

  @Test
  void whatKafkaWillNeverTakeIsNotAskedForAgain() throws Exception {
    door.shards.fail(new CompletionException(new RecordTooLargeException("a large one")));
    HttpResponse<String> large = post(BODY);
    refused(large, 413, "record-too-large");
    assertThat(large.headers().firstValue("Retry-After")).isEmpty();
    door.shards.fail(new TopicAuthorizationException("no right to write"));
    HttpResponse<String> refused = post(BODY);
    refused(refused, 502, "kafka-refused");
    assertThat(refused.headers().firstValue("Retry-After")).isEmpty();
    assertThat(refused.body()).contains("Kafka, topic: no right to write");
    assertThat(door.shards.ends)
        .containsExactly("too-large record-too-large", "refused kafka-refused");
  }

  @Test
  void aClientSendsNoFasterThanKafkaTakes() throws Exception {
    door.close();
    door = door(new UploadLimits(2, 16 << 20, 2 << 20, 60_000, 1000, 60_000));
    door.shards.hold();
    int rows = 16 << 20 >> 12;
    byte[] body = new SafetensorsBody().matrix("w", 1024, new float[rows * 1024]).bytes();
    try (ExecutorService client = Executors.newSingleThreadExecutor()) {
      Future<HttpResponse<String>> answer = client.submit(() -> post(body));
      Awaited.until(() -> door.shards.heldBytes() > (2 << 20) - ShardCutter.DEFAULT_BYTES);
      long before;
      do { // until nothing more comes
        before = door.shards.received.get();
        Thread.sleep(500);
      } while (before != door.shards.received.get());
      System.out.printf(
          "with %d bytes not acknowledged, %d of %d have been read%n",
          door.shards.heldBytes(), before, body.length);
      assertThat(door.shards.heldBytes()).isLessThanOrEqualTo(2 << 20);
      assertThat(before).isLessThan(5 << 20);
      assertThat(answer.isDone()).isFalse();
      door.shards.release();
      assertThat(answer.get().statusCode()).isEqualTo(202);
    }
    assertThat(door.shards.kept).hasSize((16 << 20) / ShardCutter.DEFAULT_BYTES + 1);
  }

  @Test
  void onlyWhoMayPublishDoes(@TempDir Path directory) throws Exception {
    Path users =
        TestUsers.write(
            directory.resolve("users.yaml"),
            TestUsers.line("alice", "secret one", "role: viewer"),
            TestUsers.line("gpu", "secret two", "role: ingest"));
    door.close();
    door = new DoorUnderTest(new HttpSettings(new Endpoint("127.0.0.1", 0), null, users), SHORT);
    door.run.step(1, 0.5);
    HttpResponse<String> nobody = post(BODY);
    assertThat(nobody.statusCode()).isEqualTo(401);
    assertThat(as("alice", "secret one", PATH).statusCode()).isEqualTo(403);
    assertThat(as("gpu", "secret one", PATH).statusCode()).isEqualTo(401);
    assertThat(as("gpu", "secret two", PATH).statusCode()).isEqualTo(202);
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
        post(path, BodyPublishers.ofByteArray(BODY))
            .header("Authorization", DoorUnderTest.basic(user, password)));
  }

  private static void refused(HttpResponse<String> response, int status, String reason)
      throws IOException {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(DoorUnderTest.json(response).path("error").asText()).isEqualTo(reason);
    assertThat(DoorUnderTest.json(response).path("message").asText())
        .isNotEmpty()
        .doesNotContain("\n");
  }

  private static String head(String more) {
    return "POST "
        + PATH
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
