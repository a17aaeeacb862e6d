package dev.sinkwatch.dashboard.metrics;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.LayerAlarms;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.MissingPart;
import dev.sinkwatch.dashboard.runs.RunListener;
import dev.sinkwatch.dashboard.silence.Silencing;
import dev.sinkwatch.ingest.Observability;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What is known of the runs as gauges: a layer's, a chain's, a run's, and the state of every alarm
 * that ever left inactive, as far as there is room. Steps are values, never labels. Told by one
 * thread, scraped by any.
 */
public final class VerdictMetrics implements RunListener {

  /** Alarms that one layer may have at once. */
  private static final int ALARMS_OF_LAYER = 5;

  private static final String SILENCED = "sinkwatch.alarm.silenced";
  private static final String MISSING = "sinkwatch.parts.missing";
  private static final String NOT_OBSERVABLE = "not-observable";

  private record RunState(int attempt, long step, long appendedMillis, boolean observable) {}

  private final class Run {
    final LayerSeries layers;
    final Map<String, Series<ChainVerdict>> chains = new HashMap<>();
    final Map<String, Series<Alarm>> alarms = new LinkedHashMap<>();
    final Series<RunState> state;
    final Series<String> info;
    final Counter truncated;
    final Map<MissingPart.Cause, Counter> missing = new EnumMap<>(MissingPart.Cause.class);
    final Map<String, Observability> operators = new HashMap<>();
    final Map<Observability, Integer> seen = new EnumMap<>(Observability.class);

    Run(String name) {
      layers = new LayerSeries(registry, name, maxLayers);
      state = new Series<>(registry, Tags.of("run", name));
      info = new Series<>(registry, Tags.of("run", name));
      truncated =
          Counter.builder("sinkwatch.layers.truncated")
              .description(Help.of("sinkwatch.layers.truncated"))
              .tag("run", name)
              .register(registry);
    }
  }

  private final MeterRegistry registry;
  private final int maxLayers;
  private final Silencing silencing;
  private final Map<String, Run> runs = new HashMap<>();

  /**
   * Of alarms of which none is silenced.
   *
   * @param maxLayers layers of a run that have series of their own
   */
  public VerdictMetrics(MeterRegistry registry, int maxLayers) {
    this(registry, maxLayers, Silencing.NONE);
  }

  /**
   * @param silencing to be followed by {@link #silences} whenever it would answer otherwise
   */
  public VerdictMetrics(MeterRegistry registry, int maxLayers, Silencing silencing) {
    this.registry = registry;
    this.maxLayers = maxLayers;
    this.silencing = silencing;
  }

  @Override
  public void layer(LayerVerdict verdict) {
    Run run = run(verdict.id().run());
    if (run.layers.update(verdict)) {
      run.truncated.increment();
    }
    if (verdict.kind().operator()) {
      Observability now = verdict.observability();
      Observability before = run.operators.put(verdict.id().layer(), now);
      run.seen.merge(now, 1, Integer::sum);
      if (before != null) {
        run.seen.computeIfPresent(before, (some, count) -> count == 1 ? null : count - 1);
      }
    }
    verdict.missing().forEach(part -> missing(run, verdict.id().run(), part.cause()).increment());
    tellObservability(run);
    boolean observable = !run.operators.isEmpty();
    RunState before = run.state.latest();
    RunState now =
        new RunState(
            verdict.id().attempt(), verdict.id().step(), verdict.appendedMillis(), observable);
    run.state.update(before == null ? now : latest(before, now));
    run.state.gauge("sinkwatch.run.step", state -> (double) state.step());
    run.state.gauge(
        "sinkwatch.run.last.snapshot.timestamp.seconds", state -> state.appendedMillis() / 1000.0);
    run.state.gauge("sinkwatch.run.observable", state -> state.observable() ? 1 : 0);
    run.state.gauge("sinkwatch.run.attempt", state -> state.attempt());
  }

  private Counter missing(Run run, String name, MissingPart.Cause cause) {
    return run.missing.computeIfAbsent(
        cause,
        first ->
            Counter.builder(MISSING)
                .description(Help.of(MISSING))
                .tags("run", name, "cause", first.wireName())
                .register(registry));
  }

  /** As much as that of its operators tells which tells least; a run has one such series. */
  private static void tellObservability(Run run) {
    String now =
        run.seen.keySet().stream()
            .reduce(Observability::orLess)
            .map(Observability::wireName)
            .orElse(NOT_OBSERVABLE);
    if (!now.equals(run.info.latest())) {
      run.info.remove();
      run.info.update(now);
      run.info.gauge("sinkwatch.run.info", info -> 1, "observability", now);
    }
  }

  private static RunState latest(RunState before, RunState now) {
    RunState further =
        older(now.attempt(), now.step(), before.attempt(), before.step()) ? before : now;
    return new RunState(
        further.attempt(),
        further.step(),
        Math.max(before.appendedMillis(), now.appendedMillis()),
        now.observable());
  }

  private static boolean older(int attempt, long step, int otherAttempt, long otherStep) {
    return attempt < otherAttempt || (attempt == otherAttempt && step < otherStep);
  }

