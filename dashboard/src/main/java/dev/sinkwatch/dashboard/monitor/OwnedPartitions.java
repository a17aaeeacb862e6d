package dev.sinkwatch.dashboard.monitor;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The partitions of the verdicts topic that this monitor owns: it alone exports their runs' metrics
 * and judges their chains. Changed on the runs' thread, read by any.
 */
final class OwnedPartitions {
  private final Consumer<Set<Integer>> changed;
  private volatile @Nullable Set<Integer> owned;

  /**
   * @param changed hears of all that are owned then, on the runs' thread, before anything else is
   *     taken in
   */
  OwnedPartitions(Consumer<Set<Integer>> changed) {
    this.changed = changed;
  }

  void add(Set<Integer> partitions) {
    Set<Integer> now = new HashSet<>(now());
    now.addAll(partitions);
    set(now);
  }

  void remove(Set<Integer> partitions) {
    Set<Integer> now = new HashSet<>(now());
    now.removeAll(partitions);
    set(now);
  }

  private void set(Set<Integer> now) {
    owned = Set.copyOf(now);
    changed.accept(now);
  }

  /** Whether the group has said which they are, be it none. */
  boolean known() {
    return owned != null;
  }

  Set<Integer> now() {
    Set<Integer> known = owned;
    return known == null ? Set.of() : known;
  }
}
