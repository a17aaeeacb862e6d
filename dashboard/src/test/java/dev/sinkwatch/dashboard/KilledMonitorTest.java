package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A monitor that is killed (SIGKILL) again and again amid its work, while snapshots of two shards
 * each go on coming: each of them has its verdict in the end. {@code ./verify --long} kills it 100
 * times.
 */
class KilledMonitorTest {
  private static final int KILLS = Boolean.getBoolean("sinkwatch.long") ? 100 : 20;
  private static final int LAYERS = 12;
  private static final int ROWS = 64;
  private static final Pattern PAGE = Pattern.compile("page +(http://\\S+)");

  @TempDir private Path directory;

  private record Snapshot(String layer, long step) {}

  @Test
  @Timeout(1800)
  void everySnapshotHasItsVerdict() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null)) {
      KafkaSettings kafka = KafkaSettings.of(broker.bootstrapServers(), "unused");
      Topics.ensure(kafka, TopicSettings.of((short) 1));
      try (Job job = new Job(kafka);
          Verdicts verdicts = new Verdicts(broker.bootstrapServers())) {
        Random random = new Random(1);
        List<Double> recoveries = new ArrayList<>();
        for (int kill = 0; kill < KILLS; kill++) {
          long before = verdicts.all();
          long start = System.nanoTime();
          Process monitor = monitor(broker.bootstrapServers(), "killed");
          verdicts.await(monitor, () -> verdicts.count() > before);
          recoveries.add(1e-9 * (System.nanoTime() - start));
          Thread.sleep(random.nextInt(1500));
          monitor.destroyForcibly().waitFor();
        }
        Process last = monitor(broker.bootstrapServers(), "last");
        try {
          job.stop();
          assertThat(job.published).hasSizeGreaterThan(100);
          verdicts.await(last, () -> verdicts.judged.containsAll(job.published));
          tell(job, verdicts, recoveries);
          ledgerAddsUp(page("last"));
          eachStepIsThereOnce(page("last"));
        } finally {
          last.destroy();
          last.waitFor();
        }
      }
    }
  }

  private static void tell(Job job, Verdicts verdicts, List<Double> recoveries) throws IOException {
    double[] sorted = recoveries.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    System.out.printf(
        Locale.ROOT,
        "killed %d times: %d snapshots, %d of them judged once more, 0 lost;"
            + " from start to the first verdict %.1f s at the median, %.1f s at the 95th percentile%n",
        KILLS,
        job.published.size(),
        verdicts.count() - verdicts.judged.size(),
        sorted[sorted.length / 2],
        sorted[(int) Math.ceil(0.95 * sorted.length) - 1]);
  }

  /** What the last monitor received has ended, and nothing of it as stale or in conflict. */
  private static void ledgerAddsUp(String page) throws Exception {
    MonitorUnderTest.await(
        "nothing is in flight",
        Duration.ofSeconds(30),
        () -> value(page, "sinkwatch_shards_in_flight") == 0);
    double received = value(page, "sinkwatch_shards_received_total");
    assertThat(value(page, "sinkwatch_shards_total")).isEqualTo(received);
    assertThat(value(page, "sinkwatch_shards_total{outcome=\"analyzed\"}")).isEqualTo(received);
  }

  private static void eachStepIsThereOnce(String page) throws Exception {
    JsonNode history =
        new ObjectMapper().readTree(get(page + "/api/v1/runs/killed/history?layer=" + layer(0)));
    List<Long> steps = new ArrayList<>();
    history.path("steps").forEach(step -> steps.add(step.asLong()));
    assertThat(steps).isNotEmpty().doesNotHaveDuplicates().isSorted();
  }

  private static double value(String page, String name) {
    try {
      return get(page + "/metrics")
          .lines()
          .filter(line -> line.startsWith(name))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static String get(String url) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  private static String layer(int index) {
    return "blocks." + index + ".mixer";
  }

  /**
   * As somebody would run it who restarts it in its place: a static member, so that Kafka need not
   * wait for the one that is gone.
   */
  private Process monitor(String bootstrapServers, String name) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "monitor",
            "--bootstrap-servers",
            bootstrapServers,
            "--listen",
            "127.0.0.1:0",
            "--set",
            "kafka.group.instance.id=the-one");
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.to(said(name)))
        .start();
  }

  private File said(String name) {
    return directory.resolve(name + ".txt").toFile();
  }

  private String page(String name) throws IOException {
    Matcher match = PAGE.matcher(Files.readString(said(name).toPath()));
    assertThat(match.find()).isTrue();
    return match.group(1);
  }

  /** Publishes snapshots until it is closed. */
  private static final class Job implements AutoCloseable {
    final Set<Snapshot> published = ConcurrentHashMap.newKeySet();
    private final ShardPublisher publisher;
    private final Thread thread = new Thread(this::run, "job");
    private volatile boolean closed;

    Job(KafkaSettings kafka) throws IOException {
      publisher = new ShardPublisher(kafka);
      thread.start();
    }

    private void run() {
      float[] half = new float[ROWS / 2 * ROWS];
      Arrays.fill(half, 1f / ROWS);
      for (long step = 0; !closed; step++) {
        for (int layer = 0; layer < LAYERS; layer++) {
          Snapshot snapshot = new Snapshot(layer(layer), step);
          for (int from = 0; from < ROWS; from += ROWS / 2) {
            publisher
                .publish(
                    new Shard(
                        new SnapshotId("killed", 0, snapshot.layer(), step),
                        Shape.of(ROWS, ROWS),
                        new RowRange(from, from + ROWS / 2),
                        Dtype.F32,
                        MemorySegment.ofArray(half),
                        Hints.NONE,
                        0))
                .join();
          }
          published.add(snapshot);
        }
        try {
          Thread.sleep(50);
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    /** All that it published is acknowledged. */
    void stop() throws InterruptedException {
      closed = true;
      thread.join();
    }

    @Override
    public void close() {
      closed = true;
      publisher.close();
    }
  }

  /** Reads all verdicts, also those of before. */
  private static final class Verdicts implements AutoCloseable {
    final Set<Snapshot> judged = new HashSet<>();
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final ObjectMapper mapper = new ObjectMapper();
    private long count;

    Verdicts(String bootstrapServers) {
      Properties properties = new Properties();
      properties.put("bootstrap.servers", bootstrapServers);
      consumer =
          new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.VERDICTS).stream()
              .map(p -> new TopicPartition(Topics.VERDICTS, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
    }

    long count() throws IOException {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(20))) {
        JsonNode verdict = mapper.readTree(record.value());
        if (verdict.has("layer")) {
          judged.add(new Snapshot(verdict.path("layer").asText(), verdict.path("step").asLong()));
          count++;
        }
      }
      return count;
    }

    /** Verdicts up to now; nobody writes any more. */
    long all() throws IOException {
      Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        count();
      }
      return count;
    }

    private interface Condition {
      boolean holds() throws IOException;
    }

    void await(Process monitor, Condition condition) throws IOException {
      long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
      while (!condition.holds()) {
        count();
        assertThat(monitor.isAlive()).isTrue();
        assertThat(System.nanoTime()).as("%d verdicts", count).isLessThan(end);
      }
    }

    @Override
    public void close() {
      consumer.close();
    }
  }
}
