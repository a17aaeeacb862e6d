package dev.sinkwatch.dashboard.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.dashboard.SinkingRun;
import dev.sinkwatch.dashboard.config.Endpoint;
import dev.sinkwatch.dashboard.config.HttpSettings;
import dev.sinkwatch.dashboard.history.HistorySettings;
import dev.sinkwatch.dashboard.history.RunHistory;
import dev.sinkwatch.dashboard.metrics.ServiceMetrics;
import dev.sinkwatch.dashboard.metrics.ServiceStatus;
import dev.sinkwatch.dashboard.silence.Silences;
import dev.sinkwatch.dashboard.upload.UploadLimits;
import dev.sinkwatch.dashboard.upload.Uploads;
import dev.sinkwatch.ingest.Ledger;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A door of plain HTTP on loopback with something behind it, and a client of it. */
final class DoorUnderTest implements AutoCloseable {
  static final ObjectMapper MAPPER = new ObjectMapper();
  private static final long HEARTBEAT_MILLIS = 15_000;

  final KeptSilences kept = new KeptSilences();
  final Silences silences = new Silences(kept, InstantSource.system());
  final RunHistory history =
      new RunHistory(HistorySettings.DEFAULT, InstantSource.system(), silences);
  final EventStream events = new EventStream(InstantSource.system(), silences, 50);
  final SinkingRun run = new SinkingRun("r", 4, 3, 1000, history, events);
  final List<String> unready = new CopyOnWriteArrayList<>();
  final ServiceMetrics metrics = new ServiceMetrics(new Ledger(), "test");
  final KeptShards shards = new KeptShards();
  final Uploads uploads;

  private final HttpClient client;
  private final String scheme;
  private final int port;
  private HttpDoor door;

  DoorUnderTest() {
    this(HEARTBEAT_MILLIS, Limits.DEFAULT);
  }

  DoorUnderTest(long heartbeatMillis, Limits limits) {
    this(plain("127.0.0.1", 0), heartbeatMillis, limits);
  }

  DoorUnderTest(HttpSettings settings, long heartbeatMillis, Limits limits) {
    this(settings, heartbeatMillis, limits, HttpClient.newHttpClient());
  }

  DoorUnderTest(HttpSettings settings, long heartbeatMillis, Limits limits, HttpClient client) {
    this(settings, heartbeatMillis, limits, client, UploadLimits.ofHeap());
  }

  DoorUnderTest(HttpSettings settings, UploadLimits limits) {
    this(settings, HEARTBEAT_MILLIS, Limits.DEFAULT, HttpClient.newHttpClient(), limits);
  }

  private DoorUnderTest(
      HttpSettings settings,
      long heartbeatMillis,
      Limits limits,
      HttpClient client,
      UploadLimits uploadLimits) {
    this.uploads = new Uploads(uploadLimits, shards, shards);
    this.client = client;
    this.scheme = settings.tls() == null ? "http" : "https";
    try {
      this.door = HttpDoor.open(settings, routes(), heartbeatMillis, limits);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.port = door.port();
  }

  static HttpSettings plain(String host, int port) {
    return HttpSettings.open(new Endpoint(host, port));
  }

  Routes routes() {
    return new Routes(
        accept ->
            new MetricsPage.Scrape(
                "text/plain; version=0.0.4", ("accept " + accept + "\n").getBytes(UTF_8)),
        () -> unready,
        new ServiceStatus(metrics, "test", () -> unready, InstantSource.system()),
        history,
        events,
        silences,
        uploads);
  }

  int port() {
    return port;
  }

  /** Opens one on the same port. */
  void reopen() throws IOException {
    door = HttpDoor.open(plain("127.0.0.1", port), routes());
  }

  void shut() {
    door.close();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(scheme + "://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(30));
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(request(path));
  }

  /** The body of an answer that is bytes. */
  byte[] bytes(String path) throws Exception {
    HttpResponse<byte[]> response = client.send(request(path).build(), BodyHandlers.ofByteArray());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/octet-stream");
    return response.body();
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString(UTF_8));
  }

  /** The status of a GET with that user's password. */
  int status(String path, String user, String password) throws Exception {
    return send(request(path).header("Authorization", basic(user, password))).statusCode();
  }

  static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
  }

  static JsonNode json(HttpResponse<String> response) throws IOException {
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    return MAPPER.readTree(response.body());
  }

  /** A request that no client would send; see {@link RawRequest}. */
  RawRequest.Answer raw(String head) throws IOException {
    return RawRequest.send(port, head + "Connection: close\r\n\r\n");
  }

  EventReader stream(String path) throws Exception {
    return stream(request(path));
  }

  EventReader stream(HttpRequest.Builder request) throws Exception {
    HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
    return new EventReader(response.body());
  }

  @Override
  public void close() {
    door.close();
    client.shutdownNow();
    metrics.close();
  }
}
