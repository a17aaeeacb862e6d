package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A monitor that is killed (SIGKILL) again and again amid its work, while snapshots of two shards
 * each go on coming: each of them has its verdict in the end. {@code ./verify --long} kills it 100
 * times.
 */
class KilledMonitorTest {
  private static final int KILLS = Boolean.getBoolean("sinkwatch.long") ? 100 : 20;

  /**
   * As somebody would run it who restarts it in its place: a static member, so that Kafka need not
   * wait for the one that is gone.
   */
  private static final Map<String, String> SETTINGS = Map.of("kafka.group.instance.id", "the-one");

  @TempDir private Path directory;

  @Test
  @Timeout(1800)
  void everySnapshotHasItsVerdict() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null)) {
      String brokers = broker.bootstrapServers();
      KafkaSettings kafka = KafkaSettings.of(brokers, "unused");
      Topics.ensure(kafka, TopicSettings.of((short) 1));
      try (SnapshotJob job = new SnapshotJob(kafka, SnapshotJob.Load.COUNTED);
          VerdictReader verdicts = new VerdictReader(brokers)) {
        Random random = new Random(1);
        List<Double> recoveries = new ArrayList<>();
        for (int kill = 0; kill < KILLS; kill++) {
          long before = verdicts.all();
          long start = System.nanoTime();
          MonitorProcess monitor = MonitorProcess.start(directory, brokers, SETTINGS);
          verdicts.await(() -> {
            assertThat(monitor.isAlive()).as(monitor.said()).isTrue();
            return verdicts.count() > before;
          });
          recoveries.add(1e-9 * (System.nanoTime() - start));
          Thread.sleep(random.nextInt(1500));
          silence(monitor, kill);
          monitor.kill();
        }
        MonitorProcess last = MonitorProcess.start(directory, brokers, SETTINGS);
        try {
          job.stop();
          assertThat(job.published()).hasSizeGreaterThan(100);
          verdicts.await(() -> verdicts.judged().containsAll(job.published()));
          Set<Long> steps =
              job.published().stream().map(SnapshotJob.Published::step).collect(Collectors.toSet());
          verdicts.await(() -> verdicts.chainSteps().containsAll(steps));
          tell(job, verdicts, recoveries);
          ledgerAddsUp(last);
          eachStepIsThereOnce(last);
          allSilencesStand(last);
        } finally {
          last.stop();
        }
      }
    }
  }

  private static void tell(SnapshotJob job, VerdictReader verdicts, List<Double> recoveries)
      throws IOException {
    double[] sorted = recoveries.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    System.out.printf(
        Locale.ROOT,
        "killed %d times: %d snapshots, %d of them judged once more, 0 lost;"
            + " from start to the first verdict %.1f s at the median, %.1f s at the 95th percentile%n",
        KILLS,
        job.published().size(),
        verdicts.count() - verdicts.judged().size(),
        sorted[sorted.length / 2],
        sorted[(int) Math.ceil(0.95 * sorted.length) - 1]);
  }

  /** What the last monitor received has ended, and nothing of it as stale or in conflict. */
  private static void ledgerAddsUp(MonitorProcess monitor) throws Exception {
    MonitorUnderTest.await(
        "nothing is in flight",
        Duration.ofSeconds(30),
        () -> monitor.value("sinkwatch_shards_in_flight") == 0);
    double received = monitor.value("sinkwatch_shards_received_total");
    assertThat(monitor.value("sinkwatch_shards_total")).isEqualTo(received);
    assertThat(monitor.value("sinkwatch_shards_total{outcome=\"analyzed\"}")).isEqualTo(received);
  }

  private static void silence(MonitorProcess monitor, int kill) throws Exception {
    String wish =
        "{\"run\":\"%s\",\"alarm\":\"*\",\"seconds\":86400,\"reason\":\"kill %d\"}"
            .formatted(SnapshotJob.RUN, kill);
    assertThat(monitor.post("/api/v1/silences", wish)).isEqualTo(201);
  }

  /** What was answered with 201 is there, though whoever answered was killed the next moment. */
  private static void allSilencesStand(MonitorProcess monitor) throws Exception {
    Set<String> reasons = new HashSet<>();
    new ObjectMapper()
        .readTree(monitor.get("/api/v1/silences"))
        .path("silences")
        .forEach(silence -> reasons.add(silence.path("reason").asText()));
    assertThat(reasons).hasSize(KILLS);
  }

  private static void eachStepIsThereOnce(MonitorProcess monitor) throws Exception {
    String path = "/api/v1/runs/" + SnapshotJob.RUN + "/history?layer=" + SnapshotJob.layer(0);
    JsonNode history = new ObjectMapper().readTree(monitor.get(path));
    List<Long> steps = new ArrayList<>();
    history.path("steps").forEach(step -> steps.add(step.asLong()));
    assertThat(steps).isNotEmpty().doesNotHaveDuplicates().isSorted();
  }
}
