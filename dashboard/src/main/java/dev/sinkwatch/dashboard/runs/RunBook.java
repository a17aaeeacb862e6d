package dev.sinkwatch.dashboard.runs;

import dev.sinkwatch.analyzer.RunAnalysis;
import dev.sinkwatch.analyzer.RunEvent;
import dev.sinkwatch.analyzer.RunSettings;
import dev.sinkwatch.analyzer.alarm.WatchState;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.dashboard.canary.CanaryRun;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * All runs of some partitions of the verdicts topic: verdicts on layers go in, listeners hear of
 * layers, chains and alarms. For one thread.
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

  /** Hears of what follows from verdicts and is to be kept. */
  public interface Keeper {
    /** Keeps nothing: of runs for which somebody else speaks. */
    Keeper SILENT =
        new Keeper() {
          @Override
          public void chain(ChainVerdict verdict) {}

          @Override
          public void remember(WatchState state) {}
        };

    /** A step of a chain was judged. */
    void chain(ChainVerdict verdict);

    /** In place of what was to be remembered under the same key before. */
    void remember(WatchState state);
  }

  private final RunSettings settings;
  private final long expireAfterMillis;
  private final List<RunListener> listeners;
  private final Map<String, Entry> runs = new HashMap<>();
  private final RememberedRuns remembered = new RememberedRuns(MAX_LAYERS);
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
   * Takes a verdict in, unless it is on a canary, which is no run.
   *
   * @param partition of the verdicts topic that holds the run
   * @param millis when the verdict came into being, milliseconds since 1970
   */
  public void accept(LayerVerdict verdict, int partition, long millis, Keeper keeper) {
    String run = verdict.id().run();
    if (CanaryRun.reserved(run)) {
      return; // whoever published it reads its verdicts from the topic
    }
    if (!runs.containsKey(run) && runs.size() >= MAX_RUNS) {
      forgetSilent(run);
    }
    Entry entry = runs.computeIfAbsent(run, name -> new Entry(begin(name), partition));
    int before = entry.analysis().layers();
    entry.analysis().accept(verdict, millis, event -> tell(event, keeper));
    layers += entry.analysis().layers() - before;
    if (layers > MAX_LAYERS) {
      forgetSilent(run);
    }
  }

  private RunAnalysis begin(String run) {
    return new RunAnalysis(run, settings, remembered.take(run));
  }

  /**
   * What a monitor remembered of a layer or chain whose run is ours from now on. A run that has had
   * verdicts here goes on as it is.
   */
  public void remembered(int partition, WatchState state) {
    if (!runs.containsKey(state.run())) {
      remembered.put(partition, state);
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
        .ifPresent(silent -> leave(List.of(silent)));
  }

  /** Forgets runs but for what they need when they come again. */
  private void leave(List<String> silent) {
    for (String run : silent) {
      Entry entry = runs.get(run);
      if (entry != null) {
        List<WatchState> states = entry.analysis().remembered();
        forget(List.of(run));
        states.forEach(state -> remembered(entry.partition(), state));
      }
    }
  }

  /** Lets time pass. */
  public void tick(long nowMillis, Keeper keeper) {
    runs.values().forEach(e -> e.analysis().tick(nowMillis, event -> tell(event, keeper)));
    leave(
        runs.entrySet().stream()
            .filter(e -> nowMillis - e.getValue().analysis().lastMillis() >= expireAfterMillis)
            .map(Map.Entry::getKey)
            .toList());
  }

  /** Another monitor owns the runs of those partitions from now on. */
  public void revoked(Set<Integer> partitions) {
    remembered.drop(partitions);
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
      case RunEvent.PassedBy passed -> passedBy.incrementAndGet();
    }
  }
}
