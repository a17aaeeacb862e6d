package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Snapshots come faster than a monitor with a heap of 256 MiB can judge them, without clients and
 * with fifty that ask for the stream of events and never read it: it lags, and neither fails nor
 * loses any.
 */
class OverloadedMonitorTest {
  private static final int STEPS = Boolean.getBoolean("sinkwatch.long") ? 1500 : 150;

  /** 8 MiB a step, as fast as the broker takes them. */
  private static final SnapshotJob.Load LOAD = new SnapshotJob.Load(8, 512, 0, STEPS);

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(ints = {0, 50})
  @Timeout(1200)
  void itLagsAndLosesNothing(int clients) throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null)) {
      String brokers = broker.bootstrapServers();
      KafkaSettings kafka = KafkaSettings.of(brokers, "unused");
      Topics.ensure(kafka, TopicSettings.of((short) 1));
      MonitorProcess monitor = MonitorProcess.start(directory, brokers, Map.of());
      List<Socket> deaf = new ArrayList<>();
      try (VerdictReader verdicts = new VerdictReader(brokers)) {
        for (int i = 0; i < clients; i++) {
          deaf.add(asks(monitor.page()));
        }
        try (SnapshotJob job = new SnapshotJob(kafka, LOAD)) {
          job.awaitEnd();
          long judged = verdicts.all();
          double lag = monitor.value("sinkwatch_consumer_lag_records");
          long start = System.nanoTime();
          verdicts.await(
              Duration.ofMinutes(15), () -> verdicts.judged().containsAll(job.published()));
          System.out.printf(
              Locale.ROOT,
              "overloaded, %d deaf clients: %d of %d snapshots judged and %.0f records behind when the"
                  + " last came;"
                  + " the rest %.0f s later, 0 lost; peak resident %d MiB%n",
              clients,
              judged,
              job.published().size(),
              lag,
              1e-9 * (System.nanoTime() - start),
              monitor.peakResidentMib());
          assertThat(verdicts.count()).as("%s", monitor.said()).isEqualTo(job.published().size());
        }
        MonitorUnderTest.await(
            "no lag",
            Duration.ofSeconds(30),
            () ->
                monitor.value("sinkwatch_consumer_lag_records") == 0
                    && monitor.value("sinkwatch_shards_in_flight") == 0);
        assertThat(monitor.value("sinkwatch_shards_total{outcome=\"analyzed\"}"))
            .isEqualTo(2.0 * LOAD.layers() * STEPS);
        assertThat(monitor.value("sinkwatch_rejected_total")).isZero();
        assertThat(monitor.said()).doesNotContain("OutOfMemoryError").doesNotContain("Exception");
      } finally {
        monitor.kill();
        for (Socket client : deaf) {
          client.close();
        }
      }
    }
  }

  private static Socket asks(URI page) throws IOException {
    Socket client = new Socket(page.getHost(), page.getPort());
    client
        .getOutputStream()
        .write("GET /api/v1/stream HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    return client;
  }
}
