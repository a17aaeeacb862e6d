package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.Pipeline;
import dev.sinkwatch.analyzer.PipelineSettings;
import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Ledger;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.DeadLetters;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.KafkaShardSource;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;

/**
 * Partitions that leave and come back to the same process while their verdicts are on their way.
 */
@Timeout(120)
class RevokedShardsTest {
  private static final int LAYERS = 24;
  private static final int STEPS = 3;

  @Test
  void whatComesBackWithoutASafeVerdictIsJudgedAgain() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null)) {
      KafkaSettings kafka =
          KafkaSettings.of(broker.bootstrapServers(), "g")
              .withPassThrough(Map.of("heartbeat.interval.ms", "500"));
      Topics.ensure(kafka, TopicSettings.of((short) 1));
      publish(kafka);
      Ledger ledger = new Ledger();
      List<Pipeline.Judged> judged = new CopyOnWriteArrayList<>();
      Pipeline pipeline =
          new Pipeline(
              new LayerAnalysis(AnalysisSettings.DEFAULT, "secret".getBytes(UTF_8)),
              new PipelineSettings(2, 1 << 20, 1 << 20, 1 << 20, 60_000),
              System::currentTimeMillis);
      try (DeadLetters deadLetters = new DeadLetters(kafka, Topics.REJECTED);
          KafkaShardSource source =
              new KafkaShardSource(kafka, ledger, deadLetters, Topics.WEIGHTS)) {
        Disposable subscription = pipeline.verdicts(source).subscribe(judged::add);
        await(() -> judged.size() == LAYERS * STEPS);
        KafkaShardSource other =
            new KafkaShardSource(kafka, new Ledger(), deadLetters, Topics.WEIGHTS);
        Disposable held = other.deliveries().subscribe(delivery -> {});
        await(() -> outcome(ledger, "revoked") > 0);
        other.close();
        held.dispose();
        long revoked = outcome(ledger, "revoked");
        await(() -> ledger.read().received() == LAYERS * STEPS + revoked);
        await(() -> judged.size() == LAYERS * STEPS + revoked);
        judged.forEach(Pipeline.Judged::safe);
        await(() -> ledger.read().inFlight() == 0);
        assertThat(ledger.read().outcomes())
            .as("%s", judged.stream().map(j -> j.verdict().id()).collect(Collectors.toList()))
            .containsEntry("analyzed", (long) LAYERS * STEPS)
            .containsEntry("stale", 0L)
            .containsEntry("duplicate", 0L);
        subscription.dispose();
      }
    }
  }

  private static void publish(KafkaSettings kafka) throws Exception {
    try (ShardPublisher publisher = new ShardPublisher(kafka)) {
      for (int step = 0; step < STEPS; step++) {
        for (int layer = 0; layer < LAYERS; layer++) {
          publisher
              .publish(
                  new Shard(
                      new SnapshotId("r", 0, "blocks." + layer + ".mixer", step),
                      Shape.of(2, 2),
                      new RowRange(0, 2),
                      Dtype.F32,
                      MemorySegment.ofArray(new float[] {.7f, .3f, .3f, .7f}),
                      Hints.NONE,
                      0))
              .get();
        }
      }
    }
  }

  private static long outcome(Ledger ledger, String name) {
    return ledger.read().outcomes().getOrDefault(name, 0L);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(20);
    }
  }
}
