package dev.sinkwatch.dashboard.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/**
 * The Kafka clients' own meters that tell an operator whether they work, in base units, with the
 * label {@code client}; read at each scrape. A client that is replaced is read on through its
 * supplier.
 */
public final class KafkaMeters implements AutoCloseable {

  /**
   * One of them.
   *
   * @param theirs its name in the client
   * @param ours its name here, less {@code sinkwatch.kafka}
   * @param unit what one of theirs is in our unit
   */
  private record Telling(String theirs, String ours, double unit, boolean counter) {
    static Telling count(String theirs, String ours) {
      return new Telling(theirs, ours, 1, true);
    }

    static Telling amount(String theirs, String ours) {
      return new Telling(theirs, ours, 1, false);
    }

    static Telling millis(String theirs, String ours) {
      return new Telling(theirs, ours, 1e-3, false);
    }

    String name() {
      return "sinkwatch.kafka." + ours;
    }
  }

  private static final List<Telling> BOTH =
      List.of(
          Telling.amount("connection-count", "connections"),
          Telling.count("failed-authentication-total", "failed.authentications"));

  private static final List<Telling> CONSUMER =
      List.of(
          Telling.amount("records-lag-max", "lag.max.records"),
          Telling.count("records-consumed-total", "consumed.records"),
          Telling.count("bytes-consumed-total", "consumed.bytes"),
          Telling.millis("fetch-latency-avg", "fetch.latency.avg.seconds"),
          Telling.millis("commit-latency-avg", "commit.latency.avg.seconds"),
          Telling.count("rebalance-total", "rebalances"),
          Telling.amount("last-heartbeat-seconds-ago", "last.heartbeat.age.seconds"));

  private static final List<Telling> PRODUCER =
      List.of(
          Telling.count("record-send-total", "sent.records"),
          Telling.count("record-error-total", "send.errors"),
          Telling.count("record-retry-total", "send.retries"),
          Telling.millis("request-latency-avg", "request.latency.avg.seconds"),
          Telling.amount("buffer-available-bytes", "buffer.available.bytes"));

  private final MeterRegistry registry;
  private final List<Meter> bound = new ArrayList<>();

  public KafkaMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Shows a consumer's meters.
   *
   * @param client what it is for
   */
  public void consumer(String client, Supplier<Map<MetricName, ? extends Metric>> metrics) {
    bind(client, metrics, BOTH);
    bind(client, metrics, CONSUMER);
  }

  /**
   * Shows a producer's meters.
   *
   * @param client what it is for
   */
  public void producer(String client, Supplier<Map<MetricName, ? extends Metric>> metrics) {
    bind(client, metrics, BOTH);
    bind(client, metrics, PRODUCER);
  }

  private void bind(
      String client, Supplier<Map<MetricName, ? extends Metric>> metrics, List<Telling> meters) {
    for (Telling meter : meters) {
      bound.add(meter.counter() ? counter(client, metrics, meter) : gauge(client, metrics, meter));
    }
  }

  private Meter counter(
      String client, Supplier<Map<MetricName, ? extends Metric>> metrics, Telling meter) {
    return FunctionCounter.builder(meter.name(), metrics, m -> read(m.get(), meter, 0))
        .description(Help.of(meter.name()))
        .tag("client", client)
        .register(registry);
  }

  private Meter gauge(
      String client, Supplier<Map<MetricName, ? extends Metric>> metrics, Telling meter) {
    return Gauge.builder(meter.name(), metrics, m -> read(m.get(), meter, Double.NaN))
        .description(Help.of(meter.name()))
        .tag("client", client)
        .strongReference(true)
        .register(registry);
  }

  /** The client's total of that name, without the ones by node, topic or partition. */
  private static double read(
      Map<MetricName, ? extends Metric> metrics, Telling meter, double absent) {
    for (Map.Entry<MetricName, ? extends Metric> entry : metrics.entrySet()) {
      MetricName id = entry.getKey();
      if (id.name().equals(meter.theirs())
          && id.tags().size() == 1
          && entry.getValue().metricValue() instanceof Number number) {
        return number.doubleValue() * meter.unit();
      }
    }
    return absent;
  }

  @Override
  public void close() {
    bound.forEach(registry::remove);
  }
}
