package dev.sinkwatch.dashboard.silence;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Some silences, and which alarms they cover. Immutable. */
final class SilenceSet {
  private static final Comparator<Silence> FIRST_OVER =
      Comparator.comparingLong(Silence::until).thenComparing(Silence::id);

  static final SilenceSet EMPTY = new SilenceSet(List.of());

  private final List<Silence> all;
  private final Map<String, List<Silence>> byRun = new HashMap<>();

  SilenceSet(Collection<Silence> silences) {
    this.all = silences.stream().sorted(FIRST_OVER).toList();
    for (Silence silence : all) {
      byRun.computeIfAbsent(silence.run(), run -> new ArrayList<>()).add(silence);
    }
  }

  /** Those that are not over, the first one to be so first. */
  List<Silence> standing(long nowMillis) {
    return all.stream().filter(silence -> !silence.over(nowMillis)).toList();
  }

  /** When the last of those is over that cover the alarm; null if none does, or it is inactive. */
  @Nullable Long until(Alarm alarm, long nowMillis) {
    if (alarm.state() == AlarmState.INACTIVE) {
      return null;
    }
    Long ofRun = last(byRun.get(alarm.run()), alarm, nowMillis);
    Long ofAny = last(byRun.get(Silence.ANY), alarm, nowMillis);
    return ofRun == null || (ofAny != null && ofAny > ofRun) ? ofAny : ofRun;
  }

  private static @Nullable Long last(
      @Nullable List<Silence> silences, Alarm alarm, long nowMillis) {
    if (silences == null) {
      return null;
    }
    for (Silence silence : silences.reversed()) {
      if (silence.over(nowMillis)) {
        return null; // as all are that come before it
      }
      if (isAny(silence.alarm(), alarm.name()) && layer(silence.layer(), alarm.layer())) {
        return silence.until();
      }
    }
    return null;
  }

  private static boolean isAny(String pattern, String name) {
    return pattern.equals(Silence.ANY) || pattern.equals(name);
  }

  private static boolean layer(String pattern, String name) {
    int last = pattern.length() - 1;
    return pattern.endsWith(Silence.ANY)
        ? name.startsWith(pattern.substring(0, last))
        : pattern.equals(name);
  }
}
