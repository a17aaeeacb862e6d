package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Brokers that stop, whose disks are full, that die: what the job was told is safe is judged.
 * {@code ./verify --long} kills each broker of three, {@code ./verify} the one that coordinates the
 * group.
 */
@Timeout(600)
class BrokerFaultsTest {
  private static final boolean LONG = Boolean.getBoolean("sinkwatch.long");
  private static final Duration MOST = Duration.ofMinutes(5);

  @TempDir private Path directory;

  @Test
  void stoppedForHalfAMinute() throws Exception {
    try (KafkaCluster cluster = KafkaCluster.start(directory, 1);
        Scene scene = new Scene(cluster, SnapshotJob.Load.SMALL)) {
      scene.awaitVerdicts(200);
      cluster.stop(1);
      String told = scene.told(Duration.ofSeconds(5));
      Thread.sleep(Duration.ofSeconds(25));
      long start = System.nanoTime();
      cluster.start(1);
      scene.awaitVerdicts(1);
      System.out.printf(
          Locale.ROOT,
          "broker stopped for 30 s: the next verdict %.1f s after its start began; a publisher that"
              + " waits 5 s is told \"%s\"%n",
          seconds(start),
          told);
      scene.end("stopped");
    }
  }

  @Test
  void itsDiskFull() throws Exception {
    SnapshotJob.Load load = new SnapshotJob.Load(12, 128, 20, Long.MAX_VALUE);
    try (KafkaCluster cluster = KafkaCluster.startWithFilesUpTo(directory, 24 << 20);
        Scene scene = new Scene(cluster, load)) {
      cluster.awaitEnd(1); // it gives up when a log cannot be written
      long published = scene.job.published().size();
      long start = System.nanoTime();
      cluster.start(1);
      scene.awaitVerdicts(1);
      System.out.printf(
          Locale.ROOT,
          "disk full after %d snapshots; room again: the next verdict %.1f s after the broker's"
              + " start began%n",
          published,
          seconds(start));
      scene.end("disk full");
    }
  }

  @Test
  void itsLeaderMoved() throws Exception {
    try (KafkaCluster cluster = KafkaCluster.start(directory, 3);
        Scene scene = new Scene(cluster, SnapshotJob.Load.SMALL)) {
      scene.awaitVerdicts(200);
      for (int broker : LONG ? List.of(1, 2, 3) : List.of(scene.coordinator())) {
        var _ = scene.verdicts.longestPause();
        cluster.kill(broker); // leader of a third of the partitions
        scene.awaitVerdicts(500);
        System.out.printf(
            Locale.ROOT,
            "broker %d of 3 killed: longest pause between verdicts %.1f s%n",
            broker,
            1e-3 * scene.verdicts.longestPause().toMillis());
        cluster.start(broker);
        scene.awaitAllInSync();
      }
      scene.end("leader moved");
    }
  }

  private static double seconds(long startNanos) {
    return 1e-9 * (System.nanoTime() - startNanos);
  }

  /** A job, a monitor and a reader of its verdicts. */
  private final class Scene implements AutoCloseable {
    private final KafkaCluster cluster;
    private final KafkaSettings kafka;
    private final MonitorProcess monitor;
    private final VerdictReader verdicts;
    private final SnapshotJob job;

    Scene(KafkaCluster cluster, SnapshotJob.Load load) throws Exception {
      this.cluster = cluster;
      kafka = KafkaSettings.of(cluster.bootstrapServers(), "unused");
      Topics.ensure(kafka, TopicSettings.of((short) cluster.brokers()));
      monitor = MonitorProcess.start(directory, cluster.bootstrapServers(), Map.of());
      verdicts = new VerdictReader(cluster.bootstrapServers());
      job = new SnapshotJob(kafka, load);
    }

    void awaitVerdicts(int more) throws Exception {
      long wanted = verdicts.count() + more;
      verdicts.await(MOST, () -> verdicts.count() >= wanted);
    }

    /** The broker that coordinates the monitors' group. */
    int coordinator() throws Exception {
      try (Admin admin = Admin.create(kafka.admin())) {
        return admin
            .describeConsumerGroups(List.of("sinkwatch"))
            .all()
            .get()
            .values()
            .iterator()
            .next()
            .coordinator()
            .id();
      }
    }

    /** What a publisher says when it has waited for so long. */
    String told(Duration patience) throws Exception {
      String millis = Long.toString(patience.toMillis());
      KafkaSettings hasty =
          kafka.withPassThrough(
              Map.of(
                  "max.block.ms",
                  millis,
                  "request.timeout.ms",
                  millis,
                  "delivery.timeout.ms",
                  Long.toString(2 * patience.toMillis())));
      try (ShardPublisher publisher = new ShardPublisher(hasty)) {
        return assertThatThrownBy(() -> publisher.publish(SnapshotJob.otherShard()).join())
            .isInstanceOf(CompletionException.class)
            .cause()
            .message()
            .doesNotContain("\n")
            .actual();
      }
    }

    /** Until every partition has all of its copies again. */
    void awaitAllInSync() throws Exception {
      try (Admin admin = Admin.create(kafka.admin())) {
        MonitorUnderTest.await(
            "all copies in sync",
            MOST,
            () -> {
              try {
                return admin
                    .describeTopics(List.of(Topics.WEIGHTS, Topics.VERDICTS))
                    .allTopicNames()
                    .get()
                    .values()
                    .stream()
                    .flatMap(topic -> topic.partitions().stream())
                    .allMatch(partition -> partition.isr().size() == cluster.brokers());
              } catch (ExecutionException e) {
                if (e.getCause() instanceof KafkaException) {
                  return false;
                }
                throw new AssertionError(e);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
      }
    }

    /** All that the job was told is safe has a verdict. */
    void end(String what) throws Exception {
      job.stop();
      verdicts.await(MOST, () -> verdicts.judged().containsAll(job.published()));
      System.out.printf(
          Locale.ROOT,
          "%s: %d snapshots, 0 lost, %d judged once more%n",
          what,
          job.published().size(),
          verdicts.all() - verdicts.judged().size());
      assertThat(monitor.isAlive()).isTrue();
      assertThat(monitor.said()).doesNotContain("\tat ");
    }

    @Override
    public void close() {
      job.close();
      verdicts.close();
      monitor.close();
    }
  }
}
