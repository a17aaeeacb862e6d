package dev.sinkwatch.dashboard.runs;

import dev.sinkwatch.analyzer.RunAnalysis;
import dev.sinkwatch.analyzer.RunEvent;
import dev.sinkwatch.analyzer.RunSettings;
import dev.sinkwatch.analyzer.alarm.WatchState;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.dashboard.canary.CanaryRun;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All runs whose verdicts this monitor owns: verdicts on layers go in, listeners hear of layers,
 * chains and alarms. For one thread.
 */
public final class RunBook {

  private record Entry(RunAnalysis analysis, int partition) {}

  /** What is known of a run that has no verdict yet, by key. */
  private record Remembered(int partition, Map<String, WatchState> states) {}

  /** Hears of what follows from verdicts and is to be kept. */
  public interface Keeper {
    /** A step of a chain was judged. */
    void chain(ChainVerdict verdict);

    /** In place of what was to be remembered under the same key before. */
    void remember(WatchState state);
  }

  private final RunSettings settings;
  private final long expireAfterMillis;
  private final List<RunListener> listeners;
  private final Map<String, Entry> runs = new HashMap<>();
  private final Map<String, Remembered> remembered = new HashMap<>();

  /**
   * @param expireAfter silence after which a run is forgotten
   * @param listeners in the sequence in which they hear
   */
  public RunBook(RunSettings settings, Duration expireAfter, List<RunListener> listeners) {
    this.settings = settings;
    this.expireAfterMillis = expireAfter.toMillis();
    this.listeners = List.copyOf(listeners);
  }

  /**
   * Takes a verdict in, unless it is on a canary, which is no run.
   *
   * @param partition of the verdicts topic that holds the run
   * @param millis when the verdict came into being, milliseconds since 1970
   */
  public void accept(LayerVerdict verdict, int partition, long millis, Keeper keeper) {
    if (CanaryRun.reserved(verdict.id().run())) {
      return; // whoever published it reads its verdicts from the topic
    }
    Entry entry = runs.computeIfAbsent(verdict.id().run(), run -> new Entry(begin(run), partition));
    entry.analysis().accept(verdict, millis, event -> tell(event, keeper));
  }

  private RunAnalysis begin(String run) {
    Remembered known = remembered.remove(run);
    return new RunAnalysis(
        run, settings, known == null ? List.of() : List.copyOf(known.states().values()));
  }

  /**
   * What a monitor remembered of a layer or chain whose run is ours from now on. A run that has had
   * verdicts here goes on as it is.
   */
  public void remembered(int partition, WatchState state) {
    if (!runs.containsKey(state.run())) {
      remembered
          .computeIfAbsent(state.run(), run -> new Remembered(partition, new HashMap<>()))
          .states()
          .put(WatchStateJson.key(state), state);
    }
  }

  /** Lets time pass. */
  public void tick(long nowMillis, Keeper keeper) {
    runs.values().forEach(e -> e.analysis().tick(nowMillis, event -> tell(event, keeper)));
    forget(
        runs.entrySet().stream()
            .filter(e -> nowMillis - e.getValue().analysis().lastMillis() >= expireAfterMillis)
            .map(Map.Entry::getKey)
            .toList());
  }

  /** Another monitor owns the runs of those partitions from now on. */
  public void revoked(Set<Integer> partitions) {
    remembered.values().removeIf(run -> partitions.contains(run.partition()));
    forget(
        runs.entrySet().stream()
            .filter(e -> partitions.contains(e.getValue().partition()))
            .map(Map.Entry::getKey)
            .toList());
  }

  private void forget(List<String> names) {
    for (String name : names) {
      runs.remove(name);
      listeners.forEach(listener -> listener.forgotten(name));
    }
  }

  private void tell(RunEvent event, Keeper keeper) {
    switch (event) {
      case RunEvent.LayerJudged(LayerVerdict verdict) ->
          listeners.forEach(listener -> listener.layer(verdict));
      case RunEvent.ChainJudged(ChainVerdict verdict) -> {
        listeners.forEach(listener -> listener.chain(verdict));
        keeper.chain(verdict);
      }
      case RunEvent.ToRemember(WatchState state) -> keeper.remember(state);
      case RunEvent.AlarmChanged(var alarm) -> listeners.forEach(listener -> listener.alarm(alarm));
    }
  }
}
