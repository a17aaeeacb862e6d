package dev.sinkwatch.dashboard.report;

import dev.sinkwatch.analyzer.alarm.LayerAlarms;
import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

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
    operators.stream()
        .filter(TableNotes::mostlyTrapped)
        .map(TableNotes::mostly)
        .forEach(notes::add);
    return notes;
  }

  /** Whether a layer passes for its liveliest operator while half of them or more are trapped. */
  private static boolean mostlyTrapped(LayerVerdict verdict) {
    BatchSpread spread = verdict.sigma2Batch();
    return spread != null
        && !verdict.observability().batchIsSample()
        && verdict.n() <= LayerAlarms.ABSOLUTE_SIZE
        && spread.median() < LayerAlarms.TRAPPED_GAIN
        && spread.max() >= LayerAlarms.TRAPPED_GAIN;
  }

  private static String mostly(LayerVerdict verdict) {
    BatchSpread spread = Objects.requireNonNull(verdict.sigma2Batch());
    return "%s: half or more of its %d operators keep less than %.1f of the detail (median %.3g, least %.3g); the layer is judged by its liveliest"
        .formatted(
            TableReport.name(verdict),
            verdict.batch(),
            LayerAlarms.TRAPPED_GAIN,
            spread.median(),
            spread.min());
  }

  private static String places(List<LayerVerdict> verdicts) {
    String first = TableReport.name(verdicts.getFirst());
    return verdicts.size() == 1 ? first : first + " and " + (verdicts.size() - 1) + " more";
  }
}
