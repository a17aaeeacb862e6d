package dev.sinkwatch.dashboard;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Publishes snapshots of two shards each, step after step, until it is stopped. */
final class SnapshotJob implements AutoCloseable {
  static final String RUN = "job";
  private static final int LAYERS = 12;
  private static final int ROWS = 64;

  /** One snapshot. */
  record Published(String layer, long step) {}

  private final Set<Published> published = ConcurrentHashMap.newKeySet();
  private final ShardPublisher publisher;
  private final Thread thread = new Thread(this::run, "job");
  private volatile boolean stopped;

  SnapshotJob(KafkaSettings kafka) throws IOException {
    publisher = new ShardPublisher(kafka);
    thread.start();
  }

  static String layer(int index) {
    return "blocks." + index + ".mixer";
  }

  /** What Kafka has acknowledged as a whole. */
  Set<Published> published() {
    return published;
  }

  private void run() {
    float[] half = new float[ROWS / 2 * ROWS];
    Arrays.fill(half, 1f / ROWS);
    for (long step = 0; !stopped; step++) {
      for (int layer = 0; layer < LAYERS; layer++) {
        Published snapshot = new Published(layer(layer), step);
        for (int from = 0; from < ROWS; from += ROWS / 2) {
          publisher
              .publish(
                  new Shard(
                      new SnapshotId(RUN, 0, snapshot.layer(), step),
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

  /** From here on nothing more is published. */
  void stop() throws InterruptedException {
    stopped = true;
    thread.join();
  }

  @Override
  public void close() {
    stopped = true;
    publisher.close();
  }
}