  @Override
  public void chain(ChainVerdict verdict) {
    Series<ChainVerdict> chain =
        run(verdict.run())
            .chains
            .computeIfAbsent(
                verdict.chain(),
                name -> new Series<>(registry, Tags.of("run", verdict.run(), "chain", name)));
    ChainVerdict last = chain.latest();
    if (last != null && older(verdict.attempt(), verdict.step(), last.attempt(), last.step())) {
      return; // an older step that waited for what did not come
    }
    chain.update(verdict);
    String depth = "sinkwatch.network.effective.depth.layers";
    String gain = "sinkwatch.network.depth.gain.ratio";
    chain.gauge(depth, v -> v.networkEffectiveDepth(), "estimate", "bound");
    chain.gauge(gain, ChainVerdict::lastDepthGain, "estimate", "bound");
    if (verdict.compositeGain() != null) {
      chain.gauge(depth, VerdictMetrics::compositeDepth, "estimate", "composite");
      chain.gauge(gain, VerdictMetrics::lastCompositeGain, "estimate", "composite");
      chain.gauge("sinkwatch.network.gain.spread", ChainVerdict::gainSpread);
    }
    if (verdict.n() > 2) {
      chain.gauge("sinkwatch.network.snr.ceiling.ratio", ChainVerdict::snrCeiling);
      chain.gauge("sinkwatch.network.snr.critical.ratio", ChainVerdict::snrCritical);
    }
    chain.gauge("sinkwatch.network.operators", v -> v.operators());
    chain.gauge("sinkwatch.network.sigma2.min.ratio", ChainVerdict::sigma2Min);
  }

  private static double compositeDepth(ChainVerdict verdict) {
    Integer depth = verdict.compositeEffectiveDepth();
    return depth == null ? Double.NaN : depth;
  }

  private static double lastCompositeGain(ChainVerdict verdict) {
    double[] gain = verdict.compositeGain();
    return gain == null ? Double.NaN : gain[gain.length - 1];
  }

  @Override
  public void alarm(Alarm alarm) {
    String severity = alarm.severity().name().toLowerCase(Locale.ROOT);
    Map<String, Series<Alarm>> alarms = run(alarm.run()).alarms;
    String key = String.join("\n", alarm.name(), alarm.chain(), alarm.layer());
    Series<Alarm> series = alarms.get(key);
    Alarm before = series == null ? null : series.latest();
    if (series == null && alarms.size() >= ALARMS_OF_LAYER * maxLayers && !makeRoom(alarms)) {
      run(alarm.run()).truncated.increment();
      return;
    }
    if (series == null || (before != null && before.severity() != alarm.severity())) {
      if (series != null) {
        series.remove();
      }
      series =
          new Series<>(
              registry,
              Tags.of(
                  "run",
                  alarm.run(),
                  "chain",
                  alarm.chain(),
                  "layer",
                  alarm.layer(),
                  "alarm",
                  alarm.name(),
                  "severity",
                  severity));
      series.update(alarm);
      alarms.put(key, series);
    }
    boolean silenced = silencing.until(alarm) != null;
    if (silenced) {
      silence(series, true); // a scrape that sees it fire must see that as well
    }
    series.update(alarm);
    series.gauge("sinkwatch.alarm.state", a -> a.state().code());
    if (!silenced) {
      silence(series, false);
    }
    if (alarm.name().equals(LayerAlarms.SPECTRAL_DRIFT)) {
      series.gauge("sinkwatch.alarm.projected.step", VerdictMetrics::projectedStep);
    }
  }

  /** Other silences stand than before; on the thread that tells of alarms. */
  public void silences() {
    for (Run run : runs.values()) {
      for (Series<Alarm> series : run.alarms.values()) {
        Alarm latest = series.latest();
        silence(series, latest != null && silencing.until(latest) != null);
      }
    }
  }

  private static void silence(Series<Alarm> series, boolean silenced) {
    if (silenced) {
      series.gauge(SILENCED, alarm -> 1);
    } else {
      series.drop(SILENCED);
    }
  }

  private static double projectedStep(Alarm alarm) {
    Long step = alarm.projectedStep();
    return step == null || alarm.state() == AlarmState.INACTIVE ? Double.NaN : step;
  }

  /** Removes an alarm that is inactive, if there is one. */
  private static boolean makeRoom(Map<String, Series<Alarm>> alarms) {
    for (Map.Entry<String, Series<Alarm>> entry : alarms.entrySet()) {
      Alarm latest = entry.getValue().latest();
      if (latest == null || latest.state() == AlarmState.INACTIVE) {
        entry.getValue().remove();
        alarms.remove(entry.getKey());
        return true;
      }
    }
    return false;
  }

  @Override
  public void forgotten(String name) {
    Run run = runs.remove(name);
    if (run != null) {
      run.layers.remove();
      run.chains.values().forEach(Series::remove);
      run.alarms.values().forEach(Series::remove);
      run.state.remove();
      run.info.remove();
      registry.remove(run.truncated);
      run.missing.values().forEach(registry::remove);
    }
  }

  private Run run(String name) {
    return runs.computeIfAbsent(name, Run::new);
  }
}
