package dev.sinkwatch.dashboard.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.ingest.Ledger;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How the monitor itself does, as one JSON object, read from the meters that the metrics page
 * shows. What nothing is known of is null. Safe for use by several threads.
 */
public final class ServiceStatus implements Supplier<ObjectNode> {
  private final ServiceMetrics metrics;
  private final MeterRegistry registry;
  private final String version;
  private final Supplier<List<String>> unready;
  private final InstantSource clock;

  /**
   * @param unready reasons why the monitor is not ready, each a line; empty when it is
   */
  public ServiceStatus(
      ServiceMetrics metrics, String version, Supplier<List<String>> unready, InstantSource clock) {
    this.metrics = metrics;
    this.registry = metrics.registry();
    this.version = version;
    this.unready = unready;
    this.clock = clock;
  }

  @Override
  public ObjectNode get() {
    Ledger.Reading shards = metrics.read();
    List<String> reasons = unready.get();
    ObjectNode json = object();
    json.put("now", clock.millis());
    json.put("version", version);
    json.put("startedAt", startedMillis());
    json.put("ready", reasons.isEmpty());
    ArrayNode reasonsJson = json.putArray("reasons");
    reasons.forEach(reasonsJson::add);
    put(json, "consumerLagRecords", gauge("sinkwatch.consumer.lag.records"));
    put(json, "consumerLagSeconds", gauge("sinkwatch.consumer.lag.seconds"));
    json.put("shardsReceived", shards.received());
    ObjectNode outcomes = json.putObject("outcomes");
    shards.outcomes().forEach(outcomes::put);
    json.put("inFlight", shards.inFlight());
    put(json, "bufferedBytes", gauge("sinkwatch.buffered.bytes"));
    json.put("ingestBytes", shards.bytes());
    json.put("misrouted", shards.misrouted());
    json.put("expired", shards.expired());
    ObjectNode rejected = json.putObject("rejected");
    shards.rejections().forEach((reason, count) -> rejected.put(reason.wireName(), count));
    put(json, "snapshotsAnalyzed", counted("sinkwatch.snapshots.analyzed"));
    json.set("endToEndSeconds", seconds("sinkwatch.end.to.end"));
    json.set("analysisSeconds", seconds("sinkwatch.analysis"));
    put(json, "streams", gauge("sinkwatch.stream.clients"));
    put(json, "eventsDropped", counted("sinkwatch.stream.events.dropped"));
    json.set("canary", canary());
    return json;
  }

  /** Null without any. */
  private JsonNode canary() {
    if (registry.find("sinkwatch.canary.late").counter() == null) {
      return NullNode.getInstance();
    }
    ObjectNode json = object();
    for (String of : List.of("published", "answered", "lost", "late", "wrong")) {
      json.put(of, (long) sum("sinkwatch.canary." + of));
    }
    put(json, "inFlight", gauge("sinkwatch.canary.in.flight"));
    ObjectNode failures = json.putObject("failures");
    for (Counter counter : counters("sinkwatch.canary.failures")) {
      if (counter.count() > 0) {
        failures.put(counter.getId().getTag("reason"), (long) counter.count());
      }
    }
    json.set("delaySeconds", seconds("sinkwatch.canary.delay"));
    return json;
  }

  private JsonNode seconds(String name) {
    Timer timer = registry.find(name).timer();
    if (timer == null) {
      return NullNode.getInstance();
    }
    Quantiles quantiles = Quantiles.of(timer);
    ObjectNode json = object();
    json.put("count", timer.count());
    json.put("sum", timer.totalTime(TimeUnit.SECONDS));
    put(json, "p50", quantiles.at(0.5));
    put(json, "p99", quantiles.at(0.99));
    return json;
  }

  private @Nullable Long startedMillis() {
    TimeGauge started = registry.find("process.start.time").timeGauge();
    return started == null ? null : (Long) (long) started.value(TimeUnit.MILLISECONDS);
  }

  private double gauge(String name) {
    Gauge gauge = registry.find(name).gauge();
    return gauge == null ? Double.NaN : gauge.value();
  }

  private double counted(String name) {
    FunctionCounter counter = registry.find(name).functionCounter();
    return counter == null ? Double.NaN : counter.count();
  }

  private double sum(String name) {
    return counters(name).stream().mapToDouble(Counter::count).sum();
  }

  private Collection<Counter> counters(String name) {
    return registry.find(name).counters();
  }

  /** A whole number without a point; null when it is undefined. */
  private static void put(ObjectNode json, String key, double value) {
    if (!Double.isFinite(value)) {
      json.putNull(key);
    } else if (value == Math.rint(value)) {
      json.put(key, (long) value);
    } else {
      json.put(key, value);
    }
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
