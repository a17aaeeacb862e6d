package dev.sinkwatch.dashboard.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One row a verdict, columns named as the JSON keys; lists have spaces between their values, what
 * is undefined or does not apply is empty.
 */
final class CsvReport implements Report {
  private static final List<String> COLUMNS =
      Stream.of(
              Stream.of(
                  "run",
                  "step",
                  "layer",
                  "chain",
                  "kind",
                  "observability",
                  "profile",
                  "projectionAssumed",
                  "shape",
                  "n",
                  "batch",
                  "passes",
                  "nonFinite"),
              Stream.of(Figure.values()).map(Figure::key),
              Stream.of(
                  "operators",
                  "operatorsMissing",
                  "depthGain",
                  "compositeGain",
                  "networkEffectiveDepth",
                  "compositeEffectiveDepth",
                  "extrapolatedDepth",
                  "snrCeiling",
                  "cosineCeiling",
                  "snrCritical",
                  "alarms"))
          .flatMap(names -> names)
          .toList();

  private static final String FILE = "file";

  private final PrintWriter out;
  private final List<String> columns;
  private String path = "";

  /**
   * @param several whether a last column says which file a row is of
   */
  CsvReport(PrintWriter out, boolean several) {
    this.out = out;
    columns = new ArrayList<>(COLUMNS);
    if (several) {
      columns.add(FILE);
    }
    out.println(String.join(",", columns));
  }

  @Override
  public void step(String file, long step) {
    path = file;
  }

  @Override
  public void layer(LayerVerdict verdict) {
    row(VerdictJson.layer(verdict));
  }

  @Override
  public void chain(ChainVerdict verdict) {
    row(VerdictJson.chain(verdict));
  }

  @Override
  public boolean lost() {
    return out.checkError();
  }

  private void row(ObjectNode json) {
    json.put(FILE, path);
    out.println(String.join(",", columns.stream().map(key -> cell(json.path(key))).toList()));
    out.flush();
  }

  private static String cell(JsonNode value) {
    if (value.isArray()) {
      List<String> items = new ArrayList<>();
      value.forEach(item -> items.add(item.isNull() ? "" : item.asText()));
      return quoted(String.join(" ", items));
    }
    return value.isNull() || value.isMissingNode() ? "" : quoted(value.asText());
  }

  /** RFC 4180; a name that a spreadsheet would take for a formula is told to be text. */
  private static String quoted(String text) {
    boolean formula = !text.isEmpty() && "=+@\t".indexOf(text.charAt(0)) >= 0;
    String safe = formula ? "'" + text : text;
    return safe.matches("[^\",\r\n]*") ? safe : '"' + safe.replace("\"", "\"\"") + '"';
  }
}
