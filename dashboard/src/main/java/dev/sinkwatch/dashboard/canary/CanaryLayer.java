package dev.sinkwatch.dashboard.canary;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.kafka.Routing;
import dev.sinkwatch.ingest.safetensors.ShardKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * One mixer of each round.
 *
 * @param name of the layer
 * @param partition of the weights topic, where its key leads
 * @param n size of the mixer
 * @param shards records of a snapshot
 * @param index tells the mixers of one round apart
 */
record CanaryLayer(String name, int partition, int n, int shards, int index) {

  /** What hyper-connections have: most runs are judged by the code for such sizes. */
  private static final int[] SMALL = {4, 8};

  /** Beyond what is exact: certified by bounds. */
  private static final int LARGE = 128;

  private static final Hints HINTS = new Hints(Kind.DOUBLY_STOCHASTIC, null, null, null, null);

  /**
   * A small mixer for each partition, and one large mixer of two shards, which must be assembled.
   */
  static List<CanaryLayer> of(String run, int partitions) {
    TreeMap<Integer, CanaryLayer> byPartition = new TreeMap<>();
    for (int block = 0; byPartition.size() < partitions; block++) {
      String name = "canary." + block + ".mixer";
      int partition = partition(run, name, partitions);
      int n = SMALL[partition % SMALL.length];
      byPartition.putIfAbsent(partition, new CanaryLayer(name, partition, n, 1, partition));
    }
    List<CanaryLayer> layers = new ArrayList<>(byPartition.values());
    String name = "canary.0.large";
    layers.add(new CanaryLayer(name, partition(run, name, partitions), LARGE, 2, partitions));
    layers.sort(Comparator.comparingInt(CanaryLayer::index));
    return layers;
  }

  private static int partition(String run, String name, int partitions) {
    return Routing.partition(ShardKey.of(run, name), partitions);
  }

  KnownMixer mixer(long step) {
    return KnownMixer.of(n, index, step);
  }

  /** The mixer as it goes to Kafka. */
  List<Shard> shards(SnapshotId id, KnownMixer mixer) {
    List<Shard> parts = new ArrayList<>();
    for (int part = 0; part < shards; part++) {
      int from = n * part / shards;
      int to = n * (part + 1) / shards;
      parts.add(
          new Shard(
              id,
              Shape.of(n, n),
              new RowRange(from, to),
              Dtype.F32,
              mixer.rows(from, to),
              HINTS,
              0));
    }
    return parts;
  }
}
