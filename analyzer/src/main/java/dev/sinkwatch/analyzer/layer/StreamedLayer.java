package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.Survey;
import dev.sinkwatch.analyzer.profile.Profiles;
import dev.sinkwatch.analyzer.spectrum.StreamedDense;
import dev.sinkwatch.analyzer.spectrum.StreamedOperators;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.SnapshotHead;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One snapshot that is judged in one pass as its rows come. For one thread at a time. */
public final class StreamedLayer {
  private final SnapshotHead head;
  private final Profiles.Lookup profiles;
  private final Budget budget;
  private final OperatorJudge judge;
  private final boolean certain;
  private @Nullable StreamedOperators operators;
  private final @Nullable StreamedDense dense;

  /**
   * @param certain whether the layer's kind is known before its values are
   * @param operators what it is as operators, if it may be that
   * @param dense the same as an ordinary matrix
   */
  StreamedLayer(
      SnapshotHead head,
      Profiles.Lookup profiles,
      Budget budget,
      OperatorJudge judge,
      boolean certain,
      @Nullable StreamedOperators operators,
      @Nullable StreamedDense dense) {
    this.head = head;
    this.profiles = profiles;
    this.budget = budget;
    this.judge = judge;
    this.certain = certain;
    this.operators = operators;
    this.dense = dense;
  }

  /**
   * Takes rows that did not come before; waits for the memory that this takes.
   *
   * @param data the rows' values, little-endian; not needed any more afterwards
   * @throws RejectedException when that memory is never there, or when the rows show that the
   *     snapshot is nothing that can be judged so
   */
  public void add(RowRange rows, MemorySegment data) throws RejectedException {
    int columns = Math.toIntExact(head.shape().columns());
    try (WorkingMemory.Reservation _ = budget.reserve(head, Footprint.ofBlock(columns))) {
      StreamedOperators candidates = operators;
      if (candidates != null && !mixes(candidates, rows, data, columns)) {
        operators = null;
      }
      if (dense != null) {
        dense.add(rows.from(), data);
      } else if (operators == null) {
        throw StreamedLayers.tooLarge(
            "a tensor of more than two dimensions that is no stack of operators");
      }
    }
  }

  /** Gives each operator its rows. Returns whether they still may be what they were taken for. */
  private boolean mixes(StreamedOperators to, RowRange rows, MemorySegment data, int n) {
    long rowBytes = (long) n * head.dtype().bytes();
    for (long row = rows.from(); row < rows.to(); ) {
      int operator = Math.toIntExact(row / n);
      long first = row % n;
      long count = Math.min(n - first, rows.to() - row);
      to.add(operator, first, data.asSlice((row - rows.from()) * rowBytes, count * rowBytes));
      if (!certain && !to.mayMix(operator, first, count, TensorSurvey.TOLERANCE)) {
        return false;
      }
      row += count;
    }
    return true;
  }

  /**
   * Judges it, once all of its rows have come.
   *
   * @param all what is known of the whole snapshot
   * @throws RejectedException as {@link LayerAnalysis#judge}
   */
  public LayerVerdict judge(SnapshotHead all, LayerHistory history) throws IOException {
    int columns = Math.toIntExact(all.shape().columns());
    try (WorkingMemory.Reservation _ =
        budget.reserve(all, Footprint.ofOnePass(columns) + figures(columns))) {
      LayerVerdict verdict = operators == null ? null : operators(operators, all, history);
      if (verdict == null) {
        verdict = dense(all, history);
      }
      LayerAnalysis.watch(verdict, history);
      return verdict;
    }
  }

  private long figures(int columns) {
    return operators == null ? 0 : Footprint.ofFigures(OperatorBatch.size(head, columns));
  }

  /** Null when it is no operator after all. */
  private @Nullable LayerVerdict operators(
      StreamedOperators streamed, SnapshotHead all, LayerHistory history) throws IOException {
    int n = Math.toIntExact(all.shape().columns());
    Predicate<Survey> expected = certain ? survey -> true : SurveySum::stochastic;
    SurveySum surveys = new SurveySum();
    OperatorBatch batch = new OperatorBatch(OperatorBatch.size(all, n), n);
    for (int b = 0; b < batch.size(); b++) {
      OperatorJudge.JudgedLarge judged = judge.judge(streamed.judge(b, expected));
      surveys.add(judged.survey());
      if (!expected.test(judged.survey())) {
        break;
      }
      batch.add(judged.figures().build(), judged.passes(), null);
    }
    TensorSurvey survey = surveys.survey();
    Recognition layer = Recognition.of(all, survey, history, StreamedLayers.match(all, profiles));
    if (layer.kind() != Kind.DOUBLY_STOCHASTIC) {
      return null;
    }
    return survey.nonFinite() > 0
        ? Conclusion.verdict(all, layer, survey, batch.size(), 1, Figures.NONE)
        : Conclusion.operators(all, layer, survey, history, batch, null);
  }

  private LayerVerdict dense(SnapshotHead all, LayerHistory history) throws IOException {
    if (dense == null) {
      throw StreamedLayers.tooLarge(
          "a tensor of more than two dimensions that is no stack of operators");
    }
    DenseJudge.JudgedLarge judged = DenseJudge.judge(dense.judge());
    Recognition layer =
        Recognition.of(all, judged.survey(), history, StreamedLayers.match(all, profiles));
    if (layer.kind() != Kind.DENSE) { // another snapshot has shown it meanwhile
      throw new RejectedException(
          Reason.KIND_NOT_SHAPE, "its layer was doubly stochastic before, and these rows are not");
    }
    return Conclusion.verdict(all, layer, judged.survey(), 0, judged.passes(), judged.figures());
  }
}
