package dev.sinkwatch.analyzer;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.ChainAlarms;
import dev.sinkwatch.analyzer.alarm.LayerAlarms;
import dev.sinkwatch.analyzer.alarm.Past;
import dev.sinkwatch.analyzer.alarm.Reading;
import dev.sinkwatch.analyzer.alarm.Severity;
import dev.sinkwatch.analyzer.alarm.Watch;
import dev.sinkwatch.analyzer.alarm.WatchState;
import dev.sinkwatch.analyzer.network.ChainAnalysis;
import dev.sinkwatch.analyzer.network.StepCollector;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One run as a whole: verdicts on its layers go in, verdicts on its chains and changes of its
 * alarms come out. What it says follows from the sequence of verdicts and times alone, so that
 * reading the verdicts again rebuilds it; of those that are not there any more, what was to be
 * remembered is enough. For one thread.
 */
public final class RunAnalysis {

  public static final String STALE_RUN = "StaleRun";

  /** Layers that are remembered; verdicts on further ones are passed by. */
  public static final int MAX_LAYERS = 20_000;

  /** Chains that are remembered: sizes n of operators in one run. */
  public static final int MAX_CHAINS = 64;

  private record At(int attempt, long step) {}

  /** A chain, without a layer; or a layer, without a chain. */
  private record Watched(String chain, String layer) {}

  private final String run;
  private final RunSettings settings;
  private final ChainAnalysis chainAnalysis;
  private final ChainAlarms chainAlarms;
  private final StepCollector steps;
  private final Map<String, At> lastOfLayer = new HashMap<>();
  private final Map<String, At> lastOfChain = new HashMap<>();
  private final Map<Watched, Watch> watches = new HashMap<>();
  private final Map<Watched, WatchState> remembered = new HashMap<>();
  private long lastStep;
  private long lastMillis;
  private boolean stale;

  public RunAnalysis(String run, RunSettings settings) {
    this(run, settings, List.of());
  }

  /**
   * Goes on where another one stopped. Verdicts that it took in then may come again: they are told,
   * but the alarms have them behind them.
   *
   * @param remembered of the run's layers and chains; the changes of alarms in it are told with the
   *     first verdict on each
   */
  public RunAnalysis(String run, RunSettings settings, List<WatchState> remembered) {
    this.run = run;
    remembered.forEach(
        state -> this.remembered.put(new Watched(state.chain(), state.layer()), state));
    this.settings = settings;
    this.chainAnalysis = new ChainAnalysis(settings.eps(), settings.noise());
    this.chainAlarms = new ChainAlarms(settings.eps());
    this.steps = new StepCollector(settings.snapshotTimeoutMillis());
  }

  /** When the last verdict came, milliseconds since 1970. */
  public long lastMillis() {
    return lastMillis;
  }

  /** What another one needs to go on from here. */
  public List<WatchState> remembered() {
    List<WatchState> states = new ArrayList<>(remembered.values());
    watches.values().forEach(watch -> states.add(watch.state(lastMillis)));
    return states;
  }

  /** How many layers it remembers. */
  public int layers() {
    return lastOfLayer.size();
  }

  /**
   * Takes a layer's verdict in; one that is not newer than the layer's last (a duplicate, a step
   * back) says nothing.
   *
   * @param millis when the verdict came into being, milliseconds since 1970
   */
  public void accept(LayerVerdict verdict, long millis, Consumer<RunEvent> events) {
    String layer = verdict.id().layer();
    At at = new At(verdict.id().attempt(), verdict.id().step());
    At last = lastOfLayer.get(layer);
    if (!newer(at, last)) {
      return;
    }
    if (last == null && lastOfLayer.size() >= MAX_LAYERS) {
      events.accept(new RunEvent.PassedBy(layer));
      return;
    }
    lastOfLayer.put(layer, at);
    lastStep = Math.max(lastStep, verdict.id().step());
    lastMillis = Math.max(lastMillis, millis);
    events.accept(new RunEvent.LayerJudged(verdict));
    if (stale) {
      stale = false;
      events.accept(new RunEvent.AlarmChanged(staleRun(AlarmState.INACTIVE, millis)));
    }
    watch(
        new Watched("", layer),
        at,
        millis,
        LayerAlarms.figure(verdict),
        past -> LayerAlarms.read(verdict, past),
        events);
    if (verdict.kind().operator() && verdict.n() > 1) {
      judge(steps.accept(verdict, millis), millis, events);
    }
  }

