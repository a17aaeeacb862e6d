package dev.sinkwatch.dashboard.runs;

import dev.sinkwatch.analyzer.RunAnalysis;
import dev.sinkwatch.analyzer.RunEvent;
import dev.sinkwatch.analyzer.RunSettings;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.dashboard.canary.CanaryRun;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * All runs whose verdicts this monitor owns: verdicts on layers go in, listeners hear of layers,
 * chains and alarms. For one thread.
 */
public final class RunBook {

  private record Entry(RunAnalysis analysis, int partition) {}

  private final RunSettings settings;
  private final long expireAfterMillis;
  private final List<RunListener> listeners;
  private final Map<String, Entry> runs = new HashMap<>();

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
   * @param chains hears of the chains that it completes
   */
  public void accept(
      LayerVerdict verdict, int partition, long millis, Consumer<ChainVerdict> chains) {
    if (CanaryRun.reserved(verdict.id().run())) {
      return; // whoever published it reads its verdicts from the topic
    }
    Entry entry =
        runs.computeIfAbsent(
            verdict.id().run(), run -> new Entry(new RunAnalysis(run, settings), partition));
    entry.analysis().accept(verdict, millis, event -> tell(event, chains));
  }

  /** Lets time pass. */
  public void tick(long nowMillis, Consumer<ChainVerdict> chains) {
    runs.values().forEach(e -> e.analysis().tick(nowMillis, event -> tell(event, chains)));
    forget(
        runs.entrySet().stream()
            .filter(e -> nowMillis - e.getValue().analysis().lastMillis() >= expireAfterMillis)
            .map(Map.Entry::getKey)
            .toList());
  }

  /** Another monitor owns the runs of those partitions from now on. */
  public void revoked(Set<Integer> partitions) {
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

  private void tell(RunEvent event, Consumer<ChainVerdict> chains) {
    switch (event) {
      case RunEvent.LayerJudged(LayerVerdict verdict) ->
          listeners.forEach(listener -> listener.layer(verdict));
      case RunEvent.ChainJudged(ChainVerdict verdict) -> {
        listeners.forEach(listener -> listener.chain(verdict));
        chains.accept(verdict);
      }
      case RunEvent.AlarmChanged(var alarm) -> listeners.forEach(listener -> listener.alarm(alarm));
    }
  }
}
