package dev.sinkwatch.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What ships as YAML, as trees. */
final class ShippedRules {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private ShippedRules() {}

  static List<JsonNode> recording() throws IOException {
    return rules("grafana/rules.yaml");
  }

  static List<JsonNode> alerting() throws IOException {
    return rules("grafana/alerts.yaml");
  }

  private static List<JsonNode> rules(String path) throws IOException {
    List<JsonNode> rules = new ArrayList<>();
    documents(ROOT.resolve(path))
        .getFirst()
        .path("groups")
        .forEach(group -> group.path("rules").forEach(rules::add));
    return rules;
  }

  /** The documents of a YAML file. */
  static List<JsonNode> documents(Path file) throws IOException {
    List<JsonNode> documents = new ArrayList<>();
    ObjectMapper json = new ObjectMapper();
    new Load(LoadSettings.builder().build())
        .loadAllFromString(Files.readString(file))
        .forEach(document -> documents.add(json.valueToTree(document)));
    return documents;
  }
}
