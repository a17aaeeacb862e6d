package dev.sinkwatch.dashboard.history;

import static dev.sinkwatch.analyzer.verdict.Figure.DETAIL_GAIN;
import static dev.sinkwatch.analyzer.verdict.Figure.EFFECTIVE_DEPTH;
import static dev.sinkwatch.analyzer.verdict.Figure.SIGMA1;
import static dev.sinkwatch.analyzer.verdict.Figure.SIGMA2;
import static dev.sinkwatch.analyzer.verdict.Figure.STABLE_RANK;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What is remembered of one run. Safe for use by several threads. */
final class RunRecord {
  private static final List<Figure> FIGURES = List.of(Figure.values());
  private static final List<String> FIGURE_COLUMNS = FIGURES.stream().map(Figure::key).toList();
  private static final Set<Figure> OPERATOR_FIGURES =
      EnumSet.of(SIGMA2, DETAIL_GAIN, EFFECTIVE_DEPTH);
  private static final Set<Figure> DENSE_FIGURES = EnumSet.of(SIGMA1, SIGMA2, STABLE_RANK);
  private static final List<String> CHAIN_COLUMNS =
      List.of(
          "networkEffectiveDepth",
          "compositeEffectiveDepth",
          "depthGain",
          "compositeGain",
          "snrCeiling");

  /** One layer: its latest verdict, without the matrix, and its history. */
  record LayerRecord(LayerVerdict latest, Track track) {
    String name() {
      return latest.id().layer();
    }

    boolean operator() {
      return RunRecord.operator(latest);
    }

    /** Whether an answer has that column of the track, be it undefined. */
    boolean main(int column) {
      return (operator() ? OPERATOR_FIGURES : DENSE_FIGURES).contains(FIGURES.get(column));
    }

    /** Where the track has that figure. */
    static int column(Figure figure) {
      return FIGURES.indexOf(figure);
    }
  }

  /** One chain: its latest verdict and its history. */
  record ChainRecord(ChainVerdict latest, Track track, Waterfall waterfall) {
    long bytes() {
      return track.bytes() + waterfall.bytes();
    }
  }

  /** Operators in network order, then dense layers, each by name. */
  private static final Comparator<LayerRecord> NETWORK_ORDER =
      Comparator.comparing((LayerRecord layer) -> !layer.operator())
          .thenComparing(layer -> layer.latest().order(), RunRecord::lexicographic)
          .thenComparing(LayerRecord::name);

  private final String run;
  private final HistorySettings settings;
  private final Map<String, LayerRecord> layers = new HashMap<>();
  private final Map<Integer, ChainRecord> chains = new TreeMap<>();
  private final RunAlarms alarms;
  private int attempt;
  private long step;
  private long lastMillis;

  /** What the histories take. */
  private long bytes;

  private boolean truncated;

  RunRecord(String run, HistorySettings settings) {
    this.run = run;
    this.settings = settings;
    this.alarms = new RunAlarms(settings.alarmChanges());
  }

  synchronized void layer(LayerVerdict verdict) {
    at(verdict.id().attempt(), verdict.id().step());
    lastMillis = Math.max(lastMillis, verdict.appendedMillis());
    LayerRecord known = layers.get(verdict.id().layer());
    boolean operator = operator(verdict);
    if (known == null && layers.size() >= settings.layers()) {
      truncated = true;
      if (!operator || !dropDense()) {
        return;
      }
    }
    if (known != null && known.operator() != operator) {
      bytes -= known.track().bytes();
      known = null;
    }
    Track track = known == null ? new Track(FIGURE_COLUMNS, true) : known.track();
    bytes -= known == null ? 0 : track.bytes();
    layers.put(verdict.id().layer(), new LayerRecord(withoutMatrix(verdict), track));
    track.add(
        verdict.id().step(),
        verdict.appendedMillis(),
        FIGURES.stream().mapToDouble(verdict::get).toArray(),
        settings.pointsOfLayer(layers.size()));
    bytes += track.bytes();
  }

  /** A step older than the chain's last one, which waited for its timeout, is left out. */
  synchronized void chain(ChainVerdict verdict) {
    at(verdict.attempt(), verdict.step());
    ChainRecord known = chains.get(verdict.n());
    if (known != null
        && verdict.attempt() == known.latest().attempt()
        && verdict.step() <= known.latest().step()) {
      return;
    }
    ChainRecord chain =
        known == null
            ? new ChainRecord(verdict, new Track(CHAIN_COLUMNS, false), new Waterfall())
            : new ChainRecord(verdict, known.track(), known.waterfall());
    bytes -= known == null ? 0 : known.bytes();
    chains.put(verdict.n(), chain);
    Integer compositeDepth = verdict.compositeEffectiveDepth();
    chain
        .track()
        .add(
            verdict.step(),
            lastMillis, // a chain's verdict comes with the last of its layers'
            new double[] {
              verdict.networkEffectiveDepth(),
              compositeDepth == null ? Double.NaN : compositeDepth,
              verdict.lastDepthGain(),
              lastCompositeGain(verdict),
              verdict.snrCeiling()
            },
            settings.points());
    chain.waterfall().add(verdict, lastMillis, settings.points(), settings.bytesOfWaterfall());
    bytes += chain.bytes();
  }

