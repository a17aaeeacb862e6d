package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Fifty clients that ask for the stream of events and never read it: verdicts come no later, and
 * what the clients miss is counted. With and without them in turns, so that neither has the warmer
 * compiler or the idler day.
 */
class DeafClientsTest {
  private static final boolean LONG = Boolean.getBoolean("sinkwatch.long");
  private static final int CLIENTS = 50;
  private static final int ROUNDS = LONG ? 10 : 2;
  private static final Duration TURN = Duration.ofSeconds(LONG ? 30 : 4);
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** Some 480 a second, so that the events that are held for readers are soon others. */
  private static final SnapshotJob.Load LOAD = new SnapshotJob.Load(24, 16, 50, Long.MAX_VALUE);

  /** By the clock of the broker, which is this machine's. */
  private record Turn(boolean deaf, long fromMillis, long toMillis) {
    boolean holds(long millis) {
      return fromMillis <= millis && millis < toMillis;
    }
  }

  @Test
  @Timeout(1200)
  void delayNobodyAndWhatTheyMissIsCounted() throws Exception {
    try (MonitorUnderTest monitor = MonitorUnderTest.start(Map.of());
        SnapshotJob job =
            new SnapshotJob(KafkaSettings.of(monitor.bootstrapServers(), "unused"), LOAD)) {
      MonitorUnderTest.await(
          "it is warm", PATIENCE, () -> monitor.value("sinkwatch_snapshots_analyzed_total") > 2000);
      List<Turn> turns = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        turns.add(turn(false));
        double before = dropped(monitor);
        try (DeafClients _ = new DeafClients(monitor.page(), CLIENTS)) {
          MonitorUnderTest.await(
              "all of them are there",
              PATIENCE,
              () -> monitor.value("sinkwatch_stream_clients") == CLIENTS);
          turns.add(turn(true));
          MonitorUnderTest.await(
              "each of them has missed something",
              PATIENCE,
              () -> dropped(monitor) >= before + CLIENTS);
        }
        MonitorUnderTest.await(
            "none of them is held any more",
            PATIENCE,
            () -> monitor.value("sinkwatch_stream_clients") == 0);
      }
      job.stop();
      MonitorUnderTest.await(
          "everything is judged",
          PATIENCE,
          () -> monitor.value("sinkwatch_snapshots_analyzed_total") >= job.published().size());
      long[] without = delays(monitor, turns.stream().filter(turn -> !turn.deaf()).toList());
      long[] with = delays(monitor, turns.stream().filter(Turn::deaf).toList());
      System.out.printf(
          Locale.ROOT,
          "%d clients that never read: from append to verdict 99th percentile %d ms, without them"
              + " %d ms: %.2f times; medians %d and %d ms; %d and %d snapshots; %.0f events"
              + " dropped%n",
          CLIENTS,
          percentile(with, 0.99),
          percentile(without, 0.99),
          (double) percentile(with, 0.99) / Math.max(1, percentile(without, 0.99)),
          percentile(with, 0.5),
          percentile(without, 0.5),
          with.length,
          without.length,
          dropped(monitor));
      assertThat(with).isNotEmpty();
      assertThat(without).isNotEmpty();
    }
  }

  private static Turn turn(boolean deaf) throws InterruptedException {
    long from = System.currentTimeMillis();
    Thread.sleep(TURN);
    return new Turn(deaf, from, System.currentTimeMillis());
  }

  private static double dropped(MonitorUnderTest monitor) {
    return monitor.value("sinkwatch_stream_events_dropped_total");
  }

  /** From when a snapshot was appended to when its verdict was, both by the broker's clock. */
  private static long[] delays(MonitorUnderTest monitor, List<Turn> turns) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<Long> delays = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : monitor.all(Topics.VERDICTS, true)) {
      JsonNode verdict = mapper.readTree(record.value());
      long appended = verdict.path("appended").asLong();
      if (verdict.has("layer") && turns.stream().anyMatch(turn -> turn.holds(appended))) {
        delays.add(record.timestamp() - appended);
      }
    }
    return delays.stream().mapToLong(Long::longValue).sorted().toArray();
  }

  private static long percentile(long[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1, share * sorted.length)];
  }
}
