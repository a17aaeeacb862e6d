package dev.sinkwatch.analyzer.mixer;

import dev.sinkwatch.analyzer.verdict.Figures;
import org.jspecify.annotations.Nullable;

/**
 * What was found of a batch of operators.
 *
 * @param figures of each the liveliest operator's, all but effectiveDepth
 * @param sigma2 of each operator
 * @param operators as the model applies them, row-major {@code [batch, n, n]}; null unless asked
 *     for
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record MixerFigures(Figures figures, double[] sigma2, double @Nullable [] operators) {}
