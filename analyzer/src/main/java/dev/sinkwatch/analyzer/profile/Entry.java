package dev.sinkwatch.analyzer.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** A value of a YAML file that knows where it stands. Immutable. */
final class Entry {
  private final Node node;
  private final String label;

  /** What it is called, for messages. */
  private final String name;

  private Entry(Node node, String label, String name) {
    this.node = node;
    this.label = label;
    this.name = name;
  }

  /** The only document of a file. */
  static Entry parse(String text, String label) throws ProfileException {
    try {
      Node node =
          new Compose(LoadSettings.builder().setLabel(label).setAllowDuplicateKeys(false).build())
              .composeString(text)
              .orElseThrow(() -> new ProfileException(label + ": empty"));
      return new Entry(node, label, "profile");
    } catch (MarkedYamlEngineException e) {
      String where = e.getProblemMark().map(mark -> ", line " + (mark.getLine() + 1)).orElse("");
      throw new ProfileException(
          label + where + ": not YAML: " + e.getProblem().lines().findFirst().orElse(""));
    } catch (YamlEngineException e) {
      throw new ProfileException(
          label + ": not YAML: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    } catch (StackOverflowError e) {
      throw new ProfileException(label + ": not YAML that is meant: it nests too deep");
    }
  }

  /** A problem with it, with its place. */
  ProfileException wrong(String problem) {
    return new ProfileException("%s: %s: %s".formatted(place(), name, problem));
  }

  /** File and line. */
  String place() {
    int line = node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    return "%s, line %d".formatted(label, line);
  }

  /** Refuses keys that mean nothing here, and keys that are there twice. */
  void allow(Set<String> keys) throws ProfileException {
    Set<String> seen = new TreeSet<>();
    for (NodeTuple tuple : mapping().getValue()) {
      Entry key = new Entry(tuple.getKeyNode(), label, "key");
      String text = key.text();
      if (!keys.contains(text)) {
        throw new Entry(tuple.getKeyNode(), label, text)
            .wrong("unknown; choose from " + String.join(", ", new TreeSet<>(keys)));
      }
      if (!seen.add(text)) {
        throw new Entry(tuple.getKeyNode(), label, text).wrong("there twice");
      }
    }
  }

  Entry get(String key) throws ProfileException {
    Optional<Entry> found = find(key);
    if (found.isEmpty()) {
      throw wrong("lacks " + key);
    }
    return found.get();
  }

  Optional<Entry> find(String key) throws ProfileException {
    for (NodeTuple tuple : mapping().getValue()) {
      if (tuple.getKeyNode() instanceof ScalarNode scalar && scalar.getValue().equals(key)) {
        return Optional.of(new Entry(tuple.getValueNode(), label, key));
      }
    }
    return Optional.empty();
  }

  List<Entry> list() throws ProfileException {
    if (!(node instanceof SequenceNode sequence)) {
      throw wrong("not a list");
    }
    List<Entry> entries = new ArrayList<>();
    for (Node each : sequence.getValue()) {
      entries.add(new Entry(each, label, name));
    }
    return entries;
  }

  String text() throws ProfileException {
    if (!(node instanceof ScalarNode scalar)) {
      throw wrong("not a single value");
    }
    return scalar.getValue();
  }

  boolean flag() throws ProfileException {
    return switch (text()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw wrong("true or false");
    };
  }

  int integer(int least, int most) throws ProfileException {
    try {
      int value = Integer.parseInt(text());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw wrong("'%s' is not a whole number from %d to %d".formatted(text(), least, most));
  }

  double number(double least, double most) throws ProfileException {
    try {
      double value = Double.parseDouble(text());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw wrong("'%s' is not a number from %s to %s".formatted(text(), least, most));
  }

  /** One of some names. */
  <T> T choice(Function<String, Optional<T>> named, List<String> names) throws ProfileException {
    Optional<T> chosen = named.apply(text());
    if (chosen.isEmpty()) {
      throw wrong("there is no '%s'; choose from %s".formatted(text(), String.join(", ", names)));
    }
    return chosen.get();
  }

  private MappingNode mapping() throws ProfileException {
    if (node instanceof MappingNode mapping) {
      return mapping;
    }
    throw wrong("not keys with values");
  }
}
