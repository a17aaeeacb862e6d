package dev.sinkwatch.dashboard.history;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What is remembered of one run. Safe for use by several threads. */
final class RunRecord {
  private static final List<String> CHAIN_COLUMNS =
      List.of(
          "networkEffectiveDepth",
          "compositeEffectiveDepth",
          "depthGain",
          "compositeGain",
          "snrCeiling");

  /** One chain: its latest verdict and its history. */
  record ChainRecord(ChainVerdict latest, Track track, Waterfall waterfall) {
    long bytes() {
      return track.bytes() + waterfall.bytes();
    }
  }

  private final String run;
  private final HistorySettings settings;
  private final Map<String, LayerRecord> layers = new HashMap<>();
  private final Map<Integer, ChainRecord> chains = new TreeMap<>();
  private final RunMatrices matrices = new RunMatrices();
  private final RunAlarms alarms;
  private int attempt;
  private long step;
  private long lastMillis;

  /** What the histories take. */
  private long bytes;

  private boolean truncated;

  /**
   * @param alarms those of a run whose record was dropped to make room, else empty
   */
  RunRecord(String run, HistorySettings settings, RunAlarms alarms) {
    this.run = run;
    this.settings = settings;
    this.alarms = alarms;
  }

  /**
   * What outlives it when it is dropped to make room: alarms are told once, and must not be lost.
   */
  RunAlarms keptAlarms() {
    return alarms;
  }

  synchronized void layer(LayerVerdict verdict) {
    at(verdict.id().attempt(), verdict.id().step());
    lastMillis = Math.max(lastMillis, verdict.appendedMillis());
    LayerRecord known = layers.get(verdict.id().layer());
    boolean operator = LayerRecord.operator(verdict);
    if (known == null && layers.size() >= settings.layers()) {
      truncated = true;
      if (!operator || !dropDense()) {
        return;
      }
    }
    bytes -= matrices.bytes() + (known == null ? 0 : known.track().bytes());
    LayerRecord layer =
        known == null || known.operator() != operator
            ? LayerRecord.first(verdict)
            : known.then(verdict);
    layers.put(layer.name(), layer);
    layer.add(verdict, settings.pointsOfLayer(layers.size()));
    matrices.put(verdict);
    bytes += matrices.bytes() + layer.track().bytes();
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

  /** What its histories and matrices take of the heap, nearly. */
  synchronized long bytes() {
    return bytes;
  }

  /** The matrix of a layer's latest verdict, or why there is none. */
  synchronized RunMatrices.Answer matrix(String layer) {
    LayerRecord known = layers.get(layer);
    return known == null
        ? new RunMatrices.Answer.None("no layer " + layer)
        : matrices.get(known.latest());
  }

  /** Whether it has matrices that could go. */
  synchronized boolean hasMatrices() {
    return matrices.bytes() > 0;
  }

  synchronized void dropMatrices() {
    bytes -= matrices.bytes();
    matrices.clear();
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
    return layers.values().stream().sorted(LayerRecord.NETWORK_ORDER).toList();
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
          bytes -= layer.track().bytes(); // a dense layer has no matrix
          return layers.remove(layer.name()) != null;
        })
        .orElse(false);
  }
}
