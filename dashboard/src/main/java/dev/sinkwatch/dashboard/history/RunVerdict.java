package dev.sinkwatch.dashboard.history;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.Severity;
import dev.sinkwatch.dashboard.runs.AlarmJson;
import dev.sinkwatch.dashboard.silence.Silencing;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether a run should go on, for a training loop that asks: {@code stop} while a critical alarm
 * fires that is not silenced; {@code warn} while a silenced one or a warning fires, a critical
 * alarm is pending, or nothing of the run can be observed; else {@code ok}. What an earlier attempt
 * came to says nothing of this one.
 */
final class RunVerdict {

  private RunVerdict() {}

  static ObjectNode json(RunRecord run, Silencing silencing) {
    List<Alarm> alarms = run.alarmsOfAttempt();
    Predicate<Alarm> loud = alarm -> silencing.until(alarm) == null;
    Optional<Alarm> stop = first(alarms, loud.and(RunVerdict::stops));
    Optional<Alarm> warn = first(alarms, loud.and(RunVerdict::warns));
    Optional<Alarm> silenced = first(alarms, loud.negate().and(RunVerdict::tells));
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("run", run.run());
    if (stop.isPresent()) {
      put(json, "stop", line(stop.get()));
    } else if (warn.isPresent()) {
      put(json, "warn", line(warn.get()));
    } else if (silenced.isPresent()) {
      put(json, "warn", line(silenced.get()) + silenced(silencing.until(silenced.get())));
    } else if (!run.observable()) {
      put(json, "warn", "not observable: none of its layers is a mixer");
    } else {
      put(json, "ok", "no alarm is critical or a warning");
    }
    json.put("attempt", run.attempt());
    json.put("step", run.step());
    ArrayNode array = json.putArray("alarms");
    alarms.forEach(alarm -> array.add(AlarmJson.alarm(alarm, silencing)));
    return json;
  }

  private static void put(ObjectNode json, String verdict, String reason) {
    json.put("verdict", verdict);
    json.put("reason", reason);
  }

  /** The loudest of those, which are in that order. */
  private static Optional<Alarm> first(List<Alarm> alarms, Predicate<Alarm> which) {
    return alarms.stream().filter(which).findFirst();
  }

  private static boolean stops(Alarm alarm) {
    return alarm.severity() == Severity.CRITICAL && alarm.state() == AlarmState.FIRING;
  }

  private static boolean warns(Alarm alarm) {
    return (alarm.severity() == Severity.WARNING && alarm.state() == AlarmState.FIRING)
        || (alarm.severity() == Severity.CRITICAL && alarm.state() == AlarmState.PENDING);
  }

  private static boolean tells(Alarm alarm) {
    return stops(alarm) || warns(alarm);
  }

  /** It may be over since it was asked for. */
  private static String silenced(@Nullable Long until) {
    return until == null ? "" : " (silenced until " + Instant.ofEpochMilli(until) + ")";
  }

  private static String line(Alarm alarm) {
    String where = alarm.layer().isEmpty() ? alarm.chain() : alarm.layer();
    return alarm.name()
        + (alarm.state() == AlarmState.PENDING ? " is pending" : "")
        + (where.isEmpty() ? "" : " on " + where)
        + " since step "
        + alarm.sinceStep()
        + ": "
        + alarm.reason();
  }
}
