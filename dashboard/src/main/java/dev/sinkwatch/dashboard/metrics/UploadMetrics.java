package dev.sinkwatch.dashboard.metrics;

import dev.sinkwatch.dashboard.upload.UploadListener;
import dev.sinkwatch.dashboard.upload.UploadOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;

/** What came over HTTP, and what became of it. */
public final class UploadMetrics implements UploadListener {
  private final MeterRegistry registry;
  private final Map<UploadOutcome, Counter> outcomes = new EnumMap<>(UploadOutcome.class);
  private final Counter bytes;

  public UploadMetrics(MeterRegistry registry) {
    this.registry = registry;
    for (UploadOutcome outcome : UploadOutcome.values()) {
      outcomes.put(
          outcome, counter("sinkwatch.http.ingest.requests", "outcome", outcome.wireName()));
    }
    bytes = counter("sinkwatch.http.ingest.bytes");
  }

  @Override
  public void received(long more) {
    bytes.increment((double) more);
  }

  @Override
  public void ended(UploadOutcome outcome, String reason) {
    Counter counter = outcomes.get(outcome);
    if (counter != null) {
      counter.increment();
    }
    if (outcome == UploadOutcome.REJECTED || outcome == UploadOutcome.TOO_LARGE) {
      // as many series as there are reasons that occur
      counter("sinkwatch.http.ingest.rejected", "reason", reason).increment();
    }
  }

  private Counter counter(String name, String... labels) {
    return Counter.builder(name).description(Help.of(name)).tags(labels).register(registry);
  }
}
