package dev.sinkwatch.dashboard.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The gauges of one layer, chain, run or alarm, all read off its latest value and removed together.
 * Written by one thread, read by any.
 */
final class Series<T> {
  private final MeterRegistry registry;
  private final Tags tags;
  private final Map<String, Meter.Id> gauges = new HashMap<>();
  private volatile @Nullable T latest;

  Series(MeterRegistry registry, Tags tags) {
    this.registry = registry;
    this.tags = tags;
  }

  @Nullable T latest() {
    return latest;
  }

  void update(T value) {
    latest = value;
  }

  /**
   * Makes sure of a gauge.
   *
   * @param name with dots; labels beyond the series' own may follow
   */
  void gauge(String name, ToDoubleFunction<T> reading, String... labels) {
    String key = name + String.join("\n", labels);
    if (!gauges.containsKey(key)) {
      Gauge gauge =
          Gauge.builder(name, this, series -> series.read(reading))
              .description(Help.of(name))
              .tags(tags.and(labels))
              .strongReference(true)
              .register(registry);
      gauges.put(key, gauge.getId());
    }
  }

  /** Makes sure that the gauge of that name, without labels of its own, is not there. */
  void drop(String name) {
    Meter.Id gauge = gauges.remove(name);
    if (gauge != null) {
      registry.remove(gauge);
    }
  }

  void remove() {
    gauges.values().forEach(registry::remove);
    gauges.clear();
  }

  private double read(ToDoubleFunction<T> reading) {
    T value = latest;
    return value == null ? Double.NaN : reading.applyAsDouble(value);
  }
}
