package dev.sinkwatch.analyzer.mixer;

import dev.sinkwatch.analyzer.verdict.Figures;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What was found of a batch of operators.
 *
 * @param figures of each the liveliest operator's; effectiveDepth only where they were judged one
 *     by one
 * @param sigma2 of each operator
 * @param residuals how far the sums of each operator's rows and columns are off 1 at most
 * @param operators as the model applies them, row-major {@code [batch, n, n]}; null unless asked
 *     for
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record MixerFigures(
    Figures figures, double[] sigma2, double[] residuals, double @Nullable [] operators) {

  /** With fewer of the operators. */
  public MixerFigures first(int count, int n) {
    return operators == null || operators.length == count * n * n
        ? this
        : new MixerFigures(figures, sigma2, residuals, Arrays.copyOf(operators, count * n * n));
  }
}
