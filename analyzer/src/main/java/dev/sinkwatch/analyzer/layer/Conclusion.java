package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.mixer.MixerFigures;
import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdictBuilder;
import dev.sinkwatch.ingest.SnapshotHead;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Puts a verdict together. Stateless. */
final class Conclusion {

  private Conclusion() {}

  /**
   * A verdict on operators that were judged one by one.
   *
   * @param again where the operators come from if the verdict does not carry them; null when they
   *     are gone
   */
  static LayerVerdict operators(
      SnapshotHead snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      OperatorBatch batch,
      FrozenOperators.@Nullable Source again)
      throws IOException {
    return operators(snapshot, layer, survey, history, batch.passes(), batch.figures(), again);
  }

  private static LayerVerdict operators(
      SnapshotHead snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      int passes,
      MixerFigures found,
      FrozenOperators.@Nullable Source again)
      throws IOException {
    int size = found.sigma2().length;
    LayerVerdict verdict =
        verdict(snapshot, layer, survey, size, passes, found.figures())
            .change()
            .sigma2Batch(spread(found.sigma2()))
            .residualBatch(spread(found.residuals()))
            .matrix(found.operators())
            .build();
    double movement = movement(verdict, history.frozen(), again);
    return Double.isNaN(movement) ? verdict : verdict.with(Figure.MOVEMENT, movement);
  }

  private static @Nullable BatchSpread spread(double[] values) {
    return values.length == 1 ? null : BatchSpread.of(values);
  }

  private static double movement(
      LayerVerdict verdict, FrozenOperators frozen, FrozenOperators.@Nullable Source again)
      throws IOException {
    int n = verdict.n();
    double[] matrix = verdict.matrix();
    double distance = n > 1 ? verdict.get(Figure.PERMUTATION_DISTANCE) : Double.NaN;
    return matrix == null
        ? frozen.movement(again, (long) verdict.batch() * n * n, n, distance)
        : frozen.movement(() -> matrix, matrix.length, n, distance);
  }

  /**
   * A verdict on small operators that were judged together.
   *
   * @param again as above
   */
  static LayerVerdict small(
      SnapshotHead snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      MixerFigures found,
      FrozenOperators.@Nullable Source again,
      OperatorJudge judge)
      throws IOException {
    double depth = judge.depth(found.figures().get(Figure.DETAIL_GAIN));
    return operators(snapshot, layer, survey, history, 1, found, again)
        .with(Figure.EFFECTIVE_DEPTH, depth);
  }

  /** A verdict on whatever a layer is. */
  static LayerVerdict verdict(
      SnapshotHead snapshot,
      Recognition layer,
      TensorSurvey survey,
      int batch,
      int passes,
      Figures figures) {
    return new LayerVerdictBuilder(snapshot.id(), layer.kind(), snapshot.shape())
        .observability(layer.observability())
        .profile(layer.profile())
        .projectionAssumed(layer.projectionAssumed())
        .operator(layer.n(), batch, layer.order())
        .passes(passes)
        .nonFinite(survey.nonFinite())
        .figures(figures)
        .operators(snapshot.hints().operators())
        .activation(snapshot.hints().activation())
        .appendedMillis(snapshot.appendedMillis())
        .build();
  }
}
