package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the verdicts on layers from the topic, from its beginning. For one thread. */
final class VerdictReader implements AutoCloseable {
  private final Set<SnapshotJob.Published> judged = new HashSet<>();
  private final Set<Long> chainSteps = new HashSet<>();
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final ObjectMapper mapper = new ObjectMapper();
  private long count;
  private long lastNanos = System.nanoTime();
  private long longestPauseNanos;

  interface Condition {
    boolean holds() throws IOException;
  }

  VerdictReader(String bootstrapServers) {
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

  /** Snapshots that have a verdict. */
  Set<SnapshotJob.Published> judged() {
    return judged;
  }

  /** Steps whose chain has a verdict. */
  Set<Long> chainSteps() {
    return chainSteps;
  }

  /** Verdicts, after another look at the topic. */
  long count() throws IOException {
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(20))) {
      JsonNode verdict = mapper.readTree(record.value());
      if (verdict.has("network")) {
        chainSteps.add(verdict.path("step").asLong());
      } else if (verdict.has("layer")) {
        String layer = verdict.path("layer").asText();
        judged.add(new SnapshotJob.Published(layer, verdict.path("step").asLong()));
        count++;
        longestPauseNanos = Math.max(longestPauseNanos, System.nanoTime() - lastNanos);
        lastNanos = System.nanoTime();
      }
    }
    return count;
  }

  /** Frees the memory of what was judged so far. */
  void forget() {
    judged.clear();
  }

  /** Longest time without a verdict since it was asked last. */
  Duration longestPause() {
    Duration longest = Duration.ofNanos(longestPauseNanos);
    longestPauseNanos = 0;
    lastNanos = System.nanoTime();
    return longest;
  }

  /** Verdicts up to now; nobody writes any more. */
  long all() throws IOException {
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
    while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
      count();
    }
    return count;
  }

  /** Goes on reading until it holds. */
  void await(Condition condition) throws IOException {
    await(Duration.ofMinutes(10), condition);
  }

  void await(Duration most, Condition condition) throws IOException {
    long end = System.nanoTime() + most.toNanos();
    while (!condition.holds()) {
      count();
      assertThat(System.nanoTime())
          .as("%d verdicts on layers, %d chains", count, chainSteps.size())
          .isLessThan(end);
    }
  }

  /** Goes on reading for that long. */
  void readFor(Duration time) throws IOException {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      count();
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
