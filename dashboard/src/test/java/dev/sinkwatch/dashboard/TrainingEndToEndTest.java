package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * PyTorch trains the example in its three settings, in processes of their own that know nothing of
 * sinkwatch but the wire format; the monitor says of each what it is.
 */
class TrainingEndToEndTest {
  private static final Path PYTHON = Path.of("/usr/bin/python3");
  private static final Path EXAMPLE = Path.of("..", "ingest", "python", "examples", "train_mhc.py");
  private static final List<String> SETTINGS = List.of("healthy", "collapse", "frozen");
  private static final int STEPS = 200;
  private static final int SNAPSHOTS = 26;
  private static final int MIXERS = 8;

  @TempDir private static Path outputs;
  private static MonitorUnderTest monitor;

  @BeforeAll
  static void train() throws Exception {
    requirePython();
    monitor = MonitorUnderTest.start(Map.of("snapshot-timeout", "60s"));
    List<Process> jobs = new ArrayList<>();
    for (String setting : SETTINGS) {
      List<String> command =
          new ArrayList<>(
              List.of(
                  PYTHON.toString(),
                  EXAMPLE.toString(),
                  "--bootstrap-servers",
                  monitor.bootstrapServers(),
                  "--setting",
                  setting,
                  "--run",
                  setting,
                  "--steps",
                  Integer.toString(STEPS)));
      if (setting.equals("collapse")) {
        command.add("--dense"); // among them one that travels in two shards
      }
      ProcessBuilder job =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output(setting));
      job.environment().put("OMP_NUM_THREADS", "1");
      jobs.add(job.start());
    }
    for (int i = 0; i < jobs.size(); i++) {
      boolean ended = jobs.get(i).waitFor(240, TimeUnit.SECONDS);
      String said = Files.readString(output(SETTINGS.get(i)).toPath());
      assertThat(ended).as("%s ends: %s", SETTINGS.get(i), said).isTrue();
      assertThat(jobs.get(i).exitValue()).as("%s: %s", SETTINGS.get(i), said).isZero();
      assertThat(said).containsPattern("step +0  loss [0-9]");
    }
    monitor.settle(Duration.ofSeconds(60));
    MonitorUnderTest.await(
        "the last step of every run is judged",
        Duration.ofSeconds(30),
        () -> SETTINGS.stream().allMatch(run -> step(run) == STEPS));
  }

  @AfterAll
  static void stop() {
    if (monitor != null) {
      monitor.close();
    }
  }

  private static File output(String setting) {
    return outputs.resolve(setting + ".txt").toFile();
  }

  private static void requirePython() throws IOException, InterruptedException {
    Process probe =
        new ProcessBuilder(PYTHON.toString(), "-c", "import torch, confluent_kafka")
            .redirectErrorStream(true)
            .start();
    String said =
        new String(probe.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(probe.waitFor())
        .as("apt-get install python3-torch python3-numpy python3-confluent-kafka; " + said)
        .isZero();
  }

  private static double step(String run) {
    return monitor.scrape().stream()
        .filter(s -> s.name().equals("sinkwatch_run_step") && s.label("run").equals(run))
        .mapToDouble(MonitorUnderTest.Sample::value)
        .sum();
  }

  private static List<Double> sigma2(String run) {
    return monitor.scrape().stream()
        .filter(s -> s.name().equals("sinkwatch_sigma2_ratio") && s.label("run").equals(run))
        .map(MonitorUnderTest.Sample::value)
        .toList();
  }

  @Test
  void theCollapsingRunIsTrapped() {
    assertThat(monitor.alarms("collapse", 2)).contains("HomogeneityTrap", "DepthCollapse");
    assertThat(monitor.alarms("collapse", 2)).doesNotContain("IdentityStagnation");
    assertThat(sigma2("collapse")).hasSize(MIXERS).allMatch(sigma2 -> sigma2 < 0.1);
  }

  @Test
  void theFrozenRunStagnates() {
    assertThat(monitor.alarms("frozen", 2)).containsExactly("IdentityStagnation");
    assertThat(sigma2("frozen")).hasSize(MIXERS).allMatch(sigma2 -> sigma2 > 0.999);
  }

  @Test
  void ofTheHealthyRunNothingIsSaid() {
    assertThat(monitor.alarms("healthy", 2)).isEmpty();
    assertThat(monitor.alarms("healthy", 1)).isEmpty();
    assertThat(sigma2("healthy")).hasSize(MIXERS).allMatch(sigma2 -> sigma2 > 0.3 && sigma2 < 1);
  }

  @Test
  void depthAndSignalToNoiseAreExported() {
    for (String name :
        List.of(
            "sinkwatch_effective_depth_layers",
            "sinkwatch_network_effective_depth_layers",
            "sinkwatch_network_snr_ceiling_ratio",
            "sinkwatch_network_depth_gain_ratio",
            "sinkwatch_run_last_snapshot_timestamp_seconds")) {
      assertThat(monitor.scrape()).as(name).anyMatch(s -> s.name().equals(name));
    }
    assertThat(monitor.scrape())
        .filteredOn(s -> s.name().equals("sinkwatch_network_operators"))
        .hasSize(SETTINGS.size())
        .allMatch(s -> s.value() == MIXERS);
  }

  @Test
  void everyShardIsCountedAndAnalyzed() {
    long published = monitor.all(Topics.WEIGHTS, false).size();
    assertThat(monitor.value("sinkwatch_shards_received_total")).isEqualTo((double) published);
    List<MonitorUnderTest.Sample> scrape = monitor.scrape();
    double outcomes =
        scrape.stream()
            .filter(s -> s.name().equals("sinkwatch_shards_total"))
            .mapToDouble(MonitorUnderTest.Sample::value)
            .sum();
    assertThat(outcomes + monitor.value("sinkwatch_shards_in_flight"))
        .isEqualTo((double) published);
    assertThat(scrape)
        .filteredOn(s -> s.name().equals("sinkwatch_shards_total") && s.value() > 0)
        .extracting(s -> s.label("outcome"))
        .containsExactly("analyzed");
    assertThat(monitor.value("sinkwatch_records_misrouted_total")).isZero();
    assertThat(published).isGreaterThan((long) SETTINGS.size() * SNAPSHOTS * MIXERS);
  }

  @Test
  void verdictsAndChainsLieOnTheVerdictsTopic() {
    List<String> keys =
        monitor.all(Topics.VERDICTS, true).stream()
            .map(record -> new String(record.key(), java.nio.charset.StandardCharsets.UTF_8))
            .toList();
    for (String run : SETTINGS) {
      assertThat(keys.stream().filter((run + "#n4")::equals)).hasSize(SNAPSHOTS);
      assertThat(keys.stream().filter((run + "/transformer.h.0.hc_attn.H_res_logits")::equals))
          .hasSize(SNAPSHOTS);
    }
  }

  @Test
  void theReadApiTellsTheSame() throws Exception {
    JsonNode run = new ObjectMapper().readTree(monitor.get("/api/v1/runs/collapse"));
    assertThat(run.path("operators").asInt()).isEqualTo(MIXERS);
    assertThat(run.path("step").asLong()).isEqualTo(STEPS);
    assertThat(run.path("alarms"))
        .anyMatch(alarm ->
            alarm.path("alarm").asText().equals("HomogeneityTrap")
                && alarm.path("state").asText().equals("firing"));
    JsonNode history =
        new ObjectMapper()
            .readTree(
                monitor.get(
                    "/api/v1/runs/collapse/history?layer=transformer.h.0.hc_attn.H_res_logits"));
    assertThat(history.path("steps")).hasSize(SNAPSHOTS);
  }
}
