package dev.sinkwatch.dashboard;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an expression names.
 *
 * @param metrics each with the labels that it is selected by
 * @param groups labels that the expression groups or joins by
 */
record PromqlNames(Map<String, Set<String>> metrics, Set<String> groups) {
  private static final Pattern STRING = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");
  private static final Pattern RANGE = Pattern.compile("\\[[^]]*]");
  private static final Pattern GROUPING =
      Pattern.compile("\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");
  private static final Pattern METRIC =
      Pattern.compile("(?<![\\w:.])([a-zA-Z_][\\w:]*+)\\s*+(\\{[^}]*})?+(?!\\()");
  private static final Pattern SELECTED = Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=)");
  private static final Set<String> WORDS = Set.of("bool", "or", "and", "unless", "offset");

  static PromqlNames of(String expression) {
    String bare = RANGE.matcher(STRING.matcher(expression).replaceAll("")).replaceAll("");
    Set<String> groups = new TreeSet<>();
    Matcher grouping = GROUPING.matcher(bare);
    while (grouping.find()) {
      for (String label : List.of(grouping.group(1).split(",", -1))) {
        groups.add(label.strip());
      }
    }
    Map<String, Set<String>> metrics = new TreeMap<>();
    Matcher metric = METRIC.matcher(GROUPING.matcher(bare).replaceAll(""));
    while (metric.find()) {
      if (!WORDS.contains(metric.group(1))) {
        Set<String> labels = metrics.computeIfAbsent(metric.group(1), name -> new TreeSet<>());
        Matcher selected = SELECTED.matcher(metric.group(2) == null ? "" : metric.group(2));
        while (selected.find()) {
          labels.add(selected.group(1));
        }
      }
    }
    return new PromqlNames(metrics, groups);
  }
}
