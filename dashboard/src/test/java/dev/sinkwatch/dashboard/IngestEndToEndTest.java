package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** From a POST to a verdict, over a real broker. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class IngestEndToEndTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration MOST = Duration.ofSeconds(60);
  private static final int UPLOADS = 16;

  private static final float[] HEALTHY = {0.9f, 0.1f, 0.1f, 0.9f};
  private static final float[] UNIFORM = {0.5f, 0.5f, 0.5f, 0.5f};

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static MonitorUnderTest monitor;

  @BeforeAll
  static void start() throws Exception {
    monitor =
        MonitorUnderTest.start(
            Map.of(
                "alarms.consecutive", "2",
                "alarms.warm-up", "1",
                // so that it soon gives up what no broker takes
                "kafka.request.timeout.ms", "1000",
                "kafka.delivery.timeout.ms", "3000",
                "kafka.max.block.ms", "3000"));
  }

  @AfterAll
  static void close() {
    HTTP.shutdownNow();
    monitor.close();
  }

  private static HttpResponse<String> post(String run, long step, byte[] body) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(monitor.url() + "/api/v1/runs/" + run + "/steps/" + step))
            .header("Content-Type", "application/octet-stream")
            .POST(BodyPublishers.ofByteArray(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static byte[] mixers(float[] values) {
    return new SafetensorsBody()
        .metadata("'sinkwatch.operators':'2','sinkwatch.kind':'doubly-stochastic'")
        .matrix("layers.0.mixer", 2, values)
        .matrix("layers.1.mixer", 2, HEALTHY)
        .bytes();
  }

  private static JsonNode verdict(String run) {
    try {
      return MAPPER.readTree(monitor.get("/api/v1/runs/" + run + "/verdict"));
    } catch (Exception e) {
      return MAPPER.createObjectNode(); // not known yet
    }
  }

  private static void awaitVerdict(String run, String expected, long step) throws Exception {
    MonitorUnderTest.await(
        run + " is told " + expected + " at " + step,
        MOST,
        () ->
            verdict(run).path("verdict").asText().equals(expected)
                && verdict(run).path("step").asLong() == step);
  }

  private static double outcome(String name, String outcome) {
    return monitor.scrape().stream()
        .filter(s -> s.name().equals(name) && s.label("outcome").equals(outcome))
        .mapToDouble(MonitorUnderTest.Sample::value)
        .sum();
  }

  @Test
  @Order(1)
  void aRunThatFallsIsToldToStopAndARetryChangesNothing() throws Exception {
    assertThat(post("job", 0, mixers(HEALTHY)).statusCode()).isEqualTo(202);
    awaitVerdict("job", "ok", 0);
    for (int step = 1; step <= 4; step++) {
      HttpResponse<String> response = post("job", step, mixers(UNIFORM));
      assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
    }
    awaitVerdict("job", "stop", 4);
    JsonNode before = verdict("job");
    assertThat(before.path("reason").asText()).matches("\\w+ on \\S+ since step \\d+: .+");
    assertThat(before.path("alarms"))
        .anySatisfy(alarm -> {
          assertThat(alarm.path("alarm").asText()).isEqualTo("HomogeneityTrap");
          assertThat(alarm.path("severity").asText()).isEqualTo("critical");
          assertThat(alarm.path("state").asText()).isEqualTo("firing");
          assertThat(alarm.path("layer").asText()).isEqualTo("layers.0.mixer");
        });
    monitor.settle(MOST);
    double analyzed = outcome("sinkwatch_shards_total", "analyzed");
    double duplicates = outcome("sinkwatch_shards_total", "duplicate");
    // the answer was lost on its way, so the client sends the same again
    assertThat(post("job", 4, mixers(UNIFORM)).statusCode()).isEqualTo(202);
    monitor.settle(MOST);
    assertThat(outcome("sinkwatch_shards_total", "duplicate")).isEqualTo(duplicates + 2);
    assertThat(outcome("sinkwatch_shards_total", "analyzed")).isEqualTo(analyzed);
    assertThat(verdict("job")).isEqualTo(before);
    assertThat(monitor.value("sinkwatch_records_misrouted_total")).isZero();
  }

  @Test
  @Order(2)
  void ranksThatSendTheirOwnRowsMakeOneSnapshot() throws Exception {
    double judged = monitor.value("sinkwatch_snapshots_analyzed_total");
    for (int rank = 0; rank < 2; rank++) {
      byte[] half =
          new SafetensorsBody()
              .metadata(
                  ("'sinkwatch.rows.layers.0.mixer':'%d:%d','sinkwatch.shape.layers.0.mixer':'2,2',"
                          + "'sinkwatch.rows.layers.1.mixer':'%d:%d',"
                          + "'sinkwatch.shape.layers.1.mixer':'2,2'")
                      .formatted(rank, rank + 1, rank, rank + 1))
              .matrix("layers.0.mixer", 2, HEALTHY[2 * rank], HEALTHY[2 * rank + 1])
              .matrix("layers.1.mixer", 2, HEALTHY[2 * rank], HEALTHY[2 * rank + 1])
              .bytes();
      assertThat(post("ranks", 1, half).statusCode()).isEqualTo(202);
    }
    monitor.settle(MOST);
    assertThat(monitor.value("sinkwatch_snapshots_analyzed_total")).isEqualTo(judged + 2);
    awaitVerdict("ranks", "ok", 1);
  }

  @Test
  @Order(3)
  void aRunWithoutMixersIsNotCalledHealthyAndAnUnknownOneNotAtAll() throws Exception {
    byte[] dense =
        new SafetensorsBody()
            .metadata("'sinkwatch.kind':'dense'")
            .matrix("w", 2, 1, 2, 3, 4)
            .bytes();
    assertThat(post("dense", 3, dense).statusCode()).isEqualTo(202);
    awaitVerdict("dense", "warn", 3);
    assertThat(verdict("dense").path("reason").asText()).startsWith("not observable");
    HttpResponse<String> unknown =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(monitor.url() + "/api/v1/runs/none/verdict")).build(),
            BodyHandlers.ofString());
    assertThat(unknown.statusCode()).isEqualTo(404);
  }

  @Test
  @Order(4)
  void aFloodIsToldToWaitAndWhatWasAcceptedIsJudged() throws Exception {
    double judged = monitor.value("sinkwatch_snapshots_analyzed_total");
    double received = monitor.value("sinkwatch_http_ingest_bytes_total");
    URI url = URI.create(monitor.url());
    List<Socket> slow = new ArrayList<>();
    int accepted = 0;
    try (ExecutorService clients = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < UPLOADS; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), url.getPort());
        slow.add(socket);
        OutputStream out = socket.getOutputStream();
        out.write(
            String.join(
                    "\r\n",
                    "POST /api/v1/runs/slow/steps/1 HTTP/1.1",
                    "Host: localhost",
                    "Content-Type: application/octet-stream",
                    "Content-Length: 1000",
                    "",
                    "x")
                .getBytes(UTF_8));
      }
      MonitorUnderTest.await(
          "all of them have begun",
          MOST,
          () -> monitor.value("sinkwatch_http_ingest_bytes_total") == received + UPLOADS);
      HttpResponse<String> refused = post("early", 1, mixers(HEALTHY));
      assertThat(refused.statusCode()).as(refused.body()).isEqualTo(429);
      assertThat(refused.headers().firstValue("Retry-After")).hasValue("2");
      for (Socket socket : slow) {
        socket.close();
      }
      List<Future<Integer>> statuses = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        String run = "flood-" + i;
        statuses.add(clients.submit(() -> post(run, 1, mixers(HEALTHY)).statusCode()));
      }
      for (Future<Integer> status : statuses) {
        assertThat(status.get()).isIn(202, 429);
        accepted += status.get() == 202 ? 1 : 0;
      }
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
    assertThat(accepted).isPositive();
    monitor.settle(MOST);
    System.out.printf("a flood: %d of 60 accepted, the others told to wait%n", accepted);
    assertThat(monitor.value("sinkwatch_snapshots_analyzed_total"))
        .isEqualTo(judged + 2 * accepted);
    assertThat(outcome("sinkwatch_http_ingest_requests_total", "busy")).isPositive();
    assertThat(outcome("sinkwatch_http_ingest_requests_total", "aborted")).isPositive();
    assertThat(monitor.value("sinkwatch_http_ingest_bytes_total")).isPositive();
    JsonNode service = MAPPER.readTree(monitor.get("/api/v1/service"));
    assertThat(service.path("ready").asBoolean()).isTrue();
    assertThat(service.path("shardsReceived").asDouble())
        .isEqualTo(monitor.value("sinkwatch_shards_received_total"));
    assertThat(service.path("outcomes").path("analyzed").asDouble())
        .isEqualTo(outcome("sinkwatch_shards_total", "analyzed"));
    assertThat(service.path("snapshotsAnalyzed").asDouble())
        .isEqualTo(monitor.value("sinkwatch_snapshots_analyzed_total"));
    assertThat(service.path("endToEndSeconds").path("p99").asDouble()).isPositive();
    assertThat(service.path("streams")).hasToString("0");
    assertThat(service.path("bufferedBytes")).hasToString("0");
  }

  @Test
  @Order(5)
  void withoutKafkaNothingIsAccepted() throws Exception {
    monitor.stopBroker();
    HttpResponse<String> response = post("job", 9, mixers(UNIFORM));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
    assertThat(response.headers().firstValue("Retry-After")).hasValue("10");
    JsonNode error = MAPPER.readTree(response.body());
    assertThat(error.path("error").asText()).isEqualTo("kafka-unavailable");
    assertThat(error.path("message").asText()).isNotEmpty().doesNotContain("\n");
    System.out.println("without Kafka: " + error.path("message").asText());
    assertThat(outcome("sinkwatch_http_ingest_requests_total", "unavailable")).isEqualTo(1);
  }
}
