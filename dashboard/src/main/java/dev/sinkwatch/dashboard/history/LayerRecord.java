package dev.sinkwatch.dashboard.history;

import static dev.sinkwatch.analyzer.verdict.Figure.DETAIL_GAIN;
import static dev.sinkwatch.analyzer.verdict.Figure.EFFECTIVE_DEPTH;
import static dev.sinkwatch.analyzer.verdict.Figure.SIGMA1;
import static dev.sinkwatch.analyzer.verdict.Figure.SIGMA2;
import static dev.sinkwatch.analyzer.verdict.Figure.STABLE_RANK;

import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** One layer: its latest verdict, without the matrix, and its history. */
record LayerRecord(LayerVerdict latest, Track track) {
  private static final List<Figure> FIGURES = List.of(Figure.values());
  private static final List<String> COLUMNS = FIGURES.stream().map(Figure::key).toList();
  private static final Set<Figure> MAIN_OF_OPERATORS =
      EnumSet.of(SIGMA2, DETAIL_GAIN, EFFECTIVE_DEPTH);
  private static final Set<Figure> MAIN_OF_DENSE = EnumSet.of(SIGMA1, SIGMA2, STABLE_RANK);

  /** Operators in network order, then dense layers, each by name. */
  static final Comparator<LayerRecord> NETWORK_ORDER =
      Comparator.comparing((LayerRecord layer) -> !layer.operator())
          .thenComparing(layer -> layer.latest().order(), LayerRecord::lexicographic)
          .thenComparing(LayerRecord::name);

  /** Of a layer's first verdict; its history is empty. */
  static LayerRecord first(LayerVerdict verdict) {
    return new LayerRecord(verdict.withoutMatrix(), new Track(COLUMNS, true));
  }

  /** With a newer verdict, which its history does not have yet. */
  LayerRecord then(LayerVerdict verdict) {
    return new LayerRecord(verdict.withoutMatrix(), track);
  }

  void add(LayerVerdict verdict, int points) {
    track.add(
        verdict.id().step(),
        verdict.appendedMillis(),
        FIGURES.stream().mapToDouble(verdict::get).toArray(),
        points);
  }

  String name() {
    return latest.id().layer();
  }

  boolean operator() {
    return operator(latest);
  }

  static boolean operator(LayerVerdict verdict) {
    return verdict.kind().operator() && verdict.n() > 1;
  }

  /** Whether an answer has that column of the track, be it undefined. */
  boolean main(int column) {
    return (operator() ? MAIN_OF_OPERATORS : MAIN_OF_DENSE).contains(FIGURES.get(column));
  }

  /** Whether a column is among those asked for; of no figure, all are that the layer has. */
  boolean asked(int column, Set<String> figures) {
    return figures.isEmpty()
        ? main(column) || track.has(column)
        : figures.contains(FIGURES.get(column).key());
  }

  /** Where the track has that figure. */
  static int column(Figure figure) {
    return FIGURES.indexOf(figure);
  }

  private static int lexicographic(List<Integer> a, List<Integer> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      int compared = a.get(i).compareTo(b.get(i));
      if (compared != 0) {
        return compared;
      }
    }
    return Integer.compare(a.size(), b.size());
  }
}
