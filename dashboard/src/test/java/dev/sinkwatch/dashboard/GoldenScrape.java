package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A scrape without its values: each metric's help, its type, and the labels of its samples, sorted.
 * What the collector of garbage measures is left out, since it differs by collector.
 */
record GoldenScrape(Map<String, Metric> metrics) {
  private static final Path FILE = Path.of("src/test/resources/golden/metrics.txt");
  private static final Pattern COMMENT = Pattern.compile("# (HELP|TYPE) (\\w+) (.*)");
  private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})?(?: \\S+)?");

  /** With its value, or as the golden file has it. */
  private static final Pattern LABEL =
      Pattern.compile("(\\w+)(?:=\"(?:[^\"\\\\]|\\\\.)*\")?(?:,|$)");

  /** A metric, whose samples may have names with more behind its own. */
  record Metric(String type, String help, Map<String, Set<String>> samples) {
    /** Labels of any of its samples, less those that its type brings. */
    Set<String> labels() {
      Set<String> labels = new TreeSet<>();
      samples.values().forEach(labels::addAll);
      labels.remove("le");
      return labels;
    }
  }

  /** That of the repository. */
  static GoldenScrape golden() throws IOException {
    return of(Files.readString(FILE));
  }

  static GoldenScrape of(String text) {
    Map<String, String> help = new TreeMap<>();
    Map<String, Metric> metrics = new TreeMap<>();
    String current = "";
    for (String line : text.lines().toList()) {
      Matcher comment = COMMENT.matcher(line);
      Matcher sample = SAMPLE.matcher(line);
      if (comment.matches()) {
        current = comment.group(2);
        if (comment.group(1).equals("HELP")) {
          help.put(current, comment.group(3));
        } else if (!current.startsWith("jvm_gc_")) {
          metrics.put(
              current,
              new Metric(comment.group(3), help.getOrDefault(current, ""), new TreeMap<>()));
        }
      } else if (sample.matches() && metrics.containsKey(current)) {
        Set<String> labels =
            metrics
                .get(current)
                .samples()
                .computeIfAbsent(sample.group(1), name -> new TreeSet<>());
        Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
        while (label.find()) {
          labels.add(label.group(1));
        }
      }
    }
    return new GoldenScrape(metrics);
  }

  /** It is that of the repository; with {@code -Dgolden.update} it becomes that. */
  void assertGolden() throws IOException {
    if (System.getProperty("golden.update") != null) {
      Files.createDirectories(FILE.getParent());
      Files.writeString(FILE, text());
    }
    assertThat(text())
        .as("%s: if the change is meant, run once with -Dgolden.update", FILE)
        .isEqualTo(Files.readString(FILE));
  }

  /** Labels of the samples of that name, of which there must be some. */
  Set<String> labelsOf(String sample) {
    for (Metric metric : metrics.values()) {
      Set<String> labels = metric.samples().get(sample);
      if (labels != null) {
        return labels;
      }
    }
    throw new AssertionError("the golden scrape has no " + sample);
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    metrics.forEach((name, metric) -> {
      text.append("# HELP ").append(name).append(' ').append(metric.help()).append('\n');
      text.append("# TYPE ").append(name).append(' ').append(metric.type()).append('\n');
      metric
          .samples()
          .forEach((sample, labels) ->
              text.append(sample).append('{').append(String.join(",", labels)).append("}\n"));
    });
    return text.toString();
  }
}
