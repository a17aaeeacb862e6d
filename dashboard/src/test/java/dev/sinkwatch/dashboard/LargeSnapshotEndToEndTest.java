package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.LayerHistory;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import dev.sinkwatch.ingest.safetensors.ShardCutter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots that a monitor cannot hold are judged in one pass, while their shards come. */
@Timeout(600)
class LargeSnapshotEndToEndTest {
  private static final LargeSnapshot MIXER = new LargeSnapshot("blocks.0.mixer", 3, 512, 0.25f);
  private static final int ROWS = 8;
  private static final int SHARDS = MIXER.n() / ROWS;
  private static final String SECRET = "secret";

  /** A snapshot has eight times as many shards as may be in flight, and four times the bytes. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "analysis.max-buffer",
          "256KiB",
          "ingest.max-records",
          String.valueOf(SHARDS / 8),
          "analysis.secret",
          SECRET);

  /** One that waits as a whole, in eight times as many shards as may be in flight. */
  private static final LargeSnapshot WAITING = new LargeSnapshot("blocks.2.mixer", 3, SHARDS, 0.5f);

  private static final LargeSnapshot LARGE = new LargeSnapshot("blocks.0.mixer", 1, 1 << 14, 0.25f);

  @TempDir private Path directory;

  @Test
  void shardsOfTwoRanksInAnyOrderAreJudgedAsInOnePass() throws Exception {
    try (MonitorUnderTest monitor = MonitorUnderTest.start(SETTINGS)) {
      List<Shard> shards = new ArrayList<>();
      for (int from = 0; from < MIXER.n(); from += ROWS) {
        shards.add(MIXER.shard(from, from + ROWS));
      }
      Shard repeated = shards.getFirst();
      Shard contradiction = altered(shards.getLast());
      Collections.shuffle(shards, new Random(1));
      KafkaSettings kafka = KafkaSettings.of(monitor.bootstrapServers(), "unused");
      try (ShardPublisher even = new ShardPublisher(kafka);
          ShardPublisher odd = new ShardPublisher(kafka)) {
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        for (Shard shard : shards) {
          sent.add((shard.rows().from() / ROWS % 2 == 0 ? even : odd).publish(shard));
        }
        for (int row = 0; row < WAITING.n(); row++) {
          sent.add(even.publish(WAITING.shard(row, row + 1)));
        }
        sent.forEach(CompletableFuture::join);
        even.publish(repeated).join();
        odd.publish(contradiction).join();
        even.publish(logits()).join();
      }
      monitor.settle(Duration.ofMinutes(2));
      assertThat(outcome(monitor, "analyzed")).isEqualTo(2 * SHARDS);
      assertThat(outcome(monitor, "duplicate")).isOne();
      assertThat(monitor.value("sinkwatch_rejected_total")).isEqualTo(2);
      MonitorUnderTest.await(
          "no sums are left",
          Duration.ofMinutes(1),
          () -> monitor.value("sinkwatch_buffered_bytes") == 0);
      JsonNode verdict = verdict(monitor);
      LayerVerdict onePass = onePass();
      assertThat(verdict.path("passes").asInt()).isOne();
      assertThat(verdict.path("detailGainLower").asDouble()).isLessThanOrEqualTo(MIXER.gain());
      assertThat(verdict.path("detailGainUpper").asDouble()).isGreaterThanOrEqualTo(MIXER.gain());
      for (Figure figure :
          List.of(
              Figure.DETAIL_GAIN_LOWER,
              Figure.DETAIL_GAIN,
              Figure.DETAIL_GAIN_UPPER,
              Figure.SIGMA2_LOWER,
              Figure.SIGMA2_UPPER,
              Figure.SIGMA1,
              Figure.ENTROPY,
              Figure.BARYCENTER_DISTANCE)) {
        double expected = onePass.get(figure);
        assertThat(verdict.path(figure.key()).asDouble())
            .as("%s", figure)
            .isCloseTo(expected, within(1e-3 * expected));
      }
    }
  }

