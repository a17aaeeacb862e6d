package dev.sinkwatch.dashboard.history;

import dev.sinkwatch.analyzer.verdict.Figure;

/**
 * Which grid is wanted.
 *
 * @param operators whether of the operators, or else of the dense layers
 * @param from first step
 * @param to last step
 * @param columns columns at most, 1 or more
 */
public record GridQuery(Figure figure, boolean operators, long from, long to, int columns) {

  public static final int DEFAULT_COLUMNS = 1200;
}
