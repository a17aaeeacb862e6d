package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.dashboard.canary.Canary;
import dev.sinkwatch.dashboard.canary.CanaryRun;
import dev.sinkwatch.dashboard.canary.CanarySettings;
import dev.sinkwatch.dashboard.config.Configuration;
import dev.sinkwatch.dashboard.config.Settings;
import dev.sinkwatch.dashboard.monitor.Monitor;
import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A monitor that watches itself, through a real broker. */
@Timeout(300)
class CanaryEndToEndTest {
  private static final int PARTITIONS = 12;
  private static final int A_ROUND = PARTITIONS + 1;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void everyPartitionAnswersRightlyAndNobodySeesARun(String protocol) throws Exception {
    Map<String, String> settings =
        Map.of(
            "kafka.group.protocol", protocol,
            "kafka.group.instance.id", "monitor-0",
            "canary", "true",
            "canary.interval", "200ms",
            "stale-after", "1s",
            "alarms.consecutive", "1",
            "alarms.warm-up", "0");
    CountedCanaries other = new CountedCanaries();
    try (MonitorUnderTest monitor = MonitorUnderTest.start(settings);
        Canary ofAnother =
            new Canary(
                KafkaSettings.of(monitor.bootstrapServers(), "unused"),
                new CanarySettings(true, Duration.ofMillis(300), Duration.ofMinutes(1)),
                other);
        SnapshotJob job =
            new SnapshotJob(
                KafkaSettings.of(monitor.bootstrapServers(), "unused"),
                new SnapshotJob.Load(2, 4, 100, 20))) {
      ofAnother.start();
      MonitorUnderTest.await(
          "five answers from every partition",
          PATIENCE,
          () -> {
            Map<String, Double> answers = byPartition(monitor, "sinkwatch_canary_answered_total");
            return answers.size() == PARTITIONS
                && answers.values().stream().allMatch(count -> count >= 5);
          });
      MonitorUnderTest.await(
          "answers of the other's", PATIENCE, () -> other.answered.get() >= 5 * A_ROUND);
      job.awaitEnd();
      MonitorUnderTest.await(
          "the job's run is silent long enough to be stale",
          PATIENCE,
          () -> monitor.alarms(SnapshotJob.RUN, 2).contains("StaleRun"));

      List<MonitorUnderTest.Sample> scrape = monitor.scrape();
      assertThat(sum(scrape, "sinkwatch_canary_lost_total")).isZero();
      assertThat(sum(scrape, "sinkwatch_canary_failures_total")).isZero();
      assertThat(sum(scrape, "sinkwatch_canary_wrong_total")).isZero();
      assertThat(sum(scrape, "sinkwatch_canary_published_total"))
          .isGreaterThanOrEqualTo(sum(scrape, "sinkwatch_canary_answered_total"));
      assertThat(error(scrape, "exact")).isLessThan(1e-9);
      assertThat(error(scrape, "certified")).isLessThan(1e-3);
      assertThat(other.answered.get()).isLessThanOrEqualTo(other.published.get());
      assertThat(other.wrong.get() + other.failed.get() + other.lost.get()).isZero();

      assertThat(scrape.stream().map(s -> s.label("run")).filter(r -> !r.isEmpty()).distinct())
          .as("series are the job's alone")
          .containsExactly(SnapshotJob.RUN);
      assertThat(monitor.get("/api/v1/runs"))
          .contains("\"" + SnapshotJob.RUN + "\"")
          .doesNotContain(CanaryRun.PREFIX);
      assertThat(monitor.get("/api/v1/alarms"))
          .contains(SnapshotJob.RUN)
          .doesNotContain(CanaryRun.PREFIX);
      assertThat(monitor.all(Topics.VERDICTS, false))
          .map(record -> new String(record.key(), StandardCharsets.UTF_8))
          .as("no verdicts on their chains")
          .anyMatch(key -> key.startsWith(CanaryRun.PREFIX))
          .noneMatch(key -> key.startsWith(CanaryRun.PREFIX) && key.contains("#"));
      assertDocumented(scrape);
      List<Long> delays = other.delays.stream().sorted().toList();
      System.out.printf(
          Locale.ROOT,
          "%.0f canaries of a starting monitor answered, delay %.0f ms at most; of %d when it runs,"
              + " %.0f ms in the median (from append to verdict %.0f ms on average); largest error %.1e exact, %.1e certified;"
              + " %.0f bytes a verdict%n",
          sum(scrape, "sinkwatch_canary_delay_seconds_count"),
          1e3 * sum(scrape, "sinkwatch_canary_delay_seconds_max"),
          delays.size(),
          1e-6 * delays.get(delays.size() / 2),
          1e3
              * sum(scrape, "sinkwatch_end_to_end_seconds_sum")
              / sum(scrape, "sinkwatch_end_to_end_seconds_count"),
          error(scrape, "exact"),
          error(scrape, "certified"),
          monitor.all(Topics.VERDICTS, true).stream()
              .filter(record ->
                  new String(record.key(), StandardCharsets.UTF_8).startsWith(CanaryRun.PREFIX))
              .mapToInt(record -> record.value().length)
              .average()
              .orElseThrow());
    }
  }

