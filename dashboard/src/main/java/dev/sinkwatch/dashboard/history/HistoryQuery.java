package dev.sinkwatch.dashboard.history;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a run's history is wanted. With neither layer nor chain: all operators and all
 * chains.
 *
 * @param layer name of one layer, or null
 * @param chain name of one chain, or null
 * @param from first step
 * @param to last step
 * @param points points of one layer or chain at most, 1 or more
 * @param figures keys of the figures of that one layer; none: all that it has
 */
public record HistoryQuery(
    @Nullable String layer,
    @Nullable String chain,
    long from,
    long to,
    int points,
    Set<String> figures) {

  public static final int DEFAULT_POINTS = 400;

  public static final HistoryQuery ALL =
      new HistoryQuery(null, null, 0, Long.MAX_VALUE, DEFAULT_POINTS, Set.of());
}
