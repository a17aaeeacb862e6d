package dev.sinkwatch.ingest.safetensors;

import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What the metadata of a body says of each of its tensors: {@code <key>.<layer>} is for one of them
 * and wins over {@code <key>}, which is for all.
 */
final class LayerMetadata {
  private static final Map<String, Reason> OF_LAYERS =
      Map.of(
          Keys.ROWS, Reason.ROWS_INVALID,
          Keys.SHAPE, Reason.SHAPE_INVALID,
          Keys.KIND, Reason.KIND_INVALID,
          Keys.OBSERVABILITY, Reason.OBSERVABILITY_INVALID,
          Keys.INDEX, Reason.INDEX_INVALID);

  /** Of known keys alone: these few are copied for each layer that has one of its own. */
  private final Map<String, String> common = new HashMap<>();

  private final Map<String, Map<String, String>> byLayer = new HashMap<>();

  /**
   * Reads it.
   *
   * @throws RejectedException if it speaks of a layer that is not there, or of the rows of several
   */
  LayerMetadata(Map<String, String> metadata, Set<String> layers) throws RejectedException {
    for (Map.Entry<String, String> field : metadata.entrySet()) {
      if (!ofLayer(field.getKey(), field.getValue(), layers)
          && Keys.OF_BODIES.contains(field.getKey())) {
        common.put(field.getKey(), field.getValue());
      }
    }
    if (layers.size() > 1 && (common.containsKey(Keys.ROWS) || common.containsKey(Keys.SHAPE))) {
      throw new RejectedException(
          Reason.ROWS_INVALID,
          "several tensors cannot be the same rows: say "
              + Keys.ROWS
              + ".<layer> and "
              + Keys.SHAPE
              + ".<layer>");
    }
  }

  private boolean ofLayer(String field, String value, Set<String> layers) throws RejectedException {
    for (Map.Entry<String, Reason> known : OF_LAYERS.entrySet()) {
      String prefix = known.getKey() + ".";
      if (field.startsWith(prefix)) {
        String layer = field.substring(prefix.length());
        if (!layers.contains(layer)) {
          throw new RejectedException(
              known.getValue(), "a key " + prefix + "<layer> names no tensor of the body");
        }
        byLayer.computeIfAbsent(layer, _ -> new HashMap<>()).put(known.getKey(), value);
        return true;
      }
    }
    return false;
  }

  /** What is for all tensors, of the keys that mean something. */
  Map<String, String> common() {
    return common;
  }

  /** What holds for one. */
  Map<String, String> of(String layer) {
    Map<String, String> own = byLayer.get(layer);
    if (own == null) {
      return common;
    }
    Map<String, String> all = new HashMap<>(common);
    all.putAll(own);
    return all;
  }
}
