package dev.sinkwatch.dashboard.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.Severity;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.dashboard.runs.AlarmJson;
import dev.sinkwatch.dashboard.silence.Silencing;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/** One run in short. */
final class RunSummary {

  private RunSummary() {}

  /** Its figures are those of the newest attempt. */
  static ObjectNode json(RunRecord run, List<LayerRecord> layers, Silencing silencing) {
    List<LayerRecord> current =
        layers.stream().filter(layer -> layer.latest().id().attempt() == run.attempt()).toList();
    List<LayerRecord> operators = current.stream().filter(LayerRecord::operator).toList();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("run", run.run());
    json.put("attempt", run.attempt());
    json.put("step", run.step());
    json.put("layers", current.size());
    json.put("operators", operators.size());
    json.put("truncated", run.truncated());
    json.put("observable", !operators.isEmpty());
    json.putNull("sigma2Min");
    json.putNull("sigma2MinLayer");
    operators.stream()
        .filter(layer -> Double.isFinite(layer.latest().get(Figure.SIGMA2)))
        .min(Comparator.comparingDouble(layer -> layer.latest().get(Figure.SIGMA2)))
        .ifPresent(least -> {
          json.put("sigma2Min", least.latest().get(Figure.SIGMA2));
          json.put("sigma2MinLayer", least.name());
        });
    ArrayNode chains = json.putArray("chains");
    run.chains().forEach(chain -> chains.add(summary(chain.latest())));
    List<Alarm> alarms = run.alarms();
    ObjectNode counts = json.putObject("alarmCounts");
    counts.put("critical", firing(alarms, Severity.CRITICAL));
    counts.put("warning", firing(alarms, Severity.WARNING));
    counts.put("info", firing(alarms, Severity.INFO));
    counts.put("pending", alarms.stream().filter(a -> a.state() == AlarmState.PENDING).count());
    counts.put("silenced", alarms.stream().filter(a -> silencing.until(a) != null).count());
    json.put("last", run.lastMillis());
    json.set("worst", worst(alarms));
    words(json.putArray("profiles"), operators, LayerVerdict::profile);
    words(json.putArray("observability"), operators, v -> v.observability().wireName());
    return json;
  }

  /** The loudest alarm that fires, or null. */
  private static JsonNode worst(List<Alarm> alarms) {
    if (alarms.isEmpty() || alarms.getFirst().state() != AlarmState.FIRING) {
      return NullNode.getInstance();
    }
    return AlarmJson.alarm(alarms.getFirst())
        .retain(
            "alarm",
            "severity",
            "state",
            "layer",
            "chain",
            "reason",
            "reasonStep",
            "sinceStep",
            "since");
  }

  private static void words(
      ArrayNode array, List<LayerRecord> layers, Function<LayerVerdict, String> word) {
    layers.stream().map(layer -> word.apply(layer.latest())).distinct().forEach(array::add);
  }

  private static long firing(List<Alarm> alarms, Severity severity) {
    return alarms.stream()
        .filter(alarm -> alarm.state() == AlarmState.FIRING && alarm.severity() == severity)
        .count();
  }

  private static ObjectNode summary(ChainVerdict chain) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("chain", chain.chain());
    json.put("n", chain.n());
    json.put("step", chain.step());
    json.put("operators", chain.operators());
    json.put("networkEffectiveDepth", chain.networkEffectiveDepth());
    json.put("compositeEffectiveDepth", chain.compositeEffectiveDepth());
    AlarmJson.put(json, "depthGain", chain.lastDepthGain());
    AlarmJson.put(json, "compositeGain", RunRecord.lastCompositeGain(chain));
    AlarmJson.put(json, "snrCeiling", chain.snrCeiling());
    AlarmJson.put(json, "snrCritical", chain.snrCritical());
    return json;
  }
}
