package dev.sinkwatch.dashboard.history;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.Severity;
import dev.sinkwatch.dashboard.runs.AlarmJson;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Whether a run should go on, for a training loop that asks: {@code stop} while a critical alarm
 * fires; {@code warn} while a warning fires, a critical alarm is pending, or nothing of the run can
 * be observed; else {@code ok}. What an earlier attempt came to says nothing of this one.
 */
final class RunVerdict {

  private RunVerdict() {}

  static ObjectNode json(RunRecord run) {
    List<Alarm> alarms = run.alarmsOfAttempt();
    Optional<Alarm> stop = first(alarms, RunVerdict::stops);
    Optional<Alarm> warn = first(alarms, RunVerdict::warns);
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("run", run.run());
    if (stop.isPresent()) {
      put(json, "stop", line(stop.get()));
    } else if (warn.isPresent()) {
      put(json, "warn", line(warn.get()));
    } else if (!run.observable()) {
      put(json, "warn", "not observable: none of its layers is a mixer");
    } else {
      put(json, "ok", "no alarm is critical or a warning");
    }
    json.put("attempt", run.attempt());
    json.put("step", run.step());
    ArrayNode array = json.putArray("alarms");
    alarms.forEach(alarm -> array.add(AlarmJson.alarm(alarm)));
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
