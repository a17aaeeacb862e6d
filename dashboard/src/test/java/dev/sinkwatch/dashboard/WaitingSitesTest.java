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
import dev.sinkwatch.ingest.Observability;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;

/**
 * Many runs at once whose sites' tensors wait for each other: more of them than records may be in
 * flight, so that those which they wait for come only if what waits does not count as such.
 */
@Timeout(180)
class WaitingSitesTest {
  private static final int RUNS = 60;
  private static final int MAX_RECORDS = 20;
  private static final String SITE = "layers.0.hc_attn_";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Half of it is how long a snapshot waits for others that came the last time. */
  private static final long TIMEOUT_MILLIS = 600_000;

  @Test
  void doNotKeepOutWhatTheyWaitFor() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null)) {
      KafkaSettings kafka =
          KafkaSettings.of(broker.bootstrapServers(), "g").withInFlight(MAX_RECORDS, 64 << 20);
      Topics.ensure(kafka, TopicSettings.of((short) 1));
      Ledger ledger = new Ledger();
      List<Pipeline.Judged> judged = new CopyOnWriteArrayList<>();
      Pipeline pipeline =
          new Pipeline(
              new LayerAnalysis(AnalysisSettings.DEFAULT, "secret".getBytes(UTF_8)),
              new PipelineSettings(2, 16 << 20, 16 << 20, 1 << 20, TIMEOUT_MILLIS),
              System::currentTimeMillis);
      try (ShardPublisher publisher = new ShardPublisher(kafka);
          DeadLetters deadLetters = new DeadLetters(kafka, Topics.REJECTED);
          KafkaShardSource source =
              new KafkaShardSource(kafka, ledger, deadLetters, Topics.WEIGHTS)) {
        Disposable subscription =
            pipeline
                .verdicts(source)
                .subscribe(verdict -> {
                  verdict.safe();
                  judged.add(verdict);
                });
        publish(publisher, 1, "fn", "scale");
        received(ledger, 2 * RUNS);
        publish(publisher, 1, "base");
        received(ledger, 3 * RUNS);
        publish(publisher, 2, "base");
        received(ledger, 4 * RUNS);
        assertThat(joined(judged, 2)).isZero();
        publish(publisher, 2, "fn", "scale");
        MonitorUnderTest.await("all are joined", PATIENCE, () -> joined(judged, 2) == RUNS);
        MonitorUnderTest.await("all are settled", PATIENCE, () -> ledger.read().inFlight() == 0);
        subscription.dispose();
      }
    }
  }

  private static void received(Ledger ledger, long shards) throws InterruptedException {
    MonitorUnderTest.await(
        shards + " shards come in", PATIENCE, () -> ledger.read().received() == shards);
  }

  private static long joined(List<Pipeline.Judged> judged, long step) {
    return judged.stream()
        .map(Pipeline.Judged::verdict)
        .filter(verdict -> verdict.id().step() == step)
        .filter(verdict -> verdict.observability() == Observability.ISOTROPIC_PROXY)
        .count();
  }

  private static void publish(ShardPublisher publisher, long step, String... ends)
      throws Exception {
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int run = 0; run < RUNS; run++) {
      for (String end : ends) {
        sent.add(publisher.publish(tensor("r" + run, end, step)));
      }
    }
    for (CompletableFuture<Void> one : sent) {
      one.get();
    }
  }

  /** Of a site of four streams as DeepSeek-V4 has it. */
  private static Shard tensor(String run, String end, long step) {
    Shape shape =
        switch (end) {
          case "fn" -> Shape.of(24, 32);
          case "scale" -> Shape.of(3);
          default -> Shape.of(24);
        };
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = end.equals("base") ? 0 : (float) Math.sin(i * i + 1);
    }
    return new Shard(
        new SnapshotId(run, 0, SITE + end, step),
        shape,
        new RowRange(0, shape.rows()),
        Dtype.F32,
        MemorySegment.ofArray(values),
        Hints.NONE,
        0);
  }
}