  /** Lets time pass: steps time out, runs go stale. */
  public void tick(long nowMillis, Consumer<RunEvent> events) {
    judge(steps.tick(nowMillis), nowMillis, events);
    if (!stale && nowMillis - lastMillis >= settings.alarms().staleAfterMillis()) {
      stale = true;
      events.accept(new RunEvent.AlarmChanged(staleRun(AlarmState.FIRING, nowMillis)));
    }
  }

  private void judge(List<StepCollector.Step> ready, long millis, Consumer<RunEvent> events) {
    for (StepCollector.Step step : ready) {
      chains(step, chainAnalysis).forEach(chain -> judge(chain, millis, events));
    }
  }

  /** The verdicts on the chains of one step, smallest n first. */
  static List<ChainVerdict> chains(StepCollector.Step step, ChainAnalysis analysis) {
    Map<Integer, List<LayerVerdict>> bySize = new TreeMap<>();
    step.links()
        .forEach(link -> bySize.computeIfAbsent(link.n(), n -> new ArrayList<>()).add(link));
    List<ChainVerdict> verdicts = new ArrayList<>();
    bySize.forEach((n, links) -> {
      List<String> missing = new ArrayList<>();
      step.missing()
          .forEach((layer, size) -> {
            if (size.equals(n)) {
              missing.add(layer);
            }
          });
      verdicts.add(analysis.judge(links, missing));
    });
    return verdicts;
  }

  private void judge(ChainVerdict seen, long millis, Consumer<RunEvent> events) {
    if (lastOfChain.size() >= MAX_CHAINS && !lastOfChain.containsKey(seen.chain())) {
      events.accept(new RunEvent.PassedBy(seen.chain()));
      return;
    }
    ChainVerdict verdict = seen.withAlarms(chainAlarms.holding(seen));
    events.accept(new RunEvent.ChainJudged(verdict));
    At at = new At(verdict.attempt(), verdict.step());
    if (!newer(at, lastOfChain.get(verdict.chain()))) {
      return; // an older step that waited for its timeout: told, but alarms look ahead only
    }
    lastOfChain.put(verdict.chain(), at);
    watch(
        new Watched(verdict.chain(), ""),
        at,
        millis,
        Math.log(verdict.lastDepthGain()),
        past -> chainAlarms.read(verdict, past),
        events);
  }

  private void watch(
      Watched watched,
      At at,
      long millis,
      double figure,
      Function<Past, List<Reading>> readings,
      Consumer<RunEvent> events) {
    Watch watch = watches.get(watched);
    if (watch == null) {
      WatchState state = remembered.remove(watched);
      watch =
          state == null
              ? new Watch(run, watched.chain(), watched.layer(), settings.alarms())
              : new Watch(state, settings.alarms());
      watches.put(watched, watch);
      if (state != null) {
        tell(state.changes(), events);
      }
    }
    tell(watch.accept(at.attempt(), at.step(), millis, figure, readings), events);
    watch.toRemember(millis).ifPresent(state -> events.accept(new RunEvent.ToRemember(state)));
  }

  private static void tell(List<Alarm> changes, Consumer<RunEvent> events) {
    changes.forEach(alarm -> events.accept(new RunEvent.AlarmChanged(alarm)));
  }

  private static boolean newer(At at, @Nullable At last) {
    return last == null
        || at.attempt() > last.attempt()
        || (at.attempt() == last.attempt() && at.step() > last.step());
  }

  private Alarm staleRun(AlarmState state, long nowMillis) {
    double limit = settings.alarms().staleAfterMillis() / 1000.0;
    double silence = (nowMillis - lastMillis) / 1000.0;
    return new Alarm(
        run,
        "",
        "",
        STALE_RUN,
        Severity.WARNING,
        state,
        lastStep,
        nowMillis,
        silence,
        limit,
        null,
        "no snapshot for %.0f s; the last was of step %d".formatted(silence, lastStep));
  }
}
