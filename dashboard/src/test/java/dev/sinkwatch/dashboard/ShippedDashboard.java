package dev.sinkwatch.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A dashboard of {@code grafana/dashboards}. */
record ShippedDashboard(String name, JsonNode json) {
  private static final Path DIRECTORY = Path.of("../grafana/dashboards");
  private static final Pattern VALUES = Pattern.compile("label_values\\((.+), (\\w+)\\)");
  private static final Pattern LEGEND = Pattern.compile("\\{\\{(\\w+)}}");

  /**
   * One query.
   *
   * @param where panel and query, to find it by
   * @param legend labels that its legend shows
   */
  record Query(String where, String expression, List<String> legend) {}

  static List<ShippedDashboard> all() throws IOException {
    List<ShippedDashboard> dashboards = new ArrayList<>();
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      for (Path file : files.sorted().toList()) {
        JsonNode json = new ObjectMapper().readTree(Files.readString(file));
        dashboards.add(new ShippedDashboard(file.getFileName().toString(), json));
      }
    }
    return dashboards;
  }

  /** Those of panels, annotations and variables. */
  List<Query> queries() {
    List<Query> queries = new ArrayList<>();
    for (JsonNode panel : json.path("panels")) {
      for (JsonNode target : panel.path("targets")) {
        queries.add(query(panel.path("title").asText(), target, "legendFormat"));
      }
    }
    for (JsonNode annotation : json.path("annotations").path("list")) {
      queries.add(
          query("annotation " + annotation.path("name").asText(), annotation, "titleFormat"));
    }
    for (JsonNode variable : json.path("templating").path("list")) {
      Matcher values = VALUES.matcher(variable.path("definition").asText());
      if (values.matches()) {
        queries.add(
            new Query(
                name + ": variable " + variable.path("name").asText(),
                values.group(1),
                List.of(values.group(2))));
      }
    }
    return queries;
  }

  private Query query(String where, JsonNode target, String legend) {
    List<String> labels = new ArrayList<>();
    Matcher label = LEGEND.matcher(target.path(legend).asText());
    while (label.find()) {
      labels.add(label.group(1));
    }
    String place = name + ": " + where + " " + target.path("refId").asText();
    return new Query(place.strip(), target.path("expr").asText(), labels);
  }
}
