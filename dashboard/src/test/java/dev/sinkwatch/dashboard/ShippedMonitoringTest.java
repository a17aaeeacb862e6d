package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sinkwatch.analyzer.AlarmNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rules, dashboards, runbooks and the page of metrics name the same things, and their tools agree.
 */
class ShippedMonitoringTest {
  /** What Prometheus itself puts on what it scrapes. */
  private static final Set<String> OF_SCRAPE = Set.of("job", "instance", "le");

  private static final Pattern ROW =
      Pattern.compile("\\| `(\\w+)(?:\\{([\\w,]+)})?` \\| (\\w+) \\| (.+) \\| (.+) \\|");

  private final GoldenScrape golden;

  ShippedMonitoringTest() throws IOException {
    golden = GoldenScrape.golden();
  }

  @Test
  void theToolsFindNothingWrong(@TempDir Path directory) throws Exception {
    Path grafana = ShippedRules.ROOT.resolve("grafana");
    said(grafana, "promtool", "check", "rules", "rules.yaml", "alerts.yaml");
    said(grafana, "promtool", "test", "rules", "rules_test.yaml");
    Path rules = Files.createDirectory(directory.resolve("rules"));
    for (String file : List.of("rules.yaml", "alerts.yaml")) {
      Files.copy(grafana.resolve(file), rules.resolve(file));
    }
    Path docker = ShippedRules.ROOT.resolve("docker");
    Files.copy(docker.resolve("prometheus.yml"), directory.resolve("prometheus.yml"));
    assertThat(said(directory, "promtool", "check", "config", "prometheus.yml"))
        .contains("2 rule files found");
    said(docker, "amtool", "check-config", "alertmanager.yml");
  }