  /** The page names the series that there are, in its table and in its example rules. */
  private static void assertDocumented(List<MonitorUnderTest.Sample> scrape) throws IOException {
    Set<String> documented =
        Pattern.compile("sinkwatch_canary_\\w+")
            .matcher(Files.readString(Path.of("../docs/reliability.md")))
            .results()
            .map(MatchResult::group)
            .collect(Collectors.toSet());
    Set<String> present =
        scrape.stream()
            .map(MonitorUnderTest.Sample::name)
            .filter(name -> name.startsWith("sinkwatch_canary_"))
            .collect(Collectors.toSet());
    assertThat(documented)
        .isNotEmpty()
        .allMatch(name -> present.stream().anyMatch(series -> series.startsWith(name)));
    assertThat(present)
        .isNotEmpty()
        .allMatch(series -> documented.stream().anyMatch(series::startsWith));
  }

  @Test
  void whatNobodyJudgesIsLostAndLateWhenSomebodyDoes() throws Exception {
    CountedCanaries counted = new CountedCanaries();
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null)) {
      KafkaSettings kafka = KafkaSettings.of(broker.bootstrapServers(), "unused");
      Topics.ensure(kafka, TopicSettings.of((short) 1));
      Canary canary =
          new Canary(
              kafka,
              new CanarySettings(true, Duration.ofSeconds(1), Duration.ofSeconds(10)),
              counted);
      try (canary) {
        canary.start();
        MonitorUnderTest.await(
            "a loss in every partition",
            PATIENCE,
            () -> counted.partitionsWithLoss.size() == PARTITIONS);
        assertThat(counted.answered.get() + counted.late.get()).isZero();
        assertThat(counted.failed.get()).isZero();
        assertThat(counted.lost.get()).isLessThanOrEqualTo(counted.published.get());
        try (Monitor _ = monitor(broker)) {
          MonitorUnderTest.await(
              "the lost ones come late, newer ones in time",
              PATIENCE,
              () -> counted.late.get() >= PARTITIONS && counted.answered.get() >= 2 * A_ROUND);
          assertThat(counted.wrong.get()).isZero();
        }
      }
      assertThat(canary.inFlight() + counted.answered.get() + counted.lost.get())
          .as("what was under way at the end is that still")
          .isGreaterThanOrEqualTo(counted.published.get());
    }
  }

  private static Monitor monitor(EmbeddedBroker broker) throws Exception {
    return Monitor.start(
        Settings.of(
            Configuration.read(
                null,
                Map.of(),
                Map.of(
                    "kafka.bootstrap-servers",
                    broker.bootstrapServers(),
                    "listen",
                    "127.0.0.1:0"))));
  }

  @Test
  void anOutageOfTheBrokerIsAFailureAndNotALoss() throws Exception {
    Path data = directory.resolve("broker");
    EmbeddedBroker broker = EmbeddedBroker.start(0, data);
    String brokers = broker.bootstrapServers();
    int port = Integer.parseInt(brokers.substring(brokers.indexOf(':') + 1));
    MonitorProcess monitor =
        MonitorProcess.start(
            directory,
            brokers,
            Map.of("canary", "true", "canary.interval", "1s", "canary.timeout", "40s"));
    try {
      MonitorUnderTest.await(
          "answers", PATIENCE, () -> monitor.value("sinkwatch_canary_answered_total") > A_ROUND);
      broker.close();
      MonitorUnderTest.await(
          "failures", PATIENCE, () -> failures(monitor, "timeout") > 3 * A_ROUND);
      broker = EmbeddedBroker.start(port, data);
      double before = monitor.value("sinkwatch_canary_answered_total");
      MonitorUnderTest.await(
          "answers again",
          PATIENCE,
          () -> monitor.value("sinkwatch_canary_answered_total") > before + 10 * A_ROUND);
      MonitorUnderTest.await(
          "it says so", PATIENCE, () -> said(monitor).contains("canaries are published again"));
      assertThat(monitor.value("sinkwatch_canary_lost_total")).isZero();
      assertThat(monitor.value("sinkwatch_canary_wrong_total")).isZero();
      assertThat(monitor.value("sinkwatch_canary_failures_total"))
          .isEqualTo(failures(monitor, "timeout"));
      System.out.printf(
          Locale.ROOT,
          "an outage: %.0f canaries failed, %.0f lost, %.0f answered%n",
          monitor.value("sinkwatch_canary_failures_total"),
          monitor.value("sinkwatch_canary_lost_total"),
          monitor.value("sinkwatch_canary_answered_total"));
    } finally {
      monitor.stop();
      broker.close();
    }
    assertThat(said(monitor).lines().filter(line -> line.contains("canaries")))
        .as("one line a change of state")
        .hasSize(2);
    assertThat(said(monitor)).doesNotContain("Exception");
  }

  private static double failures(MonitorProcess monitor, String reason) {
    return monitor.value("sinkwatch_canary_failures_total{reason=\"" + reason + "\"}");
  }

  private static String said(MonitorProcess monitor) {
    try {
      return monitor.said();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, Double> byPartition(MonitorUnderTest monitor, String name) {
    return monitor.scrape().stream()
        .filter(sample -> sample.name().equals(name))
        .collect(
            Collectors.toMap(
                sample -> sample.label("partition"), MonitorUnderTest.Sample::value, Double::sum));
  }

  private static double sum(List<MonitorUnderTest.Sample> scrape, String name) {
    return scrape.stream()
        .filter(sample -> sample.name().equals(name))
        .mapToDouble(MonitorUnderTest.Sample::value)
        .sum();
  }

  private static double error(List<MonitorUnderTest.Sample> scrape, String path) {
    return scrape.stream()
        .filter(sample -> sample.name().equals("sinkwatch_canary_error_ratio_max"))
        .filter(sample -> sample.label("path").equals(path))
        .mapToDouble(MonitorUnderTest.Sample::value)
        .max()
        .orElseThrow();
  }
}
