package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.kafka.Topics;
import dev.sinkwatch.ingest.safetensors.MalformedRecords;
import dev.sinkwatch.ingest.safetensors.ShardCodec;
import dev.sinkwatch.ingest.safetensors.ShardKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One record in a hundred is poison, among others that come at a steady rate: each is counted and
 * kept by its reason, and the others' verdicts come no later than without.
 */
class PoisonTest {
  private static final int RECORDS = Boolean.getBoolean("sinkwatch.long") ? 100_000 : 10_000;

  /** With and without poison in turns, so that neither has the warmer compiler or the idler day. */
  private static final int ROUNDS = 5;

  private static final int PER_SECOND = 1000;
  private static final int POISON_EVERY = 100;
  private static final int LAYERS = 100;

  @Test
  @Timeout(1200)
  void isCountedByReasonAndDelaysNobody() throws Exception {
    try (MonitorUnderTest monitor = MonitorUnderTest.start(Map.of("history.points", "100"))) {
      try (KafkaProducer<byte[], byte[]> producer = producer(monitor)) {
        int part = RECORDS / ROUNDS;
        List<MalformedRecords.Malformed> poison = poison(RECORDS / POISON_EVERY);
        send(producer, "warm-up", 0, part, List.of());
        settle(monitor, part);
        for (int round = 0; round < ROUNDS; round++) {
          int from = round * part;
          send(producer, "clean", from, part, List.of());
          settle(monitor, 2L * part + 2L * from + from / POISON_EVERY);
          send(producer, "poisoned", from, part, poison);
          settle(monitor, 3L * part + 2L * from + (from + part) / POISON_EVERY);
        }

        List<long[]> clean = delays(monitor, "clean");
        List<long[]> poisoned = delays(monitor, "poisoned");
        System.out.printf(
            Locale.ROOT,
            "poison: %d of %d records; from append to verdict 99th percentile %d ms, without poison"
                + " %d ms (medians of %d rounds: with %s, without %s); %.2f times in the median round;"
                + " medians %d and %d ms%n",
            poison.size(),
            RECORDS + poison.size(),
            median(percentiles(poisoned, 0.99)),
            median(percentiles(clean, 0.99)),
            ROUNDS,
            percentiles(poisoned, 0.99),
            percentiles(clean, 0.99),
            ratios(percentiles(poisoned, 0.99), percentiles(clean, 0.99))[ROUNDS / 2],
            median(percentiles(poisoned, 0.5)),
            median(percentiles(clean, 0.5)));
        assertThat(clean).allMatch(round -> round.length == part);
        assertThat(poisoned).allMatch(round -> round.length == part);

        Map<Reason, Long> expected = new EnumMap<>(Reason.class);
        poison.forEach(record -> expected.merge(record.expected(), 1L, Long::sum));
        assertThat(counted(monitor)).isEqualTo(expected);
        assertThat(kept(monitor)).isEqualTo(expected);
      }
    }
  }

