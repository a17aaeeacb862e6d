package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The examples train, publish over HTTP with our Python package, or are published by {@code publish
 * --watch} and know nothing of it, and are judged as they should.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class PythonExamplesTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String WATCHED = "watched";
  private static final String HEALTHY = "sinkformer";
  private static final String UNIFORM = "sinkformer-uniform";
  private static final String HALVES = "halves";
  private static final String WHOLE = "halves-whole";
  private static final String SAVED = "saved";
  private static final String SENT = "saved-and-sent";
  private static final int SAVED_STEPS = 160;
  private static final int CHECKPOINTS = 11;
  private static final Map<String, Integer> LAST_STEPS =
      Map.of(
          WATCHED,
          200,
          HEALTHY,
          240,
          UNIFORM,
          240,
          HALVES,
          200,
          WHOLE,
          200,
          SAVED,
          SAVED_STEPS,
          SENT,
          SAVED_STEPS);

  @TempDir private static Path directory;
  private static MonitorUnderTest monitor;

  @BeforeAll
  static void train() throws Exception {
    monitor = MonitorUnderTest.start(Map.of("snapshot-timeout", "120s"));
    Path checkpoints = directory.resolve("checkpoints");
    List<PythonProcess> jobs = new ArrayList<>();
    try (WatchingPublisher publisher =
        new WatchingPublisher(
            monitor.bootstrapServers(), checkpoints, SAVED, directory.resolve("published"))) {
      jobs.add(example("watch_mhc.py", "--run", WATCHED, "--setting", "collapse"));
      jobs.add(example("sinkformer.py", "--run", HEALTHY));
      jobs.add(example("sinkformer.py", "--run", UNIFORM, "--setting", "collapse"));
      jobs.add(example("save_checkpoints.py", checkpoints.toString()));
      for (PythonProcess job : jobs) {
        String said = job.ended();
        assertThat(said).doesNotContain("Traceback").doesNotContain("cannot be reached");
      }
      List<String> publish = new ArrayList<>(List.of("-m", "sinkwatch", "publish", "--run", SENT));
      for (int step = 0; step <= SAVED_STEPS; step += 16) {
        publish.add(checkpoints.resolve("step-" + step + "/model.safetensors").toString());
      }
      PythonProcess files = start("publish", publish);
      jobs.add(files);
      PythonProcess halves = example("row_shards.py", "--run", HALVES, "--whole");
      jobs.add(halves);
      assertThat(files.ended()).contains("as step 160 of " + SENT);
      halves.ended();
      publisher.says("step 160 of run " + SAVED + " published");
    } finally {
      jobs.forEach(PythonProcess::close);
    }
    monitor.settle(Duration.ofMinutes(2));
    MonitorUnderTest.await(
        "the last step of every run is judged",
        Duration.ofMinutes(1),
        () -> LAST_STEPS.entrySet().stream().allMatch(e -> step(e.getKey()) == e.getValue()));
  }

  @AfterAll
  static void stop() {
    if (monitor != null) {
      monitor.close();
    }
  }

  private static PythonProcess example(String script, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("examples/" + script));
    command.addAll(List.of(arguments));
    return start(script + "-" + arguments[arguments.length - 1].hashCode(), command);
  }

  private static PythonProcess start(String name, List<String> arguments) throws Exception {
    return PythonProcess.start(
        directory.resolve(name + ".txt"),
        Map.of("SINKWATCH_URL", monitor.url()),
        arguments.toArray(String[]::new));
  }

  private static double step(String run) {
    return monitor.scrape().stream()
        .filter(s -> s.name().equals("sinkwatch_run_step") && s.label("run").equals(run))
        .mapToDouble(MonitorUnderTest.Sample::value)
        .sum();
  }

  private static JsonNode verdict(String run) throws Exception {
    return MAPPER.readTree(monitor.get("/api/v1/runs/" + run + "/verdict"));
  }

  @Test
  void theWatchedModelIsTrappedAndShouldStop() throws Exception {
    assertThat(monitor.alarms(WATCHED, 2)).contains("HomogeneityTrap", "DepthCollapse");
    assertThat(verdict(WATCHED).path("verdict").asText()).isEqualTo("stop");
    assertThat(layers(WATCHED)).hasSize(8);
  }

  @Test
  void attentionThatLearnsIsNotTrapped() throws Exception {
    assertThat(monitor.alarms(HEALTHY, 2)).doesNotContain("HomogeneityTrap", "DepthCollapse");
    assertThat(verdict(HEALTHY).path("verdict").asText()).isNotEqualTo("stop");
    assertThat(layers(HEALTHY)).containsExactly("layers.0.attention", "layers.1.attention");
  }

  @Test
  void attentionThatDecaysIsTrappedWhereItDoes() throws Exception {
    assertThat(verdict(UNIFORM).path("verdict").asText()).isEqualTo("stop");
    List<String> trapped =
        monitor.scrape().stream()
            .filter(s -> s.name().equals("sinkwatch_alarm_state") && s.value() == 2)
            .filter(s -> s.label("run").equals(UNIFORM))
            .filter(s -> s.label("alarm").equals("HomogeneityTrap"))
            .map(s -> s.label("layer"))
            .toList();
    assertThat(trapped).containsExactly("layers.0.attention");
  }

  @ParameterizedTest
  @ValueSource(strings = {SAVED, SENT})
  void checkpointsOfAJobThatKnowsNothingOfUsAreTrapped(String run) {
    assertThat(monitor.alarms(run, 2)).contains("HomogeneityTrap");
    assertThat(layers(run)).hasSize(8);
    assertThat(verdicts(run).keySet())
        .filteredOn(key -> key.endsWith("h.0.hc_attn.H_res_logits"))
        .hasSize(CHECKPOINTS);
  }

  @Test
  void twoHalvesAreJudgedAsTheWholeIs() {
    Map<String, JsonNode> halves = verdicts(HALVES);
    assertThat(halves).hasSize(21 * 5); // four mixers and their chain
    assertThat(halves).isEqualTo(verdicts(WHOLE));
    assertThat(monitor.alarms(HALVES, 2))
        .contains("HomogeneityTrap")
        .isEqualTo(monitor.alarms(WHOLE, 2));
    assertThat(
            monitor.scrape().stream()
                .filter(s -> s.name().equals("sinkwatch_shards_total") && s.value() > 0)
                .map(s -> s.label("outcome")))
        .containsExactly("analyzed");
  }

  private static List<String> layers(String run) {
    return monitor.scrape().stream()
        .filter(s -> s.name().equals("sinkwatch_sigma2_ratio") && s.label("run").equals(run))
        .map(s -> s.label("layer"))
        .sorted()
        .toList();
  }

  /** By step and layer or chain, all that is said of a run but its name and the time. */
  private static Map<String, JsonNode> verdicts(String run) {
    Map<String, JsonNode> verdicts = new TreeMap<>();
    for (ConsumerRecord<byte[], byte[]> record : monitor.all(Topics.VERDICTS, true)) {
      try {
        if (MAPPER.readTree(record.value()) instanceof ObjectNode verdict
            && verdict.path("run").asText().equals(run)) {
          String of = new String(record.key(), UTF_8).substring(run.length());
          verdict.remove(List.of("run", "appended"));
          verdicts.put("%06d %s".formatted(verdict.path("step").asInt(), of), verdict);
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
    return verdicts;
  }
}
