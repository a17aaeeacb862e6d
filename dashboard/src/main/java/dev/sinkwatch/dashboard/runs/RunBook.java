package dev.sinkwatch.dashboard.runs;

import dev.sinkwatch.analyzer.RunAnalysis;
import dev.sinkwatch.analyzer.RunEvent;
import dev.sinkwatch.analyzer.RunSettings;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * All runs whose verdicts this monitor owns: verdicts on layers go in, listeners hear of layers,
 * chains and alarms. For one thread.
 */
public final class RunBook {

  /** Runs that are remembered; the one silent for longest makes room for another. */
  public static final int MAX_RUNS = 1000;

  /**
   * Layers of all runs, some 1.5 KiB each; runs silent for longest make room for those that have
   * more to say.
   */
  public static final int MAX_LAYERS = 60_000;

  private record Entry(RunAnalysis analysis, int partition) {}

  private final RunSettings settings;
  private final long expireAfterMillis;
  private final List<RunListener> listeners;
  private final Map<String, Entry> runs = new HashMap<>();
  private final AtomicLong passedBy = new AtomicLong();
  private int layers;

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
   * Takes a verdict in.
   *
   * @param partition of the verdicts topic that holds the run
   * @param millis when the verdict came into being, milliseconds since 1970
   * @param chains hears of the chains that it completes
   */
  public void accept(
      LayerVerdict verdict, int partition, long millis, Consumer<ChainVerdict> chains) {
    String run = verdict.id().run();
    if (!runs.containsKey(run) && runs.size() >= MAX_RUNS) {
      forgetSilent(run);
    }
    Entry entry =
        runs.computeIfAbsent(run, name -> new Entry(new RunAnalysis(name, settings), partition));
    int before = entry.analysis().layers();
    entry.analysis().accept(verdict, millis, event -> tell(event, chains));
    layers += entry.analysis().layers() - before;
    if (layers > MAX_LAYERS) {
      forgetSilent(run);
    }
  }

  /** Verdicts on layers and chains that no run has room for. Any thread. */
  public long passedBy() {
    return passedBy.get();
  }

  private void forgetSilent(String but) {
    runs.entrySet().stream()
        .filter(e -> !e.getKey().equals(but))
        .min(Comparator.comparingLong(e -> e.getValue().analysis().lastMillis()))
        .map(Map.Entry::getKey)
        .ifPresent(silent -> forget(List.of(silent)));
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
      Entry entry = runs.remove(name);
      layers -= entry == null ? 0 : entry.analysis().layers();
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
      case RunEvent.PassedBy passed -> passedBy.incrementAndGet();
    }
  }
}
