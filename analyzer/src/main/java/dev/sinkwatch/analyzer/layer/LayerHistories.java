package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.spectrum.CertifiedMatrices;
import dev.sinkwatch.ingest.Snapshot;
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
  private final LogitsRoom logitsRoom = new LogitsRoom();
  private final Map<Layer, LayerHistory> layers = new LinkedHashMap<>(16, 0.75f, true);

  private record Layer(String run, String name) {}

  LayerHistories(int maxLayers, CertifiedMatrices room) {
    this.maxLayers = maxLayers;
    this.room = room;
  }

  /** What the layer of that snapshot left behind, perhaps nothing yet. */
  public LayerHistory of(Snapshot snapshot) {
    if (room.wasRefused()) {
      layers.values().forEach(layer -> layer.forgetIfSilent(snapshot.appendedMillis()));
    }
    Layer layer = new Layer(snapshot.id().run(), snapshot.id().layer());
    LayerHistory history =
        layers.computeIfAbsent(layer, absent -> new LayerHistory(room, logitsRoom));
    if (layers.size() > maxLayers) {
      Map.Entry<Layer, LayerHistory> silent = layers.entrySet().iterator().next();
      silent.getValue().forget();
      silent.getValue().forgetLogits();
      layers.remove(silent.getKey());
    }
    return history;
  }

  /** Bytes of certified snapshots. */
  long certifiedBytes() {
    return room.bytes();
  }
}
