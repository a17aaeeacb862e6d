package dev.sinkwatch.dashboard.upload;

import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import dev.sinkwatch.ingest.safetensors.ShardCutter;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.jspecify.annotations.Nullable;

/**
 * The weights topic. Its producer is made for the first shard: a monitor that nobody uploads to has
 * none.
 */
public final class KafkaSink implements ShardSink, AutoCloseable {
  private static final String MAX_BLOCK = "max.block.ms";

  private final KafkaSettings settings;
  private volatile @Nullable ShardPublisher publisher;
  private boolean closed;

  /**
   * @param patience for which a shard waits for brokers or for room
   */
  public KafkaSink(KafkaSettings kafka, Duration patience) {
    Map<String, String> passThrough = new HashMap<>(kafka.passThrough());
    passThrough.putIfAbsent(MAX_BLOCK, Long.toString(patience.toMillis()));
    this.settings = kafka.withClientId(kafka.clientId() + "-upload").withPassThrough(passThrough);
  }

  @Override
  public CompletableFuture<Void> publish(Shard shard) throws IOException {
    return publisher().publish(shard);
  }

  @Override
  public boolean full() {
    ShardPublisher made = publisher;
    return made != null && made.room() < ShardCutter.MAX_ROW_BYTES;
  }

  /** The producer's meters; none before the first shard. */
  public Map<MetricName, ? extends Metric> metrics() {
    ShardPublisher made = publisher;
    return made == null ? Map.of() : made.metrics();
  }

  private synchronized ShardPublisher publisher() throws IOException {
    if (closed) {
      throw new IOException("the monitor stops");
    }
    ShardPublisher made = publisher;
    if (made == null) {
      made = new ShardPublisher(settings);
      publisher = made;
    }
    return made;
  }

  /** What is under way fails: its clients are told nothing else, and try again elsewhere. */
  @Override
  public synchronized void close() {
    closed = true;
    ShardPublisher made = publisher;
    if (made != null) {
      made.abandon();
    }
  }
}
