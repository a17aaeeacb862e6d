package dev.sinkwatch.dashboard.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.Severity;
import dev.sinkwatch.dashboard.silence.Silencing;
import java.util.Locale;

/** Alarms as JSON objects; infinite and undefined numbers are null. */
public final class AlarmJson {

  /** Names of a group's layers or chains that are told. */
  private static final int NAMES = 10;

  private AlarmJson() {}

  /** The same as {@link #alarm(Alarm)}, with {@code silencedUntil} while it is silenced. */
  public static ObjectNode alarm(Alarm alarm, Silencing silencing) {
    ObjectNode json = alarm(alarm);
    Long until = silencing.until(alarm);
    if (until != null) {
      json.put("silencedUntil", until);
    }
    return json;
  }

  /** One object an alarm; {@code since} is in milliseconds since 1970. */
  public static ObjectNode alarm(Alarm alarm) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("run", alarm.run());
    json.put("chain", alarm.chain());
    json.put("layer", alarm.layer());
    json.put("alarm", alarm.name());
    json.put("severity", alarm.severity().name().toLowerCase(Locale.ROOT));
    json.put("state", alarm.state().name().toLowerCase(Locale.ROOT));
    json.put("sinceStep", alarm.sinceStep());
    json.put("since", alarm.sinceMillis());
    put(json, "value", alarm.value());
    put(json, "threshold", alarm.threshold());
    if (alarm.projectedStep() != null) {
      json.put("projectedStep", alarm.projectedStep());
    }
    reason(json, alarm);
    return json;
  }

  /**
   * Its words are of the verdict that brought it into its state, but for an alarm with a projected
   * step: that is told anew whenever the projection moves, of a step that nobody keeps.
   */
  private static void reason(ObjectNode json, Alarm alarm) {
    json.put("reason", alarm.reason());
    if (alarm.projectedStep() == null) {
      json.put("reasonStep", alarm.sinceStep());
    }
  }

  /**
   * One object a group: what its alarms have in common, how many they are and how many of them are
   * silenced, the first of their names, and the words of the first.
   */
  public static ObjectNode group(AlarmGroup group, Silencing silencing) {
    Alarm first = group.first();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("run", first.run());
    json.put("alarm", first.name());
    json.put("severity", first.severity().name().toLowerCase(Locale.ROOT));
    json.put("state", first.state().name().toLowerCase(Locale.ROOT));
    json.put("count", group.alarms().size());
    json.put(
        "silenced",
        group.alarms().stream().filter(alarm -> silencing.until(alarm) != null).count());
    json.put("on", group.places());
    ArrayNode names = json.putArray("names");
    group.alarms().stream()
        .limit(NAMES)
        .map(alarm -> alarm.layer().isEmpty() ? alarm.chain() : alarm.layer())
        .filter(name -> !name.isEmpty())
        .forEach(names::add);
    json.put("sinceStep", first.sinceStep());
    json.put("since", first.sinceMillis());
    if (group.projectedStep() != null) {
      json.put("projectedStep", group.projectedStep());
    }
    reason(json, first);
    return json;
  }

  /**
   * Reads what {@link #alarm} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static Alarm read(JsonNode json) {
    return new Alarm(
        json.path("run").asText(),
        json.path("chain").asText(),
        json.path("layer").asText(),
        json.path("alarm").asText(),
        Severity.valueOf(json.path("severity").asText().toUpperCase(Locale.ROOT)),
        AlarmState.valueOf(json.path("state").asText().toUpperCase(Locale.ROOT)),
        json.path("sinceStep").asLong(),
        json.path("since").asLong(),
        json.path("value").asDouble(Double.NaN),
        json.path("threshold").asDouble(Double.NaN),
        json.has("projectedStep") ? (Long) json.path("projectedStep").asLong() : null,
        json.path("reason").asText());
  }

  /** A number; null if JSON has none for it. */
  public static void put(ObjectNode json, String key, double value) {
    if (Double.isFinite(value)) {
      json.put(key, value);
    } else {
      json.putNull(key);
    }
  }
}