  /** 1 GiB in a heap of 128 MiB. */
  @Test
  @EnabledIfSystemProperty(named = "sinkwatch.long", matches = "true")
  void aSnapshotLargerThanTheHeapIsJudged() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null)) {
      String brokers = broker.bootstrapServers();
      KafkaSettings kafka = KafkaSettings.of(brokers, "unused");
      Topics.ensure(kafka, TopicSettings.of((short) 1));
      keepAll(brokers);
      MonitorProcess monitor = MonitorProcess.start("128m", directory, brokers, Map.of());
      try (VerdictReader verdicts = new VerdictReader(brokers);
          ShardPublisher publisher = new ShardPublisher(kafka)) {
        URI _ = monitor.page();
        long start = System.nanoTime();
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        ShardCutter.cut(
            LARGE, ShardCutter.DEFAULT_BYTES, shard -> sent.add(publisher.publish(shard)));
        sent.forEach(CompletableFuture::join);
        double published = 1e-9 * (System.nanoTime() - start);
        verdicts.await(Duration.ofMinutes(5), () -> verdicts.count() == 1);
        System.out.printf(
            Locale.ROOT,
            "a snapshot of %d MiB in %d shards in a heap of 128 MiB: published in %.1f s, judged"
                + " %.1f s after the first; peak resident %d MiB%n",
            LARGE.bytes() >> 20,
            sent.size(),
            published,
            1e-9 * (System.nanoTime() - start),
            monitor.peakResidentMib());
        MonitorUnderTest.await(
            "all shards are settled",
            Duration.ofMinutes(1),
            () -> monitor.value("sinkwatch_shards_in_flight") == 0);
        assertThat(monitor.value("sinkwatch_shards_total{outcome=\"analyzed\"}"))
            .isEqualTo(sent.size());
        assertThat(monitor.value("sinkwatch_detail_gain_ratio{")).isBetween(0.0, 1.0);
        assertThat(monitor.said()).doesNotContain("OutOfMemoryError").doesNotContain("Exception");
      } finally {
        monitor.kill();
      }
    }
  }

  /** The broker in the process keeps less of a partition than such a snapshot takes. */
  private static void keepAll(String brokers) throws Exception {
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", brokers))) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, Topics.WEIGHTS),
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry("retention.bytes", "-1"), AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
  }

  private static LayerVerdict onePass() throws IOException {
    AnalysisSettings usual = AnalysisSettings.DEFAULT;
    return new LayerAnalysis(
            new AnalysisSettings(
                usual.profiles(), usual.eps(), usual.tolerance(), usual.failureProbability(), 1),
            SECRET.getBytes(UTF_8))
        .judge(MIXER, LayerHistory.ofOneSnapshot());
  }

  private static Shard altered(Shard shard) {
    byte[] data = shard.data().toArray(ValueLayout.JAVA_BYTE);
    data[5]++;
    return new Shard(
        shard.id(),
        shard.shape(),
        shard.rows(),
        shard.dtype(),
        MemorySegment.ofArray(data),
        shard.hints(),
        0);
  }

  private static Shard logits() {
    Shard mixer = new LargeSnapshot("blocks.1.logits", 3, 512, 0.5f).shard(0, ROWS);
    return new Shard(
        mixer.id(),
        mixer.shape(),
        mixer.rows(),
        mixer.dtype(),
        mixer.data(),
        new Hints(Kind.SINKHORN_LOGITS, null, null, null, null),
        0);
  }

  private static double outcome(MonitorUnderTest monitor, String outcome) {
    return monitor.scrape().stream()
        .filter(sample -> sample.name().equals("sinkwatch_shards_total"))
        .filter(sample -> sample.label("outcome").equals(outcome))
        .mapToDouble(MonitorUnderTest.Sample::value)
        .sum();
  }

  private static JsonNode verdict(MonitorUnderTest monitor) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<JsonNode> verdicts = new ArrayList<>();
    for (var record : monitor.all(Topics.VERDICTS, true)) {
      JsonNode verdict = mapper.readTree(record.value());
      if (verdict.path("layer").asText().equals(MIXER.layer())) {
        verdicts.add(verdict);
      }
    }
    assertThat(verdicts).hasSize(1);
    return verdicts.getFirst();
  }
}