  private static String said(Path directory, String... command) throws Exception {
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  @Test
  void everyNameInRulesIsExported() throws Exception {
    for (JsonNode rule : ShippedRules.recording()) {
      check(rule.path("record").asText(), rule.path("expr").asText(), List.of());
    }
    for (JsonNode rule : ShippedRules.alerting()) {
      check(rule.path("alert").asText(), rule.path("expr").asText(), List.of());
    }
  }

  @Test
  void everyNameInDashboardsIsExported() throws Exception {
    for (ShippedDashboard dashboard : ShippedDashboard.all()) {
      for (ShippedDashboard.Query query : dashboard.queries()) {
        check(query.where(), query.expression(), query.legend());
      }
    }
  }

  /** Selected labels belong to their metric, and those that are grouped by or shown to some. */
  private void check(String where, String expression, List<String> shown) throws IOException {
    PromqlNames names = PromqlNames.of(expression);
    assertThat(names.metrics()).as(where).isNotEmpty();
    Set<String> known = new HashSet<>(OF_SCRAPE);
    for (Map.Entry<String, Set<String>> metric : names.metrics().entrySet()) {
      Set<String> labels = labels(metric.getKey());
      known.addAll(labels);
      Set<String> selected = new TreeSet<>(metric.getValue());
      selected.removeAll(labels);
      selected.removeAll(OF_SCRAPE);
      assertThat(selected).as("%s: labels that %s lacks", where, metric.getKey()).isEmpty();
    }
    assertThat(known).as(where).containsAll(names.groups()).containsAll(shown);
  }

  private Set<String> labels(String metric) throws IOException {
    if (metric.equals("up")) {
      return OF_SCRAPE;
    }
    if (!metric.contains(":")) {
      return golden.labelsOf(metric);
    }
    assertThat(ShippedRules.recording())
        .extracting(rule -> rule.path("record").asText())
        .contains(metric);
    return Set.of(metric.substring(0, metric.indexOf(':')).split("_", -1)); // by Prometheus' habit
  }

  @Test
  void thePageListsEveryMetricAndSaysWhereItIsShown() throws Exception {
    Set<String> shown = new TreeSet<>();
    for (ShippedDashboard dashboard : ShippedDashboard.all()) {
      for (ShippedDashboard.Query query : dashboard.queries()) {
        shown.addAll(PromqlNames.of(query.expression()).metrics().keySet());
      }
    }
    for (JsonNode rule :
        Stream.concat(ShippedRules.recording().stream(), ShippedRules.alerting().stream())
            .toList()) {
      shown.addAll(PromqlNames.of(rule.path("expr").asText()).metrics().keySet());
    }
    Map<String, String> listed = new TreeMap<>();
    Map<String, String> exported = new TreeMap<>();
    for (String line : Files.readAllLines(ShippedRules.ROOT.resolve("docs/metrics.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        String name = row.group(1);
        listed.put(name, row.group(3) + (row.group(2) == null ? "" : " " + row.group(2)));
        boolean isShown =
            golden.metrics().containsKey(name)
                && golden.metrics().get(name).samples().keySet().stream().anyMatch(shown::contains);
        assertThat(row.group(5).startsWith("no: "))
            .as("%s is shown, or the page says why not", name)
            .isNotEqualTo(isShown);
      }
    }
    golden
        .metrics()
        .forEach((name, metric) ->
            exported.put(name, (metric.type() + " " + String.join(",", metric.labels())).strip()));
    assertThat(listed).isEqualTo(exported);
  }

  @Test
  void everyAlarmHasAnAlertAndEveryAlertARunbook() throws Exception {
    Map<String, JsonNode> alerts = new HashMap<>();
    for (JsonNode alert : ShippedRules.alerting()) {
      String name = alert.path("alert").asText();
      alerts.put(name, alert);
      assertThat(alert.path("labels").path("severity").asText()).as(name).isNotEmpty();
      JsonNode annotations = alert.path("annotations");
      assertThat(annotations.path("summary").asText()).as(name).isNotEmpty();
      assertThat(annotations.path("description").asText()).as(name).isNotEmpty();
      assertThat(annotations.path("runbook_url").asText())
          .isEqualTo("https://sinkwatch.dev/runbooks/" + name);
    }
    assertThat(alerts.keySet())
        .filteredOn(name -> !name.startsWith("Sinkwatch"))
        .containsExactlyInAnyOrderElementsOf(AlarmNames.all());
    try (Stream<Path> pages = Files.list(ShippedRules.ROOT.resolve("docs/runbooks"))) {
      assertThat(
              pages
                  .map(page -> page.getFileName().toString().replace(".md", ""))
                  .collect(Collectors.toSet()))
          .isEqualTo(alerts.keySet());
    }
  }

  @Test
  void dashboardsAreWhole() throws Exception {
    Set<String> uids = new HashSet<>();
    List<String> links = new ArrayList<>();
    for (ShippedDashboard dashboard : ShippedDashboard.all()) {
      uids.add(dashboard.json().path("uid").asText());
      Set<Integer> ids = new HashSet<>();
      Set<List<Integer>> cells = new HashSet<>();
      for (JsonNode panel : dashboard.json().path("panels")) {
        String where = dashboard.name() + ": " + panel.path("title").asText();
        assertThat(ids.add(panel.path("id").asInt())).as("%s has an id of its own", where).isTrue();
        JsonNode place = panel.path("gridPos");
        for (int x = 0; x < place.path("w").asInt(); x++) {
          for (int y = 0; y < place.path("h").asInt(); y++) {
            List<Integer> cell = List.of(place.path("x").asInt() + x, place.path("y").asInt() + y);
            assertThat(cells.add(cell)).as("%s lies on no other panel", where).isTrue();
            assertThat(cell.getFirst()).as(where).isLessThan(24);
          }
        }
        Matcher link = Pattern.compile("/d/([\\w-]+)\\?").matcher(panel.toString());
        while (link.find()) {
          links.add(link.group(1));
        }
      }
    }
    assertThat(uids).hasSize(3).containsAll(links);
    assertThat(links).isNotEmpty();
  }
}
