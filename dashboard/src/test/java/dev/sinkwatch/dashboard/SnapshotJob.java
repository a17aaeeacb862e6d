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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Publishes snapshots of two shards each, step after step, until it is stopped. */
final class SnapshotJob implements AutoCloseable {
  static final String RUN = "job";

  /** One snapshot. */
  record Published(String layer, long step) {}

  /**
   * What is published.
   *
   * @param rows of each mixer, and columns
   * @param pauseMillis between steps
   * @param steps at most
   */
  record Load(int layers, int rows, int pauseMillis, long steps, Hints hints) {
    /** Twelve mixers of 64 x 64 some twenty times a second. */
    static final Load STEADY = new Load(12, 64, 50, Long.MAX_VALUE);

    /** The same of 16 x 16, whose verdicts a starting monitor has soon read again. */
    static final Load SMALL = new Load(12, 16, 50, Long.MAX_VALUE);

    /**
     * The same five times a second, whose steps are known to be complete at once: the steps of a
     * long start are fewer than a monitor remembers until it has told their chains.
     */
    static final Load COUNTED =
        new Load(12, 16, 200, Long.MAX_VALUE, new Hints(null, null, null, 12, null));

    Load(int layers, int rows, int pauseMillis, long steps) {
      this(layers, rows, pauseMillis, steps, Hints.NONE);
    }
  }

  private final Load load;
  private final Set<Published> published = ConcurrentHashMap.newKeySet();
  private final ShardPublisher publisher;
  private final Thread thread = new Thread(this::run, "job");
  private volatile boolean remembers = true;
  private volatile boolean stopped;

  SnapshotJob(KafkaSettings kafka, Load load) throws IOException {
    this.load = load;
    publisher = new ShardPublisher(kafka);
    thread.start();
  }

  static String layer(int index) {
    return "blocks." + index + ".mixer";
  }

  /** From here on {@link #published} does not grow. */
  void forget() {
    remembers = false;
    published.clear();
  }

  /** What Kafka has acknowledged as a whole. */
  Set<Published> published() {
    return published;
  }

  private void run() {
    int rows = load.rows();
    float[] half = new float[rows / 2 * rows];
    Arrays.fill(half, 1f / rows);
    for (long step = 0; !stopped && step < load.steps(); step++) {
      List<CompletableFuture<Void>> sent = new ArrayList<>();
      for (int layer = 0; layer < load.layers(); layer++) {
        for (int from = 0; from < rows; from += rows / 2) {
          sent.add(publisher.publish(shard(layer(layer), step, rows, from, half, load.hints())));
        }
      }
      sent.forEach(CompletableFuture::join);
      for (int layer = 0; remembers && layer < load.layers(); layer++) {
        published.add(new Published(layer(layer), step));
      }
      try {
        Thread.sleep(load.pauseMillis());
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** The first half of a small mixer that is never whole. */
  static Shard otherShard() {
    return shard("other", 0, 4, 0, new float[8], Hints.NONE);
  }

  private static Shard shard(
      String layer, long step, int rows, int from, float[] half, Hints hints) {
    return new Shard(
        new SnapshotId(RUN, 0, layer, step),
        Shape.of(rows, rows),
        new RowRange(from, from + rows / 2),
        Dtype.F32,
        MemorySegment.ofArray(half),
        hints,
        0);
  }

  /** Whether there are steps that are not published yet. */
  boolean goesOn() {
    return thread.isAlive();
  }

  /** Until all steps are published. */
  void awaitEnd() throws InterruptedException {
    thread.join();
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
