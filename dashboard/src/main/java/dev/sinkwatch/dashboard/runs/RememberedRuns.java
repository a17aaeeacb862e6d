package dev.sinkwatch.dashboard.runs;

import dev.sinkwatch.analyzer.alarm.WatchState;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What runs without verdicts need to go on when they have some again. Beyond a number of layers and
 * chains those are forgotten that are known for longest. For one thread.
 */
final class RememberedRuns {

  private record Remembered(int partition, Map<String, WatchState> states) {}

  private final int maxStates;
  private final Map<String, Remembered> runs = new LinkedHashMap<>();
  private int states;

  RememberedRuns(int maxStates) {
    this.maxStates = maxStates;
  }

  /** In place of what was known of the same layer or chain. */
  void put(int partition, WatchState state) {
    Remembered run =
        runs.computeIfAbsent(state.run(), name -> new Remembered(partition, new HashMap<>()));
    states += run.states().put(WatchStateJson.key(state), state) == null ? 1 : 0;
    Iterator<Remembered> oldest = runs.values().iterator();
    while (states > maxStates) {
      states -= oldest.next().states().size();
      oldest.remove();
    }
  }

  /** What is known of a run, which is not needed any more. */
  List<WatchState> take(String name) {
    Remembered run = runs.remove(name);
    if (run == null) {
      return List.of();
    }
    states -= run.states().size();
    return List.copyOf(run.states().values());
  }

  /** Forgets the runs of those partitions. */
  void drop(Set<Integer> partitions) {
    runs.values()
        .removeIf(run -> {
          boolean gone = partitions.contains(run.partition());
          states -= gone ? run.states().size() : 0;
          return gone;
        });
  }

  /** Layers and chains that are known. */
  int states() {
    return states;
  }
}
