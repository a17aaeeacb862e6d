package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What ships for Prometheus, Alertmanager and Grafana, with the real ones (but Grafana) and a
 * monitor of runs of which every alarm is raised that can be.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PrometheusEndToEndTest {
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final int MIXERS = 12;

  /** A target of the job on which nobody listens. */
  private static final String DOWN = "127.0.0.1:1";

  /** Alarms that the runs of this test raise: all that there are. */
  private static final Set<String> ALARMS =
      Set.of(
          "HomogeneityTrap",
          "DepthCollapse",
          "SnrCollapse",
          "SnrDominatedByNoise",
          "GainSpread",
          "IdentityStagnation",
          "SinkhornNotConverged",
          "NonFiniteWeights",
          "StaleRun");

  private static final String SILENCE =
      "{\"run\":\"silenced\",\"alarm\":\"*\",\"seconds\":3600,\"reason\":\"on purpose\"}";

  /** Of the monitor's own alerts, those that can be had without breaking it. */
  private static final Set<String> OF_MONITOR = Set.of("SinkwatchDown", "SinkwatchRejecting");

  @TempDir private static Path directory;
  private MonitorUnderTest monitor;
  private MixerJob job;
  private WebhookReceiver webhook;
  private MonitoringStack stack;

  @BeforeAll
  void start() throws Exception {
    monitor =
        MonitorUnderTest.start(
            Map.of("canary", "true", "canary.interval", "1s", "stale-after", "3s"));
    job = new MixerJob(monitor.bootstrapServers());
    webhook = new WebhookReceiver();
    stack = new MonitoringStack(directory, List.of(monitor.address(), DOWN), webhook.url());
    assertThat(monitor.post("/api/v1/silences", SILENCE).statusCode()).isEqualTo(201);
    for (long step = 1; step <= 10; step++) {
      job.step("silenced", 1, step, step <= 5 ? 0.9f : 0.02f, 1);
      job.step("frozen", 4, step, 1, 1);
      job.step("leaky", 20, step, 0.9f, 1.05f);
      job.step("broken", 1, step, Float.NaN, 1);
      job.step("collapse", MIXERS, step, step <= 5 ? 0.9f : 0.02f, 1);
      job.step("recovering", MIXERS, step, step <= 5 ? 0.9f : 0.02f, 1);
      job.dense("collapse", step);
    }
    MonitorUnderTest.await(
        "Prometheus has seen what rejections are measured from",
        LONG,
        () -> has("sinkwatch_rejected_total"));
    job.misfit("collapse", 10);
    MonitorUnderTest.await(
        "all alerts fire: " + ALARMS + OF_MONITOR,
        LONG,
        () -> firing().containsAll(ALARMS) && firing().containsAll(OF_MONITOR));
  }

  private boolean has(String metric) {
    try {
      return !stack.query(metric).isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterAll
  void stop() throws Exception {
    if (stack != null) {
      stack.close();
    }
    if (webhook != null) {
      webhook.close();
    }
    if (job != null) {
      job.close();
    }
    if (monitor != null) {
      monitor.close();
    }
  }

  @Test
  void aScrapeIsCleanAndAsItWas() throws Exception {
    String scrape = monitor.get("/metrics");
    Path file = Files.writeString(directory.resolve("scrape.txt"), scrape);
    Process promtool =
        new ProcessBuilder("promtool", "check", "metrics")
            .redirectInput(file.toFile())
            .redirectErrorStream(true)
            .start();
    assertThat(new String(promtool.getInputStream().readAllBytes(), UTF_8)).isEmpty();
    assertThat(promtool.waitFor()).isZero();
    GoldenScrape.of(scrape).assertGolden();
  }

  @Test
  void everyQueryOfEveryDashboardReturnsSeries() throws Exception {
    List<String> empty = new ArrayList<>();
    for (ShippedDashboard dashboard : ShippedDashboard.all()) {
      for (ShippedDashboard.Query query : dashboard.queries()) {
        if (!returnsSeries(query.expression())) {
          empty.add(query.where() + ": " + query.expression());
        }
      }
    }
    assertThat(empty).isEmpty();
  }

  /** With some run and layer of this test in place of the variables. */
  private boolean returnsSeries(String expression) throws IOException {
    for (String layer : List.of("blocks.0.mixer", "blocks.0.mlp")) {
      String filled =
          expression
              .replace("$job", ".+")
              .replace("$instance", ".+")
              .replace("$run", "collapse")
              .replace("$layer", layer)
              .replace("$__rate_interval", "1m");
      if (stack.query(filled).stream().anyMatch(PrometheusEndToEndTest::isNumber)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isNumber(JsonNode series) {
    return !series.path("value").path(1).asText().equals("NaN");
  }

  @Test
  void everyRuleIsHealthyAndHasWhatItJudges() throws Exception {
    for (JsonNode rule : stack.rules()) {
      String name = rule.path("name").asText();
      assertThat(rule.path("health").asText()).as(name + rule.path("lastError")).isEqualTo("ok");
      if (rule.path("type").asText().equals("recording")) {
        assertThat(stack.query(name)).as(name).isNotEmpty();
      } else if (!ALARMS.contains(name) && !OF_MONITOR.contains(name)) {
        // it does not fire here (grafana/rules_test.yaml makes it), but it has what it needs to
        assertThat(firing()).doesNotContain(name);
        for (String metric : PromqlNames.of(rule.path("query").asText()).metrics().keySet()) {
          assertThat(stack.query(metric)).as("%s: %s", name, metric).isNotEmpty();
        }
      }
    }
  }

  @Test
  void aCollapsingRunIsOneMessageAndIsResolvedWhenTheRunRecovers() throws Exception {
    MonitorUnderTest.await(
        "the collapsing run comes to the webhook",
        LONG,
        () -> told(alert -> isTrap(alert, "firing")));
    JsonNode message = message(alert -> isTrap(alert, "firing"));
    assertThat(message.path("groupLabels").path("run").asText()).isEqualTo("recovering");
    List<JsonNode> traps = new ArrayList<>();
    message
        .path("alerts")
        .forEach(alert -> {
          assertThat(alert.path("labels").path("run").asText()).isEqualTo("recovering");
          if (isTrap(alert, "firing")) {
            traps.add(alert);
          }
        });
    assertThat(traps).as("all its layers are one alert").hasSize(1);
    JsonNode annotations = traps.getFirst().path("annotations");
    assertThat(annotations.path("summary").asText()).contains("recovering");
    assertThat(annotations.path("runbook_url").asText()).endsWith("/HomogeneityTrap");
    assertThat(traps.getFirst().path("labels").path("severity").asText()).isEqualTo("critical");

    // the message has the number of that moment; layers are judged one after the other
    MonitorUnderTest.await(
        "the alert counts all layers",
        LONG,
        () -> firingLayers("recovering", "HomogeneityTrap") == MIXERS);

    for (long step = 11; step <= 20; step++) {
      job.step("recovering", MIXERS, step, 0.9f, 1);
    }
    MonitorUnderTest.await(
        "the webhook hears that it is over", LONG, () -> told(alert -> isTrap(alert, "resolved")));
  }

  @Test
  void aSilencedRunIsCountedAndNobodyHearsOfIt() throws Exception {
    for (String alarm : List.of("HomogeneityTrap", "StaleRun")) {
      MonitorUnderTest.await(
          "it is seen to fire", LONG, () -> firingLayers("silenced", alarm) == 1);
    }
    Instant seen = Instant.now();
    MonitorUnderTest.await("alerts were judged since", LONG, () -> judgedSince(seen));
    assertThat(stack.query("max_over_time(ALERTS{run=\"collapse\"}[10m])")).isNotEmpty();
    assertThat(stack.query("max_over_time(ALERTS{run=\"silenced\"}[10m])")).isEmpty();
    assertThat(told(alert -> alert.path("labels").path("run").asText().equals("silenced")))
        .isFalse();
  }

  private boolean judgedSince(Instant instant) {
    try {
      return stack.rules().stream()
          .filter(rule -> ALARMS.contains(rule.path("name").asText()))
          .allMatch(rule ->
              OffsetDateTime.parse(rule.path("lastEvaluation").asText())
                  .toInstant()
                  .isAfter(instant));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isTrap(JsonNode alert, String status) {
    return alert.path("status").asText().equals(status)
        && alert.path("labels").path("alertname").asText().equals("HomogeneityTrap")
        && alert.path("labels").path("run").asText().equals("recovering");
  }

  private double firingLayers(String run, String alarm) {
    try {
      List<JsonNode> sums =
          stack.query(
              "job_run_alarm_severity:sinkwatch_alarms_firing:sum{run=\"%s\", alarm=\"%s\"}"
                  .formatted(run, alarm));
      return sums.stream().mapToDouble(sum -> sum.path("value").path(1).asDouble()).sum();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private boolean told(Predicate<JsonNode> alert) {
    return webhook.messages().stream().anyMatch(message -> anyOf(message, alert));
  }

  private JsonNode message(Predicate<JsonNode> alert) {
    return webhook.messages().stream()
        .filter(message -> anyOf(message, alert))
        .reduce((first, last) -> last)
        .orElseThrow();
  }

  private static boolean anyOf(JsonNode message, Predicate<JsonNode> alert) {
    for (JsonNode one : message.path("alerts")) {
      if (alert.test(one)) {
        return true;
      }
    }
    return false;
  }

  private Set<String> firing() {
    try {
      Set<String> names = new TreeSet<>();
      for (JsonNode rule : stack.rules()) {
        if (rule.path("state").asText().equals("firing")) {
          names.add(rule.path("name").asText());
        }
      }
      return names;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
