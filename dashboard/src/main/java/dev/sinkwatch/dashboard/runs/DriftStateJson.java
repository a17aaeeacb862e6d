package dev.sinkwatch.dashboard.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.alarm.DriftState;
import dev.sinkwatch.analyzer.alarm.DriftState.Point;
import java.util.ArrayList;
import java.util.List;

/** How a gain stands against the level that it held, as a JSON object. Stateless. */
final class DriftStateJson {

  private DriftStateJson() {}

  static ObjectNode drift(DriftState state) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("seen", state.seen());
    json.put("mean", state.mean());
    json.put("level", state.level());
    ArrayNode recent = json.putArray("recent");
    state.recent().forEach(recent::add);
    json.put("narrow", state.narrow());
    json.put("wide", state.wide());
    json.put("sum", state.sum());
    json.put("limit", state.limit());
    ArrayNode path = json.putArray("path");
    state.path().forEach(point -> path.addArray().add(point.step()).add(point.value()));
    json.put("stride", state.stride());
    json.put("skipped", state.skipped());
    return json;
  }

  /**
   * Reads what {@link #drift} wrote; what is absent was written before there was any.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static DriftState read(JsonNode json) {
    if (json.isMissingNode()) {
      return DriftState.NONE;
    }
    List<Double> recent = new ArrayList<>();
    json.path("recent").forEach(value -> recent.add(number(value)));
    List<Point> path = new ArrayList<>();
    json.path("path")
        .forEach(point -> path.add(new Point(point.path(0).asLong(), number(point.path(1)))));
    return new DriftState(
        json.path("seen").asInt(),
        number(json.path("mean")),
        number(json.path("level")),
        recent,
        number(json.path("narrow")),
        number(json.path("wide")),
        number(json.path("sum")),
        number(json.path("limit")),
        path,
        json.path("stride").asInt(),
        json.path("skipped").asInt());
  }

  private static double number(JsonNode json) {
    if (!json.isNumber() || !Double.isFinite(json.asDouble())) {
      throw new IllegalArgumentException("a drift without one of its numbers");
    }
    return json.asDouble();
  }
}
