package dev.sinkwatch.dashboard;

import dev.sinkwatch.ingest.Activation;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.ShardPublisher;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Publishes steps of small mixers of which the test knows what they are. */
final class MixerJob implements AutoCloseable {
  private static final int N = 4;

  private final ShardPublisher publisher;

  MixerJob(String bootstrapServers) throws IOException {
    publisher = new ShardPublisher(KafkaSettings.of(bootstrapServers, "unused"));
  }

  /**
   * One step of a run: mixers scale ((1 - gain) J + gain I), which keep that much of the detail.
   *
   * @param scale what their rows and columns sum to
   */
  void step(String run, int mixers, long step, float gain, float scale) throws Exception {
    float[] matrix = new float[N * N];
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = scale * ((1 - gain) / N + (i % (N + 1) == 0 ? gain : 0));
    }
    for (int mixer = 0; mixer < mixers; mixer++) {
      Hints hints = new Hints(Kind.DOUBLY_STOCHASTIC, null, null, mixers, Activation.BFLOAT16);
      publish(run, "blocks." + mixer + ".mixer", step, matrix, hints);
    }
  }

  /** An ordinary weight matrix. */
  void dense(String run, long step) throws Exception {
    float[] matrix = new float[N * N];
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = (i * 7 % 11) - 5;
    }
    Hints hints = new Hints(Kind.DENSE, null, null, null, null);
    publish(run, "blocks.0.mlp", step, matrix, hints);
  }

  /** What its kind forbids: it is rejected. */
  void misfit(String run, long step) throws Exception {
    publisher
        .publish(
            new Shard(
                new SnapshotId(run, 0, "blocks.0.misfit", step),
                Shape.of(1, N),
                new RowRange(0, 1),
                Dtype.F32,
                MemorySegment.ofArray(new float[N]),
                new Hints(Kind.DOUBLY_STOCHASTIC, null, null, null, null),
                0))
        .get();
  }

  private void publish(String run, String layer, long step, float[] matrix, Hints hints)
      throws Exception {
    publisher
        .publish(
            new Shard(
                new SnapshotId(run, 0, layer, step),
                Shape.of(N, N),
                new RowRange(0, N),
                Dtype.F32,
                MemorySegment.ofArray(matrix),
                hints,
                0))
        .get();
  }

  @Override
  public void close() {
    publisher.close();
  }
}
