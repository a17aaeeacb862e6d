package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A monitor that takes a run over when the verdicts of its warm-up are not read again any more. */
class RememberedBaselineTest {
  private static final int N = 128;
  private static final long REPLAY_MILLIS = 1000;

  @Test
  @Timeout(180)
  void aTrapThatOnlyTheBaselineTellsFiresAndGoesOnFiring() throws Exception {
    try (MonitorUnderTest monitor =
        MonitorUnderTest.start(Map.of("history.replay", REPLAY_MILLIS + "ms"))) {
      publish(monitor, 0, 8, 0.09); // small, as is ordinary at this size
      assertThat(monitor.alarms("r", 2)).isEmpty();
      restart(monitor);
      assertThat(monitor.scrape())
          .as("nothing of it is read again")
          .noneMatch(sample -> sample.label("run").equals("r"));
      publish(monitor, 8, 12, 0.01);
      awaitTrap(monitor);
      restart(monitor);
      publish(monitor, 12, 13, 0.01);
      awaitTrap(monitor);
    }
  }

  private static void awaitTrap(MonitorUnderTest monitor) throws InterruptedException {
    MonitorUnderTest.await(
        "the trap fires",
        Duration.ofSeconds(30),
        () -> monitor.alarms("r", 2).contains("HomogeneityTrap"));
  }

  private static void restart(MonitorUnderTest monitor) throws Exception {
    Thread.sleep(2 * REPLAY_MILLIS);
    monitor.restart();
  }

  private static void publish(MonitorUnderTest monitor, int from, int to, double gain)
      throws Exception {
    float[] mixer = new float[N * N];
    for (int i = 0; i < mixer.length; i++) {
      mixer[i] = (float) ((1 - gain) / N + (i % (N + 1) == 0 ? gain : 0));
    }
    KafkaSettings kafka = KafkaSettings.of(monitor.bootstrapServers(), "unused");
    try (ShardPublisher publisher = new ShardPublisher(kafka)) {
      for (int step = from; step < to; step++) {
        publisher
            .publish(
                new Shard(
                    new SnapshotId("r", 0, "blocks.0.mixer", step),
                    Shape.of(N, N),
                    new RowRange(0, N),
                    Dtype.F32,
                    MemorySegment.ofArray(mixer),
                    Hints.NONE,
                    0))
            .get();
      }
    }
    MonitorUnderTest.await(
        "step " + (to - 1),
        Duration.ofSeconds(60),
        () -> monitor.value("sinkwatch_run_step") == to - 1);
  }
}
