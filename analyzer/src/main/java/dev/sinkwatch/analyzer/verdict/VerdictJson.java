package dev.sinkwatch.analyzer.verdict;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.ingest.Activation;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verdicts as JSON objects; infinite and undefined numbers are null. Stateless.
 *
 * <p>A layer's object read back is equal to the one written: null is infinite for the figures that
 * count up to an event which may never come, and undefined for all others.
 */
public final class VerdictJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Never undefined, but infinite when what they count up to does not happen. */
  private static final Set<Figure> COUNTS =
      EnumSet.of(Figure.EFFECTIVE_DEPTH, Figure.ITERATIONS_TO_TOLERANCE);

  private VerdictJson() {}

  /** One object a snapshot, with figures as top-level keys, without the matrix. */
  public static ObjectNode layer(LayerVerdict verdict) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("run", verdict.id().run());
    json.put("attempt", verdict.id().attempt());
    json.put("layer", verdict.id().layer());
    json.put("step", verdict.id().step());
    json.put("kind", verdict.kind().wireName());
    json.put("observability", verdict.observability().wireName());
    json.put("profile", verdict.profile());
    if (verdict.projectionAssumed()) {
      json.put("projectionAssumed", true);
    }
    ArrayNode shape = json.putArray("shape");
    verdict.shape().dimensions().forEach(shape::add);
    json.put("nonFinite", verdict.nonFinite());
    if (verdict.n() > 0) {
      json.put("n", verdict.n());
      ArrayNode order = json.putArray("order");
      verdict.order().forEach(order::add);
    }
    if (verdict.batch() > 0) {
      json.put("batch", verdict.batch());
    }
    json.put("passes", verdict.passes());
    verdict.figures().forEach((figure, value) -> put(json, figure.key(), value));
    put(json, "sigma2Batch", verdict.sigma2Batch());
    put(json, "residualBatch", verdict.residualBatch());
    if (verdict.operators() != null) {
      json.put("operators", verdict.operators());
    }
    if (verdict.activation() != null) {
      json.put("activation", verdict.activation().wireName());
    }
    if (!verdict.missing().isEmpty()) {
      ArrayNode missing = json.putArray("partsMissing");
      verdict
          .missing()
          .forEach(part ->
              missing
                  .addObject()
                  .put("tensor", part.tensor())
                  .put("cause", part.cause().wireName()));
    }
    names(json, "alarms", verdict.alarms());
    json.put("appended", verdict.appendedMillis());
    return json;
  }

  /** What goes on the verdicts topic: the object with its {@code matrix}, if it has one. */
  public static byte[] layerBytes(LayerVerdict verdict) {
    ObjectNode json = layer(verdict);
    if (verdict.matrix() != null) {
      put(json, "matrix", verdict.matrix());
    }
    return bytes(json);
  }

  /** One object a step of a chain. */
  public static ObjectNode chain(ChainVerdict verdict) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("network", true);
    json.put("run", verdict.run());
    json.put("attempt", verdict.attempt());
    json.put("step", verdict.step());
    json.put("chain", verdict.chain());
    json.put("operators", verdict.operators());
    json.put("n", verdict.n());
    names(json, "layers", verdict.layers());
    names(json, "operatorsMissing", verdict.missing());
    json.put("observability", verdict.observability().wireName());
    if (verdict.projectionAssumed()) {
      json.put("projectionAssumed", true);
    }
    json.put("proxy", verdict.proxy());
    put(json, "depthGain", verdict.depthGain());
    if (verdict.depthGainFromDecay() != null) {
      put(json, "depthGainFromDecay", verdict.depthGainFromDecay());
    }
    json.put("networkEffectiveDepth", verdict.networkEffectiveDepth());
    put(json, "extrapolatedDepth", verdict.extrapolatedDepth());
    if (verdict.n() > 2) {
      put(json, "snrCeiling", verdict.snrCeiling());
      put(json, "cosineCeiling", verdict.cosineCeiling());
      put(json, "snrCritical", verdict.snrCritical());
    }
    put(json, "noiseAmplitude", verdict.noiseAmplitude());
    json.put("assumed", verdict.noiseAssumed());
    if (verdict.compositeGain() != null) {
      put(json, "compositeGain", verdict.compositeGain());
      json.put("compositeEffectiveDepth", verdict.compositeEffectiveDepth());
      put(json, "gainForward", verdict.gainForward());
      put(json, "gainBackward", verdict.gainBackward());
      put(json, "gainSpread", verdict.gainSpread());
    }
    put(json, "sigma2Min", verdict.sigma2Min());
    names(json, "alarms", verdict.alarms());
    return json;
  }

  /** The object as UTF-8, on one line. */
  public static byte[] bytes(JsonNode json) {
    try {
      return MAPPER.writeValueAsBytes(json);
    } catch (IOException e) {
      throw new IllegalStateException("JSON trees can always be written", e);
    }
  }

  /**
   * Reads what {@link #layerBytes} wrote.
   *
   * @throws IOException when the bytes are not a layer's verdict
   */
  public static LayerVerdict readLayer(byte[] json) throws IOException {
    try {
      return layer(MAPPER.readTree(json));
    } catch (JsonProcessingException e) {
      throw new IOException("not a layer's verdict: " + e.getOriginalMessage(), e);
    } catch (RuntimeException e) {
      throw new IOException("not a layer's verdict: " + e.getMessage(), e);
    }
  }

  private static LayerVerdict layer(JsonNode node) {
    Figures.Builder figures = new Figures.Builder();
    for (Figure figure : Figure.values()) {
      JsonNode value = node.get(figure.key());
      if (value != null) {
        boolean infinite = value.isNull() && COUNTS.contains(figure);
        figures.set(figure, infinite ? Double.POSITIVE_INFINITY : number(value));
      }
    }
    List<Long> shape = new ArrayList<>();
    node.required("shape").forEach(d -> shape.add(d.asLong()));
    List<Integer> order = new ArrayList<>();
    node.path("order").forEach(o -> order.add(o.asInt()));
    List<String> alarms = new ArrayList<>();
    node.path("alarms").forEach(a -> alarms.add(a.asText()));
    return new LayerVerdictBuilder(
            new SnapshotId(
                node.required("run").asText(),
                node.path("attempt").asInt(),
                node.required("layer").asText(),
                node.required("step").asLong()),
            Kind.named(node.required("kind").asText()).orElseThrow(),
            new Shape(shape))
        .observability(Observability.named(node.required("observability").asText()).orElseThrow())
        .profile(node.path("profile").asText("generic"))
        .projectionAssumed(node.path("projectionAssumed").asBoolean())
        .operator(node.path("n").asInt(), node.path("batch").asInt(), order)
        .passes(node.path("passes").asInt())
        .nonFinite(node.path("nonFinite").asLong())
        .figures(figures.build())
        .sigma2Batch(spread(node.get("sigma2Batch")))
        .residualBatch(spread(node.get("residualBatch")))
        .matrix(node.has("matrix") ? operators(node) : null)
        .operators(node.has("operators") ? (Integer) node.get("operators").asInt() : null)
        .activation(
            node.has("activation")
                ? Activation.named(node.get("activation").asText()).orElseThrow()
                : null)
        .alarms(alarms)
        .appendedMillis(node.path("appended").asLong())
        .missing(missing(node.path("partsMissing")))
        .build();
  }

  private static List<MissingPart> missing(JsonNode node) {
    List<MissingPart> missing = new ArrayList<>();
    node.forEach(part ->
        missing.add(
            new MissingPart(
                part.required("tensor").asText(),
                MissingPart.Cause.named(part.required("cause").asText()).orElseThrow())));
    return missing;
  }

  private static double[] operators(JsonNode node) {
    double[] values = numbers(node.get("matrix"));
    long n = node.path("n").asInt();
    long batch = node.path("batch").asInt();
    if (n < 1 || values.length % (n * n) != 0 || values.length > batch * n * n) {
      throw new IllegalArgumentException(
          "a matrix of %d values for %d operators of size %d".formatted(values.length, batch, n));
    }
    return values;
  }

  private static @Nullable BatchSpread spread(@Nullable JsonNode node) {
    return node == null
        ? null
        : new BatchSpread(
            number(node.get("min")),
            number(node.get("median")),
            number(node.get("p95")),
            number(node.get("max")),
            node.required("argmin").asInt(),
            node.required("argmax").asInt());
  }

  private static double[] numbers(JsonNode array) {
    double[] values = new double[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = number(array.get(i));
    }
    return values;
  }

  private static double number(@Nullable JsonNode node) {
    return node == null || node.isNull() ? Double.NaN : node.asDouble();
  }

  private static void put(ObjectNode json, String key, double value) {
    if (Double.isFinite(value)) {
      json.put(key, value);
    } else {
      json.putNull(key);
    }
  }

  private static void put(ObjectNode json, String key, @Nullable BatchSpread spread) {
    if (spread != null) {
      ObjectNode batch = json.putObject(key);
      put(batch, "min", spread.min());
      put(batch, "median", spread.median());
      put(batch, "p95", spread.p95());
      put(batch, "max", spread.max());
      batch.put("argmin", spread.argmin());
      batch.put("argmax", spread.argmax());
    }
  }

  private static void put(ObjectNode json, String key, double[] values) {
    ArrayNode array = json.putArray(key);
    for (double value : values) {
      if (Double.isFinite(value)) {
        array.add(value);
      } else {
        array.addNull();
      }
    }
  }

  private static void names(ObjectNode json, String key, List<String> names) {
    ArrayNode array = json.putArray(key);
    names.forEach(name -> array.add(Objects.requireNonNull(name)));
  }
}
