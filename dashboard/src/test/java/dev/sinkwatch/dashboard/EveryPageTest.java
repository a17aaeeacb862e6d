package dev.sinkwatch.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two monitors of a group: each shows all runs, and each run's metrics come from one of them. */
@Timeout(240)
class EveryPageTest {
  private static final int RUNS = 16;

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void everyMonitorShowsEveryRunWhoeverOwnsIt(String protocol) throws Exception {
    try (MonitorUnderTest first =
        MonitorUnderTest.start(Map.of("kafka.group.protocol", protocol))) {
      publish(first, 1);
      try (MonitorUnderTest second = first.another()) {
        publish(first, 2);
        Map<String, Long> all = runs(2);
        await("the first shows all", () -> shown(first).equals(all));
        await("the second shows all", () -> shown(second).equals(all));
        await(
            "each run's metrics come from one",
            () -> {
              Set<String> both = new TreeSet<>(exported(first));
              both.retainAll(exported(second));
              Set<String> either = new TreeSet<>(exported(first));
              either.addAll(exported(second));
              return both.isEmpty()
                  && either.equals(all.keySet())
                  && exported(first).size() < RUNS // the second has its share
                  && exported(second).size() < RUNS;
            });
      }
      publish(first, 3);
      await("who stays shows all", () -> shown(first).equals(runs(3)));
      await("and exports them", () -> exported(first).equals(runs(3).keySet()));
    }
  }

  @Test
  void alarmsOfRunsThatAnotherOwnsAreShownToo() throws Exception {
    try (MonitorUnderTest first = MonitorUnderTest.start(Map.of());
        MonitorUnderTest second = first.another()) {
      for (long step = 1; step <= 9; step++) {
        publish(first, step);
      }
      await("the first shows all alarms", () -> trapped(first).size() == RUNS);
      await("the second shows all alarms", () -> trapped(second).size() == RUNS);
    }
  }

  private static void await(String what, MonitorCondition condition) throws InterruptedException {
    MonitorUnderTest.await(
        what,
        Duration.ofSeconds(90),
        () -> {
          try {
            return condition.holds();
          } catch (IOException e) {
            throw new AssertionError(e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
          }
        });
  }

  private interface MonitorCondition {
    boolean holds() throws IOException, InterruptedException;
  }

  private static Map<String, Long> runs(long step) {
    Map<String, Long> runs = new TreeMap<>();
    for (int run = 0; run < RUNS; run++) {
      runs.put("r" + run, step);
    }
    return runs;
  }

  /** Last steps of the runs that its page shows. */
  private static Map<String, Long> shown(MonitorUnderTest monitor)
      throws IOException, InterruptedException {
    Map<String, Long> shown = new TreeMap<>();
    for (JsonNode run : new ObjectMapper().readTree(monitor.get("/api/v1/runs")).path("runs")) {
      shown.put(run.path("run").asText(), run.path("step").asLong());
    }
    return shown;
  }

  private static Set<String> trapped(MonitorUnderTest monitor)
      throws IOException, InterruptedException {
    Set<String> runs = new TreeSet<>();
    JsonNode alarms = new ObjectMapper().readTree(monitor.get("/api/v1/alarms")).path("alarms");
    for (JsonNode alarm : alarms) {
      if (alarm.path("alarm").asText().equals("HomogeneityTrap")
          && alarm.path("state").asText().equals("firing")) {
        runs.add(alarm.path("run").asText());
      }
    }
    return runs;
  }

  private static Set<String> exported(MonitorUnderTest monitor) {
    return monitor.scrape().stream()
        .filter(sample -> sample.name().equals("sinkwatch_run_step"))
        .map(sample -> sample.label("run"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** One mixer of each run, trapped already. */
  private static void publish(MonitorUnderTest monitor, long step) throws Exception {
    float[] mixer = new float[16];
    for (int i = 0; i < mixer.length; i++) {
      mixer[i] = 0.2375f + (i % 5 == 0 ? 0.05f : 0);
    }
    KafkaSettings kafka = KafkaSettings.of(monitor.bootstrapServers(), "unused");
    try (ShardPublisher publisher = new ShardPublisher(kafka)) {
      for (int run = 0; run < RUNS; run++) {
        publisher
            .publish(
                new Shard(
                    new SnapshotId("r" + run, 0, "blocks.0.mixer", step),
                    Shape.of(4, 4),
                    new RowRange(0, 4),
                    Dtype.F32,
                    MemorySegment.ofArray(mixer),
                    Hints.NONE,
                    0))
            .get();
      }
    }
  }
}
