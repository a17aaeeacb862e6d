package dev.sinkwatch.dashboard.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.dashboard.config.Configuration;
import dev.sinkwatch.dashboard.config.Settings;
import dev.sinkwatch.dashboard.monitor.Monitor;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was rejected is listed with its reason, and judged once the reason is gone. */
@Timeout(180)
class RejectedCommandTest {
  private static final int N = 64;

  private record Said(int code, String out, String err) {}

  @Test
  void whatWasTooLargeIsJudgedAfterTheLimitWasRaised() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null)) {
      String brokers = broker.bootstrapServers();
      assertThat(rejected(brokers))
          .isEqualTo(
              new Said(
                  1,
                  "",
                  "sinkwatch: Kafka at %s has no topic sinkwatch.rejected: no monitor has run there\n"
                      .formatted(brokers)));
      try (Monitor strict = monitor(brokers, Map.of("analysis.max-buffer", "1KiB"))) {
        assertThat(strict.ready()).isTrue();
        assertThat(rejected(brokers)).isEqualTo(new Said(0, "nothing rejected\n", ""));
        publish(brokers);
        await(() -> rejected(brokers).out().contains("2 records rejected"));
      }
      Said table = rejected(brokers);
      assertThat(table.out().lines())
          .anyMatch(line -> line.contains("  too-short  sinkwatch.weights-"))
          .anyMatch(line ->
              line.contains("  snapshot-too-large  sinkwatch.weights-")
                  && line.contains("  r/blocks.0  ")
                  && line.contains("analysis.max-buffer"))
          .last()
          .isEqualTo("2 records rejected: 1 snapshot-too-large, 1 too-short");
      JsonNode json =
          new ObjectMapper()
              .readTree(rejected(brokers, "--format", "json", "--run", "r").out().strip());
      assertThat(json.path("reason").asText()).isEqualTo("snapshot-too-large");
      assertThat(json.path("whole").asBoolean()).isTrue();
      assertThat(json.path("size").asLong()).isGreaterThan(4L * N * N);

      try (Monitor patient = monitor(brokers, Map.of())) {
        assertThat(rejected(brokers, "--reason", "snapshot-too-large", "--replay").out().lines())
            .last()
            .isEqualTo("1 record rejected: 1 snapshot-too-large; 1 on their way again");
        await(() ->
            get(patient.url() + "/api/v1/runs/r/history?layer=blocks.0.mixer").contains("[3]"));
      }
    }
  }

  @Test
  void mistakesAreOneLine() {
    Said unknown = rejected("127.0.0.1:1", "--reason", "tired");
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err().lines())
        .singleElement()
        .asString()
        .startsWith("sinkwatch: there is no reason tired; there are too-short, ");
    Said nobody = rejected("127.0.0.1:1");
    assertThat(nobody.code()).isEqualTo(1);
    assertThat(nobody.err()).isEqualTo("sinkwatch: Kafka at 127.0.0.1:1: no broker answers\n");
  }

  private static Said rejected(String brokers, String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] all = Arrays.copyOf(options, options.length + 3);
    System.arraycopy(options, 0, all, 3, options.length);
    all[0] = "rejected";
    all[1] = "--bootstrap-servers";
    all[2] = brokers;
    int code = Sinkwatch.run(new PrintWriter(out), new PrintWriter(err, true), all);
    return new Said(code, out.toString(), err.toString());
  }

  private static Monitor monitor(String brokers, Map<String, String> settings) throws Exception {
    Map<String, String> all = new HashMap<>(settings);
    all.put("kafka.bootstrap-servers", brokers);
    all.put("listen", "127.0.0.1:0");
    Monitor monitor = Monitor.start(Settings.of(Configuration.read(null, Map.of(), all)));
    await(monitor::ready);
    return monitor;
  }

  private static void publish(String brokers) throws Exception {
    float[] uniform = new float[N * N];
    Arrays.fill(uniform, 1f / N);
    try (ShardPublisher publisher = new ShardPublisher(KafkaSettings.of(brokers, "unused"))) {
      publisher
          .publish(
              new Shard(
                  new SnapshotId("r", 0, "blocks.0.mixer", 3),
                  Shape.of(N, N),
                  new RowRange(0, N),
                  Dtype.F32,
                  MemorySegment.ofArray(uniform),
                  Hints.NONE,
                  0))
          .get();
    }
    Properties properties = new Properties();
    properties.put("bootstrap.servers", brokers);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer
          .send(new ProducerRecord<>(Topics.WEIGHTS, "other".getBytes(UTF_8), new byte[] {1, 2}))
          .get();
    }
  }

  private static String get(String url) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("within a minute").isLessThan(end);
      Thread.sleep(200);
    }
  }
}
