package dev.sinkwatch.dashboard.runs;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.Severity;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Alarms that fire and that clear as lines of the log, one a group: what collapses in 86 layers
 * within some seconds is one line. What came and went between two calls of {@link #flush} is none.
 * For one thread.
 */
public final class AlarmLog implements RunListener {
  private static final Logger LOG = LoggerFactory.getLogger(AlarmLog.class);

  private record Key(String run, String name, String chain, String layer) {
    Key(Alarm alarm) {
      this(alarm.run(), alarm.name(), alarm.chain(), alarm.layer());
    }
  }

  private final BiConsumer<Level, String> lines;
  private final Map<Key, Severity> firing = new HashMap<>();
  private final Map<Key, Alarm> changed = new LinkedHashMap<>();

  public AlarmLog() {
    this((level, line) -> LOG.atLevel(level).log(line));
  }

  AlarmLog(BiConsumer<Level, String> lines) {
    this.lines = lines;
  }

  @Override
  public void layer(LayerVerdict verdict) {}

  @Override
  public void chain(ChainVerdict verdict) {}

  @Override
  public void alarm(Alarm alarm) {
    changed.put(new Key(alarm), alarm);
  }

  @Override
  public void forgotten(String run) {
    firing.keySet().removeIf(key -> key.run().equals(run));
    changed.keySet().removeIf(key -> key.run().equals(run));
  }

  /** Tells what has changed since the last time. */
  public void flush() {
    List<Alarm> news = new ArrayList<>();
    changed.forEach((key, alarm) -> {
      if (alarm.state() == AlarmState.FIRING) {
        if (firing.put(key, alarm.severity()) != alarm.severity()) {
          news.add(alarm);
        }
      } else if (firing.remove(key) != null) {
        news.add(alarm);
      }
    });
    changed.clear();
    for (AlarmGroup group : AlarmGroup.of(news)) {
      lines.accept(level(group.first()), line(group));
    }
  }

  private static Level level(Alarm alarm) {
    boolean loud = alarm.state() == AlarmState.FIRING && alarm.severity() != Severity.INFO;
    return loud ? Level.WARN : Level.INFO;
  }

  private static String line(AlarmGroup group) {
    Alarm first = group.first();
    if (first.state() != AlarmState.FIRING) {
      return "run %s: %s on %s has cleared".formatted(first.run(), first.name(), group.places());
    }
    String line =
        "run %s: %s (%s) fires on %s since step %d"
            .formatted(
                first.run(),
                first.name(),
                first.severity().name().toLowerCase(Locale.ROOT),
                group.places(),
                first.sinceStep());
    if (group.alarms().size() > 1) {
      line += ", first on " + (first.layer().isEmpty() ? first.chain() : first.layer());
    }
    return line + ": " + first.reason();
  }
}
