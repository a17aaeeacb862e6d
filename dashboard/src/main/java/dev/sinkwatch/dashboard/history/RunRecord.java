package dev.sinkwatch.dashboard.history;

import static dev.sinkwatch.analyzer.verdict.Figure.DETAIL_GAIN;
import static dev.sinkwatch.analyzer.verdict.Figure.EFFECTIVE_DEPTH;
import static dev.sinkwatch.analyzer.verdict.Figure.SIGMA1;
import static dev.sinkwatch.analyzer.verdict.Figure.SIGMA2;
import static dev.sinkwatch.analyzer.verdict.Figure.STABLE_RANK;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What is remembered of one run. Safe for use by several threads. */
final class RunRecord {
  private static final List<Figure> OPERATOR_FIGURES =
      List.of(SIGMA2, DETAIL_GAIN, EFFECTIVE_DEPTH);
  private static final List<Figure> DENSE_FIGURES = List.of(SIGMA1, SIGMA2, STABLE_RANK);
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
      return latest.kind().operator() && latest.n() > 1;
    }
  }

  /** One chain: its latest verdict and its history. */
  record ChainRecord(ChainVerdict latest, Track track) {}

  private record AlarmKey(String name, String chain, String layer) {}

  /** Operators in network order, then dense layers, each by name. */
  private static final Comparator<LayerRecord> NETWORK_ORDER =
      Comparator.comparing((LayerRecord layer) -> !layer.operator())
          .thenComparing(layer -> layer.latest().order(), RunRecord::lexicographic)
          .thenComparing(LayerRecord::name);

  private final String run;
  private final HistorySettings settings;
  private final Map<String, LayerRecord> layers = new HashMap<>();
  private final Map<Integer, ChainRecord> chains = new TreeMap<>();
  private final Map<AlarmKey, Alarm> alarms = new HashMap<>();
  private final List<Alarm> changes = new ArrayList<>();
  private int attempt;
  private long step;
  private long lastMillis;
  private boolean truncated;

  RunRecord(String run, HistorySettings settings) {
    this.run = run;
    this.settings = settings;
  }

  synchronized void layer(LayerVerdict verdict) {
    at(verdict.id().attempt(), verdict.id().step());
    lastMillis = Math.max(lastMillis, verdict.appendedMillis());
    LayerRecord known = layers.get(verdict.id().layer());
    boolean operator = verdict.kind().operator() && verdict.n() > 1;
    if (known == null && layers.size() >= settings.layers()) {
      truncated = true;
      if (!operator || !dropDense()) {
        return;
      }
    }
    List<Figure> figures = operator ? OPERATOR_FIGURES : DENSE_FIGURES;
    Track track =
        known == null || known.operator() != operator
            ? new Track(figures.stream().map(Figure::key).toList())
            : known.track();
    layers.put(verdict.id().layer(), new LayerRecord(withoutMatrix(verdict), track));
    track.add(
        verdict.id().step(),
        figures.stream().mapToDouble(verdict::get).toArray(),
        settings.pointsOfLayer(layers.size()));
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
    Track track = known == null ? new Track(CHAIN_COLUMNS) : known.track();
    chains.put(verdict.n(), new ChainRecord(verdict, track));
    Integer compositeDepth = verdict.compositeEffectiveDepth();
    track.add(
        verdict.step(),
        new double[] {
          verdict.networkEffectiveDepth(),
          compositeDepth == null ? Double.NaN : compositeDepth,
          verdict.lastDepthGain(),
          lastCompositeGain(verdict),
          verdict.snrCeiling()
        },
        settings.points());
  }

  synchronized void alarm(Alarm alarm) {
    AlarmKey key = new AlarmKey(alarm.name(), alarm.chain(), alarm.layer());
    if (alarm.state() == AlarmState.INACTIVE) {
      alarms.remove(key);
    } else {
      alarms.put(key, alarm);
    }
    if (!renew(alarm)) {
      changes.addFirst(alarm);
    }
    while (changes.size() > settings.alarmChanges()) {
      changes.removeLast();
    }
  }

  /** Whether it is a change that is known, of which more is known now. */
  private boolean renew(Alarm alarm) {
    for (int i = 0; i < changes.size(); i++) {
      Alarm known = changes.get(i);
      if (known.name().equals(alarm.name())
          && known.layer().equals(alarm.layer())
          && known.chain().equals(alarm.chain())) {
        boolean same =
            known.state() == alarm.state()
                && known.sinceStep() == alarm.sinceStep()
                && known.sinceMillis() == alarm.sinceMillis();
        if (same) {
          changes.set(i, alarm);
        }
        return same;
      }
    }
    return false;
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
    return alarms.values().stream()
        .sorted(
            Comparator.comparing(Alarm::state)
                .thenComparing(Alarm::severity)
                .reversed()
                .thenComparingLong(Alarm::sinceStep)
                .thenComparing(Alarm::layer))
        .toList();
  }

  /** Those of them that are not of layers and chains judged last in an older attempt. */
  synchronized List<Alarm> alarmsOfAttempt() {
    return alarms().stream().filter(alarm -> !old(alarm)).toList();
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
    return new ArrayList<>(changes);
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
        .map(layer -> layers.remove(layer.name()) != null)
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
