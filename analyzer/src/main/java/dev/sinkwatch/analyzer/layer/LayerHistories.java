package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.spectrum.CertifiedMatrices;
import dev.sinkwatch.ingest.SnapshotHead;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The histories of the layers that one lane judges, which share the room for certified snapshots.
 * Nobody says when a run has ended: the layers that were silent for longest are forgotten beyond a
 * number, and those that were silent for an hour give their room to newcomers. For one thread at a
 * time.
 */
public final class LayerHistories {
  private final int maxLayers;
  private final CertifiedMatrices room;
  private final KeptRoom logitsRoom = KeptRoom.ofLogits();
  private final KeptRoom frozenRoom;
  private final Map<Layer, LayerHistory> layers = new LinkedHashMap<>(16, 0.75f, true);

  private record Layer(String run, String name) {}

  /**
   * @param room for certified snapshots
   * @param frozenRoom for operators that are watched because they are close to permutations
   */
  LayerHistories(int maxLayers, CertifiedMatrices room, KeptRoom frozenRoom) {
    this.maxLayers = maxLayers;
    this.room = room;
    this.frozenRoom = frozenRoom;
  }

  /** What the layer of that snapshot left behind, perhaps nothing yet. */
  public LayerHistory of(SnapshotHead snapshot) {
    if (room.wasRefused() || frozenRoom.wasRefused()) {
      layers.values().forEach(layer -> layer.forgetIfSilent(snapshot.appendedMillis()));
    }
    Layer layer = new Layer(snapshot.id().run(), snapshot.id().layer());
    LayerHistory history =
        layers.computeIfAbsent(
            layer, absent -> new LayerHistory(room, logitsRoom, new FrozenOperators(frozenRoom)));
    if (layers.size() > maxLayers) {
      Map.Entry<Layer, LayerHistory> silent = layers.entrySet().iterator().next();
      silent.getValue().forget();
      silent.getValue().forgetLogits();
      silent.getValue().frozen().forget();
      layers.remove(silent.getKey());
    }
    return history;
  }

  /** Bytes of operators that are watched because they are close to permutations. */
  long frozenBytes() {
    return frozenRoom.taken();
  }

  /** Bytes of certified snapshots. */
  long certifiedBytes() {
    return room.bytes();
  }
}