  /** One of each reason, then all kinds of it in turn, in any order. */
  private static List<MalformedRecords.Malformed> poison(int count) {
    List<MalformedRecords.Malformed> kinds = new ArrayList<>(MalformedRecords.all());
    Collections.shuffle(kinds, new Random(1));
    EnumSet<Reason> seen = EnumSet.noneOf(Reason.class);
    List<MalformedRecords.Malformed> first =
        kinds.stream().filter(kind -> seen.add(kind.expected())).toList();
    kinds.addAll(0, first);
    List<MalformedRecords.Malformed> poison = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      poison.add(kinds.get(i % kinds.size()));
    }
    return poison;
  }

  private static void send(
      KafkaProducer<byte[], byte[]> producer,
      String run,
      int from,
      int count,
      List<MalformedRecords.Malformed> poison)
      throws Exception {
    List<Future<?>> sent = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = from; i < from + count; i++) {
      LockSupport.parkNanos(start + (i - from) * 1_000_000_000L / PER_SECOND - System.nanoTime());
      String layer = "blocks." + i % LAYERS + ".mixer";
      byte[] key = ShardKey.of(run, layer).getBytes(UTF_8);
      byte[] good = good(run, layer, i / LAYERS);
      sent.add(producer.send(new ProducerRecord<>(Topics.WEIGHTS, key, good)));
      if (i % POISON_EVERY == 0 && i / POISON_EVERY < poison.size()) {
        byte[] poisoned = poison.get(i / POISON_EVERY).value();
        sent.add(producer.send(new ProducerRecord<>(Topics.WEIGHTS, key, poisoned)));
      }
    }
    for (Future<?> one : sent) {
      one.get();
    }
  }

  private static void settle(MonitorUnderTest monitor, long published) throws InterruptedException {
    MonitorUnderTest.await(
        published + " records settled",
        Duration.ofMinutes(5),
        () ->
            monitor.value("sinkwatch_shards_received_total") >= published
                && monitor.value("sinkwatch_shards_in_flight") == 0);
  }

  /**
   * From when the snapshot was appended to when its verdict was, both by the broker's clock; of
   * each round by itself, since one in which the machine was away for a moment says nothing of
   * poison.
   */
  private static List<long[]> delays(MonitorUnderTest monitor, String run) {
    ObjectMapper mapper = new ObjectMapper();
    List<List<Long>> delays =
        Stream.generate(() -> (List<Long>) new ArrayList<Long>()).limit(ROUNDS).toList();
    monitor.each(
        Topics.VERDICTS,
        record -> {
          JsonNode verdict = read(mapper, record.value());
          if (verdict.has("layer") && verdict.path("run").asText().equals(run)) {
            int round = (int) (verdict.path("step").asLong() * LAYERS * ROUNDS / RECORDS);
            delays.get(round).add(record.timestamp() - verdict.path("appended").asLong());
          }
        });
    return delays.stream()
        .map(round -> round.stream().mapToLong(Long::longValue).sorted().toArray())
        .toList();
  }

  private static JsonNode read(ObjectMapper mapper, byte[] verdict) {
    try {
      return mapper.readTree(verdict);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Long> percentiles(List<long[]> rounds, double share) {
    return rounds.stream().map(round -> percentile(round, share)).toList();
  }

  /** Of each round, in ascending order. */
  private static double[] ratios(List<Long> poisoned, List<Long> clean) {
    return IntStream.range(0, ROUNDS)
        .mapToDouble(round -> (double) poisoned.get(round) / Math.max(1, clean.get(round)))
        .sorted()
        .toArray();
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private static long percentile(long[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1, share * sorted.length)];
  }

  private static Map<Reason, Long> counted(MonitorUnderTest monitor) {
    Map<Reason, Long> counted = new EnumMap<>(Reason.class);
    for (MonitorUnderTest.Sample sample : monitor.scrape()) {
      if (sample.name().equals("sinkwatch_rejected_total") && sample.value() > 0) {
        counted.put(reason(sample.label("reason")), (long) sample.value());
      }
    }
    return counted;
  }

  private static Map<Reason, Long> kept(MonitorUnderTest monitor) {
    Map<Reason, Long> kept = new EnumMap<>(Reason.class);
    for (ConsumerRecord<byte[], byte[]> record : monitor.all(Topics.REJECTED, true)) {
      kept.merge(
          reason(new String(record.headers().lastHeader("reason").value(), UTF_8)), 1L, Long::sum);
    }
    return kept;
  }

  private static Reason reason(String wireName) {
    return Arrays.stream(Reason.values())
        .filter(reason -> reason.wireName().equals(wireName))
        .findFirst()
        .orElseThrow();
  }

  private static byte[] good(String run, String layer, long step) {
    int n = 16;
    ByteBuffer data = ByteBuffer.allocate(n * n * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < n * n; i++) {
      data.putDouble(i % (n + 1) == 0 ? 0.5 + 0.5 / n : 0.5 / n);
    }
    return ShardCodec.encode(
        new Shard(
            new SnapshotId(run, 0, layer, step),
            Shape.of(n, n),
            new RowRange(0, n),
            Dtype.F64,
            MemorySegment.ofArray(data.array()),
            Hints.NONE,
            0));
  }

  private static KafkaProducer<byte[], byte[]> producer(MonitorUnderTest monitor) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", monitor.bootstrapServers());
    properties.put("max.request.size", "2097152");
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
