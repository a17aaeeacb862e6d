package dev.sinkwatch.analyzer.alarm;

import org.jspecify.annotations.Nullable;

/**
 * How a layer's detail gain stands against the level that it held.
 *
 * @param level the gain that it held
 * @param sum the cumulative sum of the test; 0 when nothing speaks for a change
 * @param limit the sum beyond which the level has been left
 * @param sinceStep first step that speaks for a change
 * @param trend how the gain has gone since; null while that is too short to say
 */
public record Drift(
    double level, double sum, double limit, long sinceStep, @Nullable Trend trend) {}
