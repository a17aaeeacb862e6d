package dev.sinkwatch.dashboard.runs;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The same alarm in the same state on several layers or chains of one run, which is one thing to
 * tell.
 *
 * @param alarms one or more, those of the earliest step first
 */
public record AlarmGroup(List<Alarm> alarms) {

  private record Key(String run, String name, AlarmState state, Severity severity) {
    Key(Alarm alarm) {
      this(alarm.run(), alarm.name(), alarm.state(), alarm.severity());
    }
  }

  private static final Comparator<Alarm> EARLIEST =
      Comparator.comparingLong(Alarm::sinceStep)
          .thenComparing(Alarm::chain)
          .thenComparing(Alarm::layer);

  /** The groups in which those alarms fall, in the sequence of their first ones. */
  public static List<AlarmGroup> of(Iterable<Alarm> alarms) {
    Map<Key, List<Alarm>> groups = new LinkedHashMap<>();
    for (Alarm alarm : alarms) {
      groups.computeIfAbsent(new Key(alarm), key -> new ArrayList<>()).add(alarm);
    }
    return groups.values().stream()
        .map(group -> new AlarmGroup(group.stream().sorted(EARLIEST).toList()))
        .toList();
  }

  /** The one that was first. */
  public Alarm first() {
    return alarms.getFirst();
  }

  /** The earliest step that one of them leads to; null if none looks ahead. */
  public @Nullable Long projectedStep() {
    return alarms.stream()
        .map(Alarm::projectedStep)
        .filter(Objects::nonNull)
        .min(Comparator.naturalOrder())
        .orElse(null);
  }

  /** What they are on, in words: {@code 86 layers}, {@code layer h.0.attn}, {@code the run}. */
  public String places() {
    Alarm first = first();
    String kind = first.layer().isEmpty() ? "chain" : "layer";
    if (alarms.size() > 1) {
      return alarms.size() + " " + kind + "s";
    }
    String name = first.layer().isEmpty() ? first.chain() : first.layer();
    return name.isEmpty() ? "the run" : kind + " " + name;
  }
}