  /** What its histories take of the heap, nearly. */
  synchronized long bytes() {
    return bytes;
  }

  /** Points of its longest history. */
  synchronized int points() {
    return Stream.concat(
            layers.values().stream().map(layer -> layer.track().size()),
            chains.values().stream()
                .map(chain -> Math.max(chain.track().size(), chain.waterfall().size())))
        .max(Comparator.naturalOrder())
        .orElse(0);
  }

  /** Halves the resolution of its histories. */
  synchronized void thin() {
    for (LayerRecord layer : layers.values()) {
      bytes -= layer.track().bytes();
      layer.track().thin();
      bytes += layer.track().bytes();
    }
    for (ChainRecord chain : chains.values()) {
      bytes -= chain.bytes();
      chain.track().thin();
      chain.waterfall().thin();
      bytes += chain.bytes();
    }
  }

  private static boolean operator(LayerVerdict verdict) {
    return verdict.kind().operator() && verdict.n() > 1;
  }

  synchronized void alarm(Alarm alarm) {
    alarms.put(alarm);
  }

  String run() {
    return run;
  }

  synchronized int attempt() {
    return attempt;
  }

  synchronized long step() {
    return step;
  }

  /** When its newest snapshot was published, milliseconds since 1970. */
  synchronized long lastMillis() {
    return lastMillis;
  }

  /** Whether it has more layers than are remembered. */
  synchronized boolean truncated() {
    return truncated;
  }

  /** Whether its newest attempt has any mixer. */
  synchronized boolean observable() {
    return layers.values().stream()
        .anyMatch(layer -> layer.operator() && layer.latest().id().attempt() == attempt);
  }

  synchronized Optional<LayerRecord> layer(String name) {
    return Optional.ofNullable(layers.get(name));
  }

  /** Operators in network order, then dense layers by name. */
  synchronized List<LayerRecord> layers() {
    return layers.values().stream().sorted(NETWORK_ORDER).toList();
  }

  /** Smallest n first. */
  synchronized List<ChainRecord> chains() {
    return List.copyOf(chains.values());
  }

  /** Alarms pending and firing: firing first, loudest first, longest first. */
  synchronized List<Alarm> alarms() {
    return alarms.standing();
  }

  /** Those of them that are not of layers and chains judged last in an older attempt. */
  synchronized List<Alarm> alarmsOfAttempt() {
    return alarms.standing().stream().filter(alarm -> !old(alarm)).toList();
  }

  private boolean old(Alarm alarm) {
    LayerRecord layer = layers.get(alarm.layer());
    return (layer != null && layer.latest().id().attempt() < attempt)
        || chains.values().stream()
            .map(ChainRecord::latest)
            .anyMatch(last -> last.chain().equals(alarm.chain()) && last.attempt() < attempt);
  }

  /** Last changes of alarms, newest first. */
  synchronized List<Alarm> changes() {
    return alarms.changes();
  }

  static double lastCompositeGain(ChainVerdict verdict) {
    double[] gains = verdict.compositeGain();
    return gains == null || gains.length == 0 ? Double.NaN : gains[gains.length - 1];
  }

  /** The step of a run is that of its newest attempt. */
  private void at(int seenAttempt, long seenStep) {
    if (seenAttempt > attempt) {
      attempt = seenAttempt;
      step = seenStep;
    } else if (seenAttempt == attempt) {
      step = Math.max(step, seenStep);
    }
  }

  private boolean dropDense() {
    return layers.values().stream()
        .filter(layer -> !layer.operator())
        .findFirst()
        .map(layer -> {
          bytes -= layer.track().bytes();
          return layers.remove(layer.name()) != null;
        })
        .orElse(false);
  }

  private static LayerVerdict withoutMatrix(LayerVerdict verdict) {
    return new LayerVerdict(
        verdict.id(),
        verdict.kind(),
        verdict.observability(),
        verdict.profile(),
        verdict.shape(),
        verdict.n(),
        verdict.batch(),
        verdict.passes(),
        verdict.nonFinite(),
        verdict.figures(),
        verdict.sigma2Batch(),
        verdict.order(),
        null,
        verdict.operators(),
        verdict.activation(),
        verdict.alarms(),
        verdict.appendedMillis());
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
