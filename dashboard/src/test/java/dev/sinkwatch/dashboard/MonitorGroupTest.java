package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three monitors of one group, of which one leaves and another joins every ten seconds, while
 * snapshots of two shards each go on coming: each of them has its verdict in the end, and nobody
 * commits a partition that is another's. {@code ./verify --long} changes them 30 times.
 */
class MonitorGroupTest {
  private static final int CHANGES = Boolean.getBoolean("sinkwatch.long") ? 30 : 3;
  private static final Duration BETWEEN = Duration.ofSeconds(10);
  private static final int MONITORS = 3;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  @Timeout(1200)
  void everySnapshotHasItsVerdict(String protocol) throws Exception {
    Map<String, String> settings = Map.of("kafka.group.protocol", protocol);
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null)) {
      String brokers = broker.bootstrapServers();
      KafkaSettings kafka = KafkaSettings.of(brokers, "unused");
      Topics.ensure(kafka, TopicSettings.of((short) 1));
      Deque<MonitorProcess> monitors = new ArrayDeque<>();
      try (SnapshotJob job = new SnapshotJob(kafka, SnapshotJob.Load.SMALL);
          VerdictReader verdicts = new VerdictReader(brokers)) {
        for (int i = 0; i < MONITORS; i++) {
          monitors.addLast(MonitorProcess.start(directory, brokers, settings));
        }
        verdicts.await(() -> verdicts.count() > 0);
        verdicts.readFor(BETWEEN);
        Duration start = verdicts.longestPause();
        for (int change = 0; change < CHANGES; change++) {
          monitors.removeFirst().stop();
          monitors.addLast(MonitorProcess.start(directory, brokers, settings));
          verdicts.readFor(BETWEEN);
        }
        Duration longest = verdicts.longestPause();
        job.stop();
        verdicts.await(() -> verdicts.judged().containsAll(job.published()));
        CommitHistory history = CommitHistory.read(brokers, "sinkwatch");
        System.out.printf(
            Locale.ROOT,
            "%d monitors (%s), %d left and as many joined: %d snapshots, %d of them judged once"
                + " more, 0 lost; longest pause between verdicts %.1f s, while the first three"
                + " joined %.1f s; partitions given to another %d times, %d commits, %d of them not"
                + " by the owner%n",
            MONITORS,
            protocol,
            CHANGES,
            job.published().size(),
            verdicts.count() - verdicts.judged().size(),
            1e-3 * longest.toMillis(),
            1e-3 * start.toMillis(),
            history.assignments(),
            history.commits(),
            history.foreign().size());
        assertThat(history.assignments()).isGreaterThan(12 + 2 * CHANGES);
        assertThat(history.commits()).isPositive();
        assertThat(history.foreign()).isEmpty();
        for (MonitorProcess monitor : monitors) {
          assertThat(monitor.value("sinkwatch_rejected_total")).isZero();
          assertThat(monitor.said()).doesNotContain("Exception");
        }
      } finally {
        for (MonitorProcess monitor : monitors) {
          monitor.kill();
        }
      }
    }
  }
}
