package dev.sinkwatch.analyzer;

import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdictBuilder;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.SnapshotId;
import java.util.List;

/** Verdicts on the operators (1 - g) J + g I, whose detail gain is g, for tests. */
public final class Verdicts {

  private Verdicts() {}

  public static LayerVerdict mixer(String run, int index, long step, double gain, int n) {
    double[] matrix = new double[n * n];
    for (int i = 0; i < n * n; i++) {
      matrix[i] = (1 - gain) / n + (i % (n + 1) == 0 ? gain : 0);
    }
    double square = 0;
    for (double value : matrix) {
      square += value * value;
    }
    Figures figures =
        new Figures.Builder()
            .set(Figure.DETAIL_GAIN, gain)
            .set(Figure.DETAIL_GAIN_LOWER, gain)
            .set(Figure.DETAIL_GAIN_UPPER, gain)
            .set(Figure.SIGMA1, 1)
            .set(Figure.SIGMA2, gain)
            .set(Figure.ROW_RESIDUAL, 0)
            .set(Figure.COLUMN_RESIDUAL, 0)
            .set(Figure.LEAK_TO_DETAIL, 0)
            .set(Figure.LEAK_TO_MEAN, 0)
            .set(Figure.MEAN_GAIN, 1)
            .set(Figure.PERMUTATION_DISTANCE, 1 - square / n)
            .build();
    return new LayerVerdictBuilder(
            new SnapshotId(run, 0, "h." + index + ".H_res_logits", step),
            Kind.SINKHORN_LOGITS,
            Shape.of(n, n))
        .profile("tokenbender")
        .operator(n, 1, List.of(index, 0))
        .figures(figures)
        .matrix(n <= 64 ? matrix : null)
        .appendedMillis(1000 * step)
        .build();
  }

  /** The same verdict with other figures. */
  public static LayerVerdict with(LayerVerdict verdict, Figures figures) {
    return verdict.change().figures(figures).build();
  }

  public static LayerVerdict nonFinite(LayerVerdict verdict, long count) {
    return verdict.change().figures(Figures.NONE).nonFinite(count).build();
  }

  public static LayerVerdict ofOperators(LayerVerdict verdict, int operators) {
    return verdict.change().operators(operators).build();
  }

  public static LayerVerdict ofAttempt(LayerVerdict verdict, int attempt) {
    SnapshotId id = verdict.id();
    return verdict.change().id(new SnapshotId(id.run(), attempt, id.layer(), id.step())).build();
  }
}
