package dev.sinkwatch.dashboard.runs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.WatchState;
import dev.sinkwatch.analyzer.alarm.WatchState.Standing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is remembered of layers and chains, as the values of the state topic: JSON objects. */
public final class WatchStateJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private WatchStateJson() {}

  /** The record's key: {@code <run>/<layer>} or, of a chain, {@code <run>#<chain>}. */
  public static String key(WatchState state) {
    return state.layer().isEmpty()
        ? state.run() + '#' + state.chain()
        : state.run() + '/' + state.layer();
  }

  public static byte[] bytes(WatchState state) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("run", state.run());
    json.put("chain", state.chain());
    json.put("layer", state.layer());
    json.put("attempt", state.attempt());
    json.put("step", state.step());
    json.put("millis", state.millis());
    json.put("seen", state.seen());
    ArrayNode warmUp = json.putArray("warmUp");
    // as text: a logarithm may be infinite, which is no number to JSON
    state.warmUp().forEach(figure -> warmUp.add(Double.toString(figure)));
    ObjectNode standings = json.putObject("standings");
    state
        .standings()
        .forEach((alarm, standing) ->
            standings
                .putObject(alarm)
                .put("state", standing.state().name().toLowerCase(Locale.ROOT))
                .put("inARow", standing.inARow()));
    ArrayNode changes = json.putArray("changes");
    state.changes().forEach(change -> changes.add(AlarmJson.alarm(change)));
    if (!state.layer().isEmpty()) {
      json.set("drift", DriftStateJson.drift(state.drift()));
    }
    return json.toString().getBytes(UTF_8);
  }

  /**
   * Reads what {@link #bytes} wrote.
   *
   * @throws IOException with one line if it is something else
   */
  public static WatchState read(byte[] value) throws IOException {
    try {
      JsonNode json = MAPPER.readTree(value);
      if (!json.path("run").isTextual()
          || json.path("chain").asText().isEmpty() == json.path("layer").asText().isEmpty()) {
        throw new IOException("it names no layer or chain of a run");
      }
      List<Double> warmUp = new ArrayList<>();
      json.path("warmUp").forEach(figure -> warmUp.add(Double.valueOf(figure.asText())));
      Map<String, Standing> standings = new HashMap<>();
      json.path("standings")
          .properties()
          .forEach(entry ->
              standings.put(
                  entry.getKey(),
                  new Standing(
                      AlarmState.valueOf(
                          entry.getValue().path("state").asText().toUpperCase(Locale.ROOT)),
                      entry.getValue().path("inARow").asInt())));
      List<Alarm> changes = new ArrayList<>();
      json.path("changes").forEach(change -> changes.add(AlarmJson.read(change)));
      return new WatchState(
          json.path("run").asText(),
          json.path("chain").asText(),
          json.path("layer").asText(),
          json.path("attempt").asInt(-1),
          json.path("step").asLong(-1),
          json.path("millis").asLong(),
          json.path("seen").asInt(),
          warmUp,
          standings,
          changes,
          DriftStateJson.read(json.path("drift")));
    } catch (JsonProcessingException e) {
      throw new IOException("not JSON: " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IOException("not the state of a layer or chain: " + e.getMessage(), e);
    }
  }
}
