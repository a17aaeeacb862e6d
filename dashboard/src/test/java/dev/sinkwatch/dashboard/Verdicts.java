package dev.sinkwatch.dashboard;

import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import org.jspecify.annotations.Nullable;

/** Verdicts that are nearly others. */
public final class Verdicts {

  private Verdicts() {}

  /** The verdict, on so many operators, with those matrices. */
  public static LayerVerdict withMatrix(
      LayerVerdict verdict,
      int batch,
      double @Nullable [] matrix,
      @Nullable BatchSpread sigma2Batch) {
    return new LayerVerdict(
        verdict.id(),
        verdict.kind(),
        verdict.observability(),
        verdict.profile(),
        verdict.shape(),
        verdict.n(),
        batch,
        verdict.passes(),
        verdict.nonFinite(),
        verdict.figures(),
        sigma2Batch,
        verdict.order(),
        matrix,
        verdict.operators(),
        verdict.activation(),
        verdict.alarms(),
        verdict.appendedMillis());
  }
}
