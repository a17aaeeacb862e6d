package dev.sinkwatch.dashboard.silence;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Silences as JSON objects: as they are told, as they lie on the topic, and as they are wished. */
public final class SilenceJson {
  /** Longest value of a record, and body of a request, that is read. */
  public static final int MOST_BYTES = 16 << 10;

  private static final long SLACK_MILLIS = Duration.ofDays(1).toMillis();
  private static final Set<String> WISHES =
      Set.of("run", "alarm", "layer", "until", "seconds", "reason");
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private SilenceJson() {}

  public static ObjectNode silence(Silence silence) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", silence.id())
        .put("run", silence.run())
        .put("alarm", silence.alarm())
        .put("layer", silence.layer())
        .put("until", silence.until())
        .put("by", silence.by())
        .put("reason", silence.reason())
        .put("created", silence.created());
  }

  /**
   * @param nowMillis the monitor's time, milliseconds since 1970
   */
  public static ObjectNode list(List<Silence> silences, long nowMillis) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("now", nowMillis);
    ArrayNode array = json.putArray("silences");
    silences.forEach(silence -> array.add(silence(silence)));
    return json;
  }

  static byte[] bytes(Silence silence) {
    return silence(silence).toString().getBytes(UTF_8);
  }

  /**
   * Reads what {@link #bytes} wrote; it may be over.
   *
   * @param id of its key
   * @throws SilenceException if it is something else
   */
  static Silence read(String id, byte[] value, long nowMillis) throws SilenceException {
    JsonNode json = object(value);
    Silence silence =
        new Silence(
            text(json, "id"),
            text(json, "run"),
            text(json, "alarm"),
            text(json, "layer"),
            whole(json, "until"),
            text(json, "by"),
            text(json, "reason"),
            whole(json, "created"));
    if (!silence.id().equals(id)) {
      throw SilenceException.invalid("its key names another silence");
    }
    SilenceRules.check(silence, nowMillis, SLACK_MILLIS);
    return silence;
  }

  /**
   * The silence that somebody wishes: {@code run}, {@code alarm}, {@code reason}, {@code until} or
   * {@code seconds} from now, and {@code layer} if it is not for all.
   *
   * @throws SilenceException if it may not be
   */
  static Silence wished(byte[] body, String by, long nowMillis) throws SilenceException {
    JsonNode json = object(body);
    for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
      if (!WISHES.contains(names.next())) {
        throw SilenceException.invalid(
            "only run, alarm, layer, until or seconds, and reason are known");
      }
    }
    if (json.has("until") == json.has("seconds")) {
      throw SilenceException.invalid("give until, in milliseconds since 1970, or seconds");
    }
    Silence silence =
        new Silence(
            UUID.randomUUID().toString(),
            text(json, "run"),
            text(json, "alarm"),
            json.has("layer") ? text(json, "layer") : Silence.ANY,
            json.has("until") ? whole(json, "until") : end(nowMillis, whole(json, "seconds")),
            by,
            text(json, "reason").strip(),
            nowMillis);
    if (silence.over(nowMillis)) {
      throw SilenceException.invalid("its end is in the past");
    }
    SilenceRules.check(silence, nowMillis, 0);
    return silence;
  }

  /** Far away, but no overflow, when there are too many seconds. */
  private static long end(long nowMillis, long seconds) {
    return nowMillis + 1000 * Math.clamp(seconds, 0, 2 * SilenceRules.LONGEST.toSeconds());
  }

  private static JsonNode object(byte[] bytes) throws SilenceException {
    if (bytes.length > MOST_BYTES) {
      throw SilenceException.invalid("a silence of more than " + MOST_BYTES + " bytes");
    }
    try {
      JsonNode json = MAPPER.readTree(bytes);
      if (json.isObject()) {
        return json;
      }
    } catch (JsonProcessingException e) {
      throw SilenceException.invalid("not JSON: " + line(e.getOriginalMessage()));
    } catch (IOException e) {
      throw SilenceException.invalid("not JSON: " + line(String.valueOf(e.getMessage())));
    }
    throw SilenceException.invalid("a JSON object is expected");
  }

  /** Jackson quotes what it did not understand, which may be anything. */
  private static String line(String message) {
    return message.lines().findFirst().orElse("").replaceAll("\\p{IsControl}", "?");
  }

  private static String text(JsonNode json, String key) throws SilenceException {
    JsonNode value = json.path(key);
    if (!value.isTextual()) {
      throw SilenceException.invalid(key + " must be a string");
    }
    return value.textValue();
  }

  private static long whole(JsonNode json, String key) throws SilenceException {
    JsonNode value = json.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw SilenceException.invalid(key + " must be a whole number");
    }
    return value.longValue();
  }
}
