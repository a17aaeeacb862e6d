package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.mixer.MixerFigures;
import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdictBuilder;
import dev.sinkwatch.ingest.SnapshotHead;
import org.jspecify.annotations.Nullable;

/** Puts a verdict together. Stateless. */
final class Conclusion {

  private Conclusion() {}

  /** A verdict on operators that were judged one by one. */
  static LayerVerdict operators(
      SnapshotHead snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      OperatorBatch batch) {
    return operators(snapshot, layer, survey, history, batch.passes(), batch.figures());
  }

  private static LayerVerdict operators(
      SnapshotHead snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      int passes,
      MixerFigures found) {
    int size = found.sigma2().length;
    LayerVerdict verdict =
        verdict(snapshot, layer, survey, size, passes, found.figures())
            .change()
            .sigma2Batch(spread(found.sigma2()))
            .residualBatch(spread(found.residuals()))
            .matrix(found.operators())
            .build();
    double movement = movement(verdict, history);
    return Double.isNaN(movement) ? verdict : verdict.with(Figure.MOVEMENT, movement);
  }

  private static @Nullable BatchSpread spread(double[] values) {
    return values.length == 1 ? null : BatchSpread.of(values);
  }

  /** NaN where matrices do not travel, or none has yet. */
  private static double movement(LayerVerdict verdict, LayerHistory history) {
    double[] matrix = verdict.matrix();
    return matrix == null
        ? Double.NaN
        : history.movement(matrix, verdict.n(), verdict.get(Figure.PERMUTATION_DISTANCE));
  }

  /** A verdict on small operators that were judged together. */
  static LayerVerdict small(
      SnapshotHead snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      MixerFigures found,
      OperatorJudge judge) {
    double depth = judge.depth(found.figures().get(Figure.DETAIL_GAIN));
    return operators(snapshot, layer, survey, history, 1, found)
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
