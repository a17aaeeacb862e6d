package dev.sinkwatch.dashboard.history;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The alarms of one run: those that stand, and how they changed last. For one thread at a time. */
final class RunAlarms {

  private record Key(String name, String chain, String layer) {}

  private final int mostChanges;
  private final Map<Key, Alarm> standing = new HashMap<>();
  private final List<Alarm> changes = new ArrayList<>();

  /**
   * @param mostChanges last changes that are remembered
   */
  RunAlarms(int mostChanges) {
    this.mostChanges = mostChanges;
  }

  void put(Alarm alarm) {
    Key key = new Key(alarm.name(), alarm.chain(), alarm.layer());
    if (alarm.state() == AlarmState.INACTIVE) {
      standing.remove(key);
    } else {
      standing.put(key, alarm);
    }
    if (!renew(alarm)) {
      changes.addFirst(alarm);
    }
    while (changes.size() > mostChanges) {
      changes.removeLast();
    }
  }

  /** Pending and firing: firing first, loudest first, longest first. */
  List<Alarm> standing() {
    return standing.values().stream()
        .sorted(
            Comparator.comparing(Alarm::state)
                .thenComparing(Alarm::severity)
                .reversed()
                .thenComparingLong(Alarm::sinceStep)
                .thenComparing(Alarm::layer))
        .toList();
  }

  /** Newest first. */
  List<Alarm> changes() {
    return new ArrayList<>(changes);
  }

  /** Whether it is a change that is known, of which more is known now. */
  private boolean renew(Alarm alarm) {
    for (int i = 0; i < changes.size(); i++) {
      Alarm known = changes.get(i);
      if (known.name().equals(alarm.name())
          && known.layer().equals(alarm.layer())
          && known.chain().equals(alarm.chain())) {
        boolean same =
            known.state() == alarm.state()
                && known.sinceStep() == alarm.sinceStep()
                && known.sinceMillis() == alarm.sinceMillis();
        if (same) {
          changes.set(i, alarm);
        }
        return same;
      }
    }
    return false;
  }
}
