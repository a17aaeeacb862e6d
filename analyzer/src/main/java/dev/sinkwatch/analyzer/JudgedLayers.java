package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.SnapshotId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** What was complete of each layer; those unheard of for longest are forgotten. For one thread. */
final class JudgedLayers {
  private static final int MOST = 100_000;

  private final Map<Layer, JudgedSteps> steps = new LinkedHashMap<>(16, 0.75f, true);

  JudgedSteps of(SnapshotId id) {
    JudgedSteps layer = steps.computeIfAbsent(Layer.of(id), _ -> new JudgedSteps());
    Iterator<JudgedSteps> eldest = steps.values().iterator();
    while (steps.size() > MOST) {
      eldest.next();
      eldest.remove();
    }
    return layer;
  }
}
