package dev.sinkwatch.dashboard.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A file of settings; keys may be written with dots or as nested maps. */
final class ConfigFile {

  /** Levels of maps; a map may hold itself. */
  private static final int MAX_DEPTH = 20;

  private final Path file;
  private final Map<String, String> flat = new TreeMap<>();

  private ConfigFile(Path file) {
    this.file = file;
  }

  /**
   * Values by their keys with dots, whether or not there are such settings.
   *
   * @throws ConfigException with one line when it cannot be read or is no map of plain values
   */
  static Map<String, String> read(Path file) throws ConfigException {
    ConfigFile config = new ConfigFile(file);
    Object document = YamlFile.read(file, YamlFile.Scalars.TYPED);
    if (document instanceof Map<?, ?> map) {
      config.flatten("", map, 1);
    } else if (document != null) {
      throw config.wrong("keys and values are expected");
    }
    return config.flat;
  }

  private void flatten(String prefix, Map<?, ?> map, int depth) throws ConfigException {
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (entry.getKey() instanceof Collection<?> || entry.getKey() instanceof Map<?, ?>) {
        throw wrong("a key must be a plain value");
      }
      String name = prefix + entry.getKey();
      Object value = entry.getValue();
      if (value instanceof Map<?, ?> nested && depth < MAX_DEPTH) {
        flatten(name + ".", nested, depth + 1);
        continue;
      }
      if (flat.put(name, value instanceof List<?> list ? commas(name, list) : scalar(name, value))
          != null) {
        throw wrong(name + " is there twice");
      }
    }
  }

  /** Lists, of plain values, are what Kafka writes with commas. */
  private String commas(String name, List<?> list) throws ConfigException {
    List<String> items = new ArrayList<>();
    for (Object item : list) {
      items.add(scalar(name, item));
    }
    return String.join(",", items);
  }

  private String scalar(String name, @Nullable Object value) throws ConfigException {
    if (value instanceof Collection<?> || value instanceof Map<?, ?> || value instanceof byte[]) {
      throw wrong(name + " must have a plain value");
    }
    return value == null ? "" : value.toString();
  }

  private ConfigException wrong(String what) {
    return new ConfigException(file + ": " + what);
  }
}
