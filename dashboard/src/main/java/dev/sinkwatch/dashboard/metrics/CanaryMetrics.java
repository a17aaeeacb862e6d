package dev.sinkwatch.dashboard.metrics;

import dev.sinkwatch.dashboard.canary.CanaryFailure;
import dev.sinkwatch.dashboard.canary.CanaryListener;
import dev.sinkwatch.dashboard.canary.Comparison;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * What becomes of this monitor's canaries, as series that are there from the beginning: an alert on
 * the increase of a counter misses the first one if that creates the series.
 */
public final class CanaryMetrics implements CanaryListener {
  private static final String[] PATHS = {"certified", "exact"};

  private final MeterRegistry registry;
  private final Map<CanaryFailure, Counter> failures = new EnumMap<>(CanaryFailure.class);
  private final Counter late;
  private final Timer delay;

  public CanaryMetrics(MeterRegistry registry) {
    this.registry = registry;
    for (CanaryFailure reason : CanaryFailure.values()) {
      failures.put(reason, counter("sinkwatch.canary.failures", "reason", reason.wireName()));
    }
    for (String path : PATHS) {
      Counter _ = counter("sinkwatch.canary.wrong", "path", path);
      DistributionSummary _ = error(path);
    }
    late = counter("sinkwatch.canary.late");
    delay =
        Timer.builder("sinkwatch.canary.delay")
            .description(Help.of("sinkwatch.canary.delay"))
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofMillis(5))
            .maximumExpectedValue(Duration.ofMinutes(10))
            .register(registry);
  }

  @Override
  public void watched(int partition) {
    Counter _ = of("sinkwatch.canary.published", partition);
    Counter _ = of("sinkwatch.canary.answered", partition);
    Counter _ = of("sinkwatch.canary.lost", partition);
  }

  @Override
  public void published(int partition) {
    of("sinkwatch.canary.published", partition).increment();
  }

  @Override
  public void failed(CanaryFailure reason, String line) {
    Counter counter = failures.get(reason);
    if (counter != null) {
      counter.increment();
    }
  }

  @Override
  public void answered(int partition, long nanos) {
    of("sinkwatch.canary.answered", partition).increment();
    delay.record(Duration.ofNanos(nanos));
  }

  @Override
  public void lost(int partition) {
    of("sinkwatch.canary.lost", partition).increment();
  }

  @Override
  public void late(int partition, long nanos) {
    late.increment();
    delay.record(Duration.ofNanos(nanos));
  }

  @Override
  public void compared(Comparison comparison) {
    String path = comparison.exact() ? "exact" : "certified";
    if (Double.isFinite(comparison.error())) {
      error(path).record(comparison.error());
    }
    if (!comparison.right()) {
      counter("sinkwatch.canary.wrong", "path", path).increment();
    }
  }

  /** Registered once, the same one each time. */
  private Counter of(String name, int partition) {
    return counter(name, "partition", Integer.toString(partition));
  }

  private Counter counter(String name, String... labels) {
    return Counter.builder(name).description(Help.of(name)).tags(labels).register(registry);
  }

  private DistributionSummary error(String path) {
    return DistributionSummary.builder("sinkwatch.canary.error.ratio")
        .description(Help.of("sinkwatch.canary.error.ratio"))
        .tag("path", path)
        .register(registry);
  }
}
