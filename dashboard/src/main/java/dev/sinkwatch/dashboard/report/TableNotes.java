package dev.sinkwatch.dashboard.report;

import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.ArrayList;
import java.util.List;

/** What a table's numbers do not say by themselves, a line each. Stateless. */
final class TableNotes {

  private TableNotes() {}

  /** Of the operators of one step. */
  static List<String> of(List<LayerVerdict> operators) {
    List<String> notes = new ArrayList<>();
    List<LayerVerdict> assumed =
        operators.stream().filter(LayerVerdict::projectionAssumed).toList();
    if (!assumed.isEmpty()) {
      notes.add(
          ("assumed: logits become doubly stochastic by the usual softmax of rows, 20 iterations, epsilon 1e-6, temperature 1;"
                  + " no profile has a rule for %s (docs/profiles.md)")
              .formatted(places(assumed)));
    }
    return notes;
  }

  private static String places(List<LayerVerdict> verdicts) {
    String first = TableReport.name(verdicts.getFirst());
    return verdicts.size() == 1 ? first : first + " and " + (verdicts.size() - 1) + " more";
  }
}
