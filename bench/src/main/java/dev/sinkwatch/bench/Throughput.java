package dev.sinkwatch.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sinkwatch.analyzer.Pipeline;
import dev.sinkwatch.analyzer.PipelineSettings;
import dev.sinkwatch.analyzer.layer.AnalysisResources;
import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Ledger;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.DeadLetters;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.KafkaShardSource;
import dev.sinkwatch.ingest.kafka.RecordPublisher;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * How fast shards of 1 MiB become verdicts that Kafka has acknowledged, beside a consumer that
 * reads the same topic and does nothing with it; in turns, a broker on loopback. Run by {@code
 * bench/throughput}.
 */
final class Throughput {
  private static final int TURNS = 5;
  private static final int LAYERS = 16;
  private static final int VALUES = 1 << 19; // of two bytes
  private static final int LANES = Runtime.getRuntime().availableProcessors();

  /** What is published: a kind of layer, in the shape that its shards have. */
  record Load(String title, Kind kind, Shape shape) {}

  static final Load MIXERS =
      new Load("mixers of 4 x 4", Kind.DOUBLY_STOCHASTIC, Shape.of(VALUES / 16, 4, 4));

  private static final List<Load> LOADS =
      List.of(
          new Load("tensors whose publisher says ignore", Kind.IGNORE, Shape.of(1024, 512)),
          MIXERS,
          new Load("dense layers of 1024 x 512", Kind.DENSE, Shape.of(1024, 512)));

  private Throughput() {}

  /** The number of shards of each kind. */
  public static void main(String[] arguments) throws Exception {
    int shards = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 512;
    System.out.println(
        "| shards of 1 MiB, BF16 | bare consumer, MiB/s | verdicts, MiB/s | ratio |");
    System.out.println("| --- | --- | --- | --- |");
    for (Load load : LOADS) {
      try (EmbeddedBroker broker = EmbeddedBroker.start(0, null)) {
        run(load, shards, KafkaSettings.of(broker.bootstrapServers(), "bench"));
      }
    }
  }

  private static void run(Load load, int shards, KafkaSettings kafka) throws Exception {
    Topics.ensure(kafka, TopicSettings.of((short) 1));
    publish(load, shards, kafka);
    double[] bare = new double[TURNS];
    double[] ours = new double[TURNS];
    double[] ratios = new double[TURNS];
    read(kafka.withGroup("warm-up"), shards);
    judge(kafka.withGroup("warm-up"), shards);
    for (int turn = 0; turn < TURNS; turn++) {
      bare[turn] = shards / read(kafka.withGroup("bare-" + turn), shards);
      ours[turn] = shards / judge(kafka.withGroup("ours-" + turn), shards);
      ratios[turn] = ours[turn] / bare[turn];
    }
    System.out.printf(
        Locale.ROOT,
        "| %s | %.0f | %.0f | %.0f %% |%n",
        load.title,
        median(bare),
        median(ours),
        100 * median(ratios));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  static void publish(Load load, int shards, KafkaSettings kafka) throws IOException {
    try (ShardPublisher publisher = new ShardPublisher(kafka)) {
      List<MemorySegment> contents = new ArrayList<>();
      for (int layer = 0; layer < LAYERS; layer++) {
        contents.add(MemorySegment.ofArray(values(load, new Random(layer))));
      }
      List<CompletableFuture<Void>> sent = new ArrayList<>();
      for (int i = 0; i < shards; i++) {
        long rows = load.shape.rows();
        sent.add(
            publisher.publish(
                new Shard(
                    new SnapshotId("bench", 0, "blocks." + i % LAYERS + ".w", i / LAYERS),
                    load.shape,
                    new RowRange(0, rows),
                    Dtype.BF16,
                    contents.get(i % LAYERS),
                    new Hints(load.kind, null, null, null, null),
                    0)));
      }
      sent.forEach(CompletableFuture::join);
    }
  }

  private static short[] values(Load load, Random random) {
    short[] values = new short[VALUES];
    for (int i = 0; i < VALUES; i++) {
      values[i] =
          bfloat16(load.kind == Kind.DOUBLY_STOCHASTIC ? 0.25f : (float) random.nextGaussian());
    }
    if (load.kind == Kind.DOUBLY_STOCHASTIC) {
      for (int at = 0; at < VALUES; at += 16) {
        float gain = random.nextInt(1, 64) / 64f; // all of its entries are whole in BF16
        for (int i = 0; i < 16; i++) {
          values[at + i] = bfloat16((1 - gain) / 4 + (i % 5 == 0 ? gain : 0));
        }
      }
    }
    return values;
  }

  private static short bfloat16(float value) {
    return (short) (Float.floatToRawIntBits(value) >>> 16);
  }

  /** Seconds from the first record to the last, of a consumer that only polls. */
  private static double read(KafkaSettings kafka, int shards) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            kafka.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(Topics.WEIGHTS));
      long start = 0;
      for (int seen = 0; seen < shards; ) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          start = seen == 0 ? System.nanoTime() : start;
          seen += record.value().length > 0 ? 1 : 0;
        }
      }
      return 1e-9 * (System.nanoTime() - start);
    }
  }

  /** Seconds from the first record to the last verdict that Kafka has acknowledged. */
  private static double judge(KafkaSettings kafka, int shards) throws Exception {
    Ledger ledger = new Ledger();
    Pipeline pipeline = pipeline(LANES);
    try (DeadLetters deadLetters = new DeadLetters(kafka);
        RecordPublisher publisher = new RecordPublisher(kafka);
        KafkaShardSource source =
            new KafkaShardSource(kafka, ledger, deadLetters, Topics.WEIGHTS)) {
      Disposable running =
          pipeline.verdicts(source).flatMap(judged -> publish(judged, publisher)).subscribe();
      long start = 0;
      while (true) {
        Ledger.Reading now = ledger.read();
        start = start == 0 && now.received() > 0 ? System.nanoTime() : start;
        if (now.received() == shards && now.inFlight() == 0) {
          break;
        }
        Thread.sleep(1);
      }
      double seconds = 1e-9 * (System.nanoTime() - start);
      running.dispose();
      return seconds;
    }
  }

  static Pipeline pipeline(int lanes) {
    return new Pipeline(
        new LayerAnalysis(
            AnalysisSettings.DEFAULT,
            "bench".getBytes(UTF_8),
            AnalysisResources.ofLanes(lanes, 512L << 20, lanes, 768L << 20)),
        new PipelineSettings(lanes, 512L << 20, 512L << 20, 64L << 20, 600_000),
        System::currentTimeMillis);
  }

  static Mono<Void> publish(Pipeline.Judged judged, RecordPublisher publisher) {
    LayerVerdict verdict = judged.verdict();
    String run = verdict.id().run();
    return Mono.fromFuture(() ->
            publisher.publish(
                Topics.VERDICTS,
                run,
                run + "/" + verdict.id().layer(),
                VerdictJson.layerBytes(verdict)))
        .doOnSuccess(done -> judged.safe());
  }
}
