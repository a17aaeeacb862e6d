package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.analyzer.profile.Profile;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Judges tensors that are too large to be held in double precision: one pass looks at everything at
 * once, so a layer's kind is guessed before and confirmed after it. Immutable.
 */
final class LargeLayers {

  /** Values of the longest row that can be packed. */
  static final int MAX_COLUMNS = 1 << 25;

  private final Budget budget;
  private final SecretDraws draws;
  private final Team team;
  private final OperatorJudge operators;
  private final DenseJudge matrices;

  LargeLayers(
      Budget budget, SecretDraws draws, Team team, OperatorJudge operators, DenseJudge matrices) {
    this.budget = budget;
    this.draws = draws;
    this.team = team;
    this.operators = operators;
    this.matrices = matrices;
  }

  /** Whether a tensor of that shape holds operators that are too large to be exact. */
  static boolean operators(Shape shape) {
    return shape.rank() >= 2
        && shape.dimension(-1) == shape.dimension(-2)
        && shape.dimension(-1) > OperatorJudge.EXACT_SIZE
        && shape.elements() > 0;
  }

  /** The same of an ordinary matrix. */
  static boolean dense(Shape shape) {
    return shape.rank() >= 2
        && shape.elements() > 0
        && DenseJudge.large(shape.dimension(0), shape.elements() / shape.dimension(0));
  }

  /**
   * Looks at everything in the first pass, and falls back when it is not what it seemed to be: at
   * the cost of one pass, since nothing is searched that is no operator by its sums.
   */
  LayerVerdict operators(Snapshot snapshot, LayerHistory history, Optional<Profile.Match> match)
      throws IOException {
    int n = Math.toIntExact(snapshot.shape().columns());
    int size = OperatorBatch.size(snapshot, n);
    boolean certain = Recognition.certain(snapshot, history);
    long figures =
        Footprint.ofFigures(size)
            + Footprint.ofDoubles(OperatorBatch.HELD * size)
            + OperatorBatch.again(size, n);
    try (Budget.Search search = budget.search(snapshot, n, n, figures)) {
      LargeOperators judged =
          new LargeOperators(
              operators,
              history,
              size,
              b -> new LargeOperators.Operator(matrix(snapshot, b, n), more -> {}),
              search.allowance(),
              draws.of(snapshot.id()));
      if (certain || size == 1 || allStochastic(snapshot, size, n)) {
        judged.judge(certain ? survey -> true : SurveySum::stochastic);
        TensorSurvey survey = judged.survey();
        Recognition layer = Recognition.of(snapshot, survey, history, match);
        if (layer.kind() == Kind.DOUBLY_STOCHASTIC) {
          return survey.nonFinite() > 0
              ? Conclusion.verdict(snapshot, layer, survey, size, 1, Figures.NONE)
              : Conclusion.operators(
                  snapshot,
                  layer,
                  survey,
                  history,
                  judged.batch(n),
                  SnapshotMatrix.values(snapshot));
        }
      }
    }
    return dense(snapshot, history, match);
  }

  /** Whether all matrices of a stack are operators by their sums. */
  private boolean allStochastic(Snapshot snapshot, int size, int n) throws IOException {
    for (int b = 0; b < size; b++) {
      PanelMatrix matrix = new PanelMatrix(matrix(snapshot, b, n), 0, 1, false, team);
      if (!SurveySum.stochastic(matrix.first(List.of(), true, false, null).survey())) {
        return false;
      }
    }
    return true;
  }

  private static SnapshotMatrix matrix(Snapshot snapshot, int b, int n) {
    return new SnapshotMatrix(snapshot, (long) b * n, n, n);
  }

  LayerVerdict dense(Snapshot snapshot, LayerHistory history, Optional<Profile.Match> match)
      throws IOException {
    Shape shape = snapshot.shape();
    int columns = width(shape);
    try (Budget.Search search = budget.search(snapshot, shape.dimension(0), columns, 0)) {
      DenseJudge.JudgedLarge judged =
          matrices.judge(
              SnapshotMatrix.of(snapshot, columns),
              search.allowance().passes(),
              search.allowance().keep(),
              draws.of(snapshot.id()));
      Recognition layer = Recognition.of(snapshot, judged.survey(), history, match);
      return Conclusion.verdict(
          snapshot, layer, judged.survey(), 0, judged.passes(), judged.figures());
    }
  }

  /** Values of a row of the matrix that a dense tensor is seen as. */
  static int width(Shape shape) throws RejectedException {
    long columns = shape.elements() / shape.dimension(0);
    if (columns > MAX_COLUMNS) {
      throw new RejectedException(
          Reason.SNAPSHOT_TOO_LARGE, "a row of " + columns + " values is longer than can be held");
    }
    return (int) columns;
  }
}
