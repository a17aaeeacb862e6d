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

  static LayerVerdict operators(
      SnapshotHead snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      OperatorBatch batch) {
    return operators(
        snapshot,
        layer,
        survey,
        history,
        batch.passes(),
        batch.liveliest(),
        batch.sigma2(),
        batch.matrix());
  }

  /**
   * A verdict on operators.
   *
   * @param liveliest figures of the batch
   * @param sigma2 of each operator
   * @param matrix all of them, where they travel with the verdict
   */
  static LayerVerdict operators(
      SnapshotHead snapshot,
      Recognition layer,
      TensorSurvey survey,
      LayerHistory history,
      int passes,
      Figures liveliest,
      double[] sigma2,
      double @Nullable [] matrix) {
    Figures figures = liveliest;
    if (matrix != null) {
      double movement =
          history.movement(matrix, layer.n(), figures.get(Figure.PERMUTATION_DISTANCE));
      if (!Double.isNaN(movement)) {
        figures = figures.with(Figure.MOVEMENT, movement);
      }
    }
    BatchSpread spread = sigma2.length == 1 ? null : BatchSpread.of(sigma2);
    return verdict(snapshot, layer, survey, sigma2.length, passes, figures, spread, matrix);
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
    Figures figures = found.figures().with(Figure.EFFECTIVE_DEPTH, depth);
    return operators(
        snapshot, layer, survey, history, 1, figures, found.sigma2(), found.operators());
  }

  /** A verdict on whatever a layer is. */
  static LayerVerdict verdict(
      SnapshotHead snapshot,
      Recognition layer,
      TensorSurvey survey,
      int batch,
      int passes,
      Figures figures,
      @Nullable BatchSpread spread,
      double @Nullable [] matrix) {
    return new LayerVerdictBuilder(snapshot.id(), layer.kind(), snapshot.shape())
        .observability(layer.observability())
        .profile(layer.profile())
        .operator(layer.n(), batch, layer.order())
        .passes(passes)
        .nonFinite(survey.nonFinite())
        .figures(figures)
        .sigma2Batch(spread)
        .matrix(matrix)
        .operators(snapshot.hints().operators())
        .activation(snapshot.hints().activation())
        .appendedMillis(snapshot.appendedMillis())
        .build();
  }
}
