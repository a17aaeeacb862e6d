package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.dashboard.config.Configuration;
import dev.sinkwatch.dashboard.config.Settings;
import dev.sinkwatch.dashboard.monitor.Monitor;
import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** More monitors of a group than its topics have partitions, with both of Kafka's protocols. */
@Timeout(300)
class SurplusMonitorTest {
  private static final List<String> PROTOCOLS = List.of("classic", "consumer");
  private static final int PARTITIONS = 2;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void isReadyAndTakesOverWhenAnotherLeaves() throws Exception {
    List<Monitor> open = new ArrayList<>();
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null)) {
      KafkaSettings kafka = KafkaSettings.of(broker.bootstrapServers(), "unused");
      TopicSettings usual = TopicSettings.of((short) 1);
      Topics.ensure(
          kafka,
          new TopicSettings(
              PARTITIONS,
              (short) 1,
              usual.weightsRetention(),
              usual.verdictsRetention(),
              usual.rejectedRetention()));
      // a group a protocol, at once, since what takes long is to wait
      List<Monitor> surplus = new ArrayList<>();
      List<Monitor> leaving = new ArrayList<>();
      try (SnapshotJob job = new SnapshotJob(kafka, SnapshotJob.Load.COUNTED)) {
        for (int member = 0; member < PARTITIONS; member++) {
          List<Monitor> begun = new ArrayList<>();
          for (String protocol : PROTOCOLS) {
            begun.add(started(broker, protocol, open));
          }
          awaitReady(begun);
          leaving = begun;
        }
        for (String protocol : PROTOCOLS) {
          surplus.add(started(broker, protocol, open));
        }
        awaitReady(surplus);
        assertThat(surplus).allSatisfy(monitor -> assertThat(received(monitor)).isZero());
        leaving.forEach(Monitor::close);
        open.removeAll(leaving);
        for (Monitor monitor : surplus) {
          MonitorUnderTest.await("it takes over", PATIENCE, () -> received(monitor) > 0);
        }
        awaitReady(surplus);
        job.stop();
      } finally {
        open.forEach(Monitor::close);
      }
    }
  }

  private static Monitor started(EmbeddedBroker broker, String protocol, List<Monitor> open)
      throws Exception {
    Monitor monitor =
        Monitor.start(
            Settings.of(
                Configuration.read(
                    null,
                    Map.of(),
                    Map.of(
                        "kafka.bootstrap-servers",
                        broker.bootstrapServers(),
                        "listen",
                        "127.0.0.1:0",
                        "group",
                        protocol,
                        "kafka.group.protocol",
                        protocol))));
    open.add(monitor);
    return monitor;
  }

  private void awaitReady(List<Monitor> monitors) throws Exception {
    for (Monitor monitor : monitors) {
      MonitorUnderTest.await("a monitor is ready", PATIENCE, monitor::ready);
    }
  }

  /** Shards that came to it. */
  private double received(Monitor monitor) {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create(monitor.url() + "/metrics")).build(),
              HttpResponse.BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith("sinkwatch_shards_received_total "))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
