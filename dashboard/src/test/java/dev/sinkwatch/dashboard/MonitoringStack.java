package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Debian's Prometheus and Alertmanager with the configuration that ships, in processes of their
 * own. What is changed of it: addresses, and times, so that a test need not wait for them.
 */
final class MonitoringStack implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Process> processes = new ArrayList<>();
  private final String prometheus;

  /**
   * Starts both.
   *
   * @param targets host:port of the monitors to scrape
   * @param webhook where alerts are to go
   */
  MonitoringStack(Path directory, List<String> targets, URI webhook) throws Exception {
    String alertmanager = address();
    this.prometheus = address();
    Path alerting =
        Files.writeString(
            directory.resolve("alertmanager.yml"),
            shipped("docker/alertmanager.yml")
                .replace("http://pager:8080/", webhook.toString())
                .replaceAll("group_wait: \\w+", "group_wait: 1s")
                .replaceAll("group_interval: \\w+", "group_interval: 1s"));
    Files.createDirectories(directory.resolve("rules"));
    for (String rules : List.of("rules.yaml", "alerts.yaml")) {
      Files.writeString(
          directory.resolve("rules").resolve(rules),
          shipped("grafana/" + rules).replaceAll("(?m)^ +(for|keep_firing_for): .*\\n", ""));
    }
    Path scraping =
        Files.writeString(
            directory.resolve("prometheus.yml"),
            shipped("docker/prometheus.yml")
                .replace("monitor:8321", String.join(", ", targets))
                .replace("alertmanager:9093", alertmanager)
                .replaceAll("_interval: \\w+", "_interval: 1s"));
    start(
        directory,
        "prometheus-alertmanager",
        "--config.file=" + alerting,
        "--storage.path=" + directory.resolve("alerts"),
        "--cluster.listen-address=",
        "--web.listen-address=" + alertmanager);
    start(
        directory,
        "prometheus",
        "--config.file=" + scraping,
        "--storage.tsdb.path=" + directory.resolve("tsdb"),
        "--web.listen-address=" + prometheus);
    awaitReady(alertmanager, "alertmanager");
    awaitReady(prometheus, "prometheus");
  }

  private static String shipped(String path) throws IOException {
    return Files.readString(ShippedRules.ROOT.resolve(path));
  }

  /** A port that nobody has now; both take theirs within a second. */
  private static String address() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + socket.getLocalPort();
    }
  }

  private void start(Path directory, String... command) throws IOException {
    processes.add(
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(command[0] + ".txt").toFile())
            .start());
  }

  private void awaitReady(String address, String what) throws InterruptedException {
    MonitorUnderTest.await(
        what + " is ready",
        Duration.ofSeconds(60),
        () -> {
          try {
            return get("http://" + address + "/-/ready").statusCode() == 200;
          } catch (IOException e) {
            return false; // not listening yet
          }
        });
  }

  /** What a query of now returns. */
  List<JsonNode> query(String expression) throws IOException {
    JsonNode answer = api("query?query=" + URLEncoder.encode(expression, UTF_8));
    List<JsonNode> series = new ArrayList<>();
    answer.path("result").forEach(series::add);
    return series;
  }

  /** All rules, with how each one's last evaluation went. */
  List<JsonNode> rules() throws IOException {
    List<JsonNode> rules = new ArrayList<>();
    api("rules").path("groups").forEach(group -> group.path("rules").forEach(rules::add));
    return rules;
  }

  private JsonNode api(String path) throws IOException {
    HttpResponse<String> response = get("http://" + prometheus + "/api/v1/" + path);
    JsonNode answer = JSON.readTree(response.body());
    if (!answer.path("status").asText().equals("success")) {
      throw new IOException(path + ": " + answer.path("error").asText());
    }
    return answer.path("data");
  }

  private HttpResponse<String> get(String url) throws IOException {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    processes.forEach(Process::destroy);
    processes.forEach(
        process -> process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join());
    processes.forEach(Process::destroyForcibly);
  }
}
