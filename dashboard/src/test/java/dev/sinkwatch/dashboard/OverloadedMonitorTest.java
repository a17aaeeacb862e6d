package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Snapshots come much faster than a monitor with a heap of 256 MiB can judge them, whose JVM was
 * told to compile in haste and which has one thread for it, without clients and with fifty that ask
 * for the stream of events and never read it: it lags, holds what its budget lets it hold and no
 * more, stays in its group, and neither fails nor loses any.
 */
class OverloadedMonitorTest {
  private static final int STEPS = Boolean.getBoolean("sinkwatch.long") ? 1500 : 60;

  /** 8 MiB a step, as fast as the broker takes them. */
  private static final SnapshotJob.Load LOAD = new SnapshotJob.Load(8, 512, 0, STEPS);

  private static final Map<String, String> SLOW = Map.of("analysis.threads", "1");
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(ints = {0, 50})
  @Timeout(1200)
  void itLagsAndLosesNothing(int clients) throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null);
        Admin admin = Admin.create(settings(broker).admin())) {
      String brokers = broker.bootstrapServers();
      KafkaSettings kafka = settings(broker);
      Topics.ensure(admin, (short) 1);
      keepAll(admin);
      try (MonitorProcess monitor = MonitorProcess.startTracked(directory, brokers, SLOW);
          VerdictReader verdicts = new VerdictReader(brokers);
          DeafClients _ = new DeafClients(monitor.page(), clients)) {
        MonitorUnderTest.await("it is ready", PATIENCE, monitor::ready);
        List<String> members = members(admin);
        try (SnapshotJob job = new SnapshotJob(kafka, LOAD);
            JvmMemory memory = monitor.memory()) {
          List<JvmMemory.Live> overloaded = new ArrayList<>();
          long start = System.nanoTime();
          while (job.goesOn()) {
            verdicts.readFor(Duration.ofMillis(500));
            if (monitor.value("sinkwatch_consumer_lag_records") > 0) {
              overloaded.add(memory.live());
            }
          }
          double published = 1e-9 * (System.nanoTime() - start);
          long judged = verdicts.all();
          double lag = monitor.value("sinkwatch_consumer_lag_records");
          while (monitor.value("sinkwatch_consumer_lag_records") > 0) {
            verdicts.readFor(Duration.ofMillis(500));
            overloaded.add(memory.live());
          }
          verdicts.await(PATIENCE, () -> verdicts.judged().containsAll(job.published()));
          double all = 1e-9 * (System.nanoTime() - start);
          System.out.printf(
              Locale.ROOT,
              "overloaded, %d deaf clients: %d of %d snapshots judged and %.0f records behind when"
                  + " the last came after %.0f s, %.1f times as fast as judged; all %.0f s later, 0"
                  + " lost; peak resident %d MiB%n",
              clients,
              judged,
              job.published().size(),
              lag,
              published,
              (double) job.published().size() / Math.max(1, judged),
              all - published,
              monitor.peakResidentMib());
          assertThat(verdicts.count()).as("%s", monitor.said()).isEqualTo(job.published().size());
          assertFlat("heap", overloaded, JvmMemory.Live::heapBytes);
          assertFlat("direct memory", overloaded, JvmMemory.Live::directBytes);
        }
        MonitorUnderTest.await(
            "no lag",
            Duration.ofSeconds(30),
            () ->
                monitor.value("sinkwatch_consumer_lag_records") == 0
                    && monitor.value("sinkwatch_shards_in_flight") == 0);
        assertThat(members(admin)).as("it was never evicted").isEqualTo(members);
        assertThat(monitor.value("sinkwatch_shards_total{outcome=\"analyzed\"}"))
            .isEqualTo(2.0 * LOAD.layers() * STEPS);
        assertThat(monitor.value("sinkwatch_rejected_total")).isZero();
        assertThat(monitor.value("sinkwatch_records_expired_total")).isZero();
        assertThat(monitor.said()).doesNotContain("OutOfMemoryError").doesNotContain("Exception");
      }
    }
  }

  private static KafkaSettings settings(EmbeddedBroker broker) {
    return KafkaSettings.of(broker.bootstrapServers(), "unused");
  }

  /** The embedded broker would delete what waits for longer than its disk may grow. */
  private static void keepAll(Admin admin) throws Exception {
    ConfigEntry all = new ConfigEntry(TopicConfig.RETENTION_BYTES_CONFIG, "-1");
    admin
        .incrementalAlterConfigs(
            Map.of(
                new ConfigResource(ConfigResource.Type.TOPIC, Topics.WEIGHTS),
                List.of(new AlterConfigOp(all, AlterConfigOp.OpType.SET))))
        .all()
        .get();
  }

  /** A member that was evicted comes back by another name. */
  private static List<String> members(Admin admin) throws Exception {
    return admin.describeConsumerGroups(List.of("sinkwatch")).all().get().values().stream()
        .flatMap(group -> group.members().stream())
        .map(MemberDescription::consumerId)
        .toList();
  }

  /** In the second half of the time no more than in the first, but for a tenth. */
  private static void assertFlat(
      String what, List<JvmMemory.Live> samples, ToLongFunction<JvmMemory.Live> of) {
    int half = samples.size() / 2;
    LongSummaryStatistics first =
        samples.subList(0, half).stream().mapToLong(of).summaryStatistics();
    LongSummaryStatistics second =
        samples.subList(half, samples.size()).stream().mapToLong(of).summaryStatistics();
    System.out.printf(
        Locale.ROOT,
        "  %s: at most %.1f MiB in the first half, %.1f MiB in the second, of %d samples%n",
        what,
        first.getMax() / 0x1p20,
        second.getMax() / 0x1p20,
        samples.size());
    assertThat(samples).hasSizeGreaterThan(4);
    assertThat(second.getMax()).as(what).isLessThan((long) (1.1 * first.getMax()) + (1 << 20));
  }
}
