package dev.sinkwatch.dashboard.metrics;

import dev.sinkwatch.dashboard.http.MetricsPage;
import dev.sinkwatch.ingest.Ledger;
import dev.sinkwatch.ingest.Reason;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The monitor's own meters, and the page that shows all of them. Every scrape reads the ledger
 * once, so that in one scrape received = the outcomes + in flight. Safe for use by several threads.
 */
public final class ServiceMetrics implements MetricsPage, AutoCloseable {
  private static final String OPEN_METRICS_TYPE = "application/openmetrics-text";
  private static final String OPEN_METRICS = OPEN_METRICS_TYPE + "; version=1.0.0; charset=utf-8";
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Ledger ledger;
  private final Timer analysis;
  private final Timer endToEnd;
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private volatile Ledger.Reading reading;

  public ServiceMetrics(Ledger ledger, String version) {
    this.ledger = ledger;
    this.reading = ledger.read();
    new ProcessMeters().bindTo(registry); // the first, because of its filters
    counter("sinkwatch.shards.received", Ledger.Reading::received);
    for (String outcome : reading.outcomes().keySet()) {
      counter("sinkwatch.shards", r -> r.outcomes().getOrDefault(outcome, 0L), "outcome", outcome);
    }
    for (Reason reason : Reason.values()) {
      counter(
          "sinkwatch.rejected",
          r -> r.rejections().getOrDefault(reason, 0L),
          "reason",
          reason.wireName());
    }
    counter("sinkwatch.records.misrouted", Ledger.Reading::misrouted);
    counter("sinkwatch.records.expired", Ledger.Reading::expired);
    counter("sinkwatch.ingest.bytes", Ledger.Reading::bytes);
    gauge("sinkwatch.shards.in.flight", () -> (double) reading.inFlight());
    Gauge.builder("sinkwatch.build.info", () -> 1)
        .description(Help.of("sinkwatch.build.info"))
        .tag("version", version)
        .tag("java", Runtime.version().toString())
        .register(registry);
    analysis = histogram("sinkwatch.analysis", Duration.ofNanos(100_000), Duration.ofMinutes(1));
    endToEnd = histogram("sinkwatch.end.to.end", Duration.ofMillis(5), Duration.ofMinutes(10));
    FunctionCounter.builder("sinkwatch.snapshots.analyzed", endToEnd, Timer::count)
        .description(Help.of("sinkwatch.snapshots.analyzed"))
        .register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    collections.bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /** What became of the shards, at this instant. */
  Ledger.Reading read() {
    return ledger.read();
  }

  /** A gauge that is read at each scrape. */
  public void gauge(String name, DoubleSupplier value) {
    Gauge.builder(name, value, DoubleSupplier::getAsDouble)
        .description(Help.of(name))
        .strongReference(true)
        .register(registry);
  }

  /** A counter that somebody else counts. */
  public void counter(String name, LongSupplier count) {
    // what it is given as an object is held weakly, and a supplier is nobody else's
    FunctionCounter.builder(name, this, metrics -> count.getAsLong())
        .description(Help.of(name))
        .register(registry);
  }

  /**
   * A snapshot was judged and its verdict is safe.
   *
   * @param analysisNanos what judging took
   * @param endToEndMillis from the oldest append of its shards to the acknowledged verdict
   */
  public void analyzed(long analysisNanos, long endToEndMillis) {
    analysis.record(Duration.ofNanos(analysisNanos));
    endToEnd.record(Duration.ofMillis(Math.max(0, endToEndMillis)));
  }

  @Override
  public synchronized Scrape scrape(@Nullable String acceptHeader) {
    reading = ledger.read();
    boolean openMetrics = acceptHeader != null && acceptHeader.contains(OPEN_METRICS_TYPE);
    String contentType = openMetrics ? OPEN_METRICS : TEXT;
    ByteArrayOutputStream body = new ByteArrayOutputStream(64 << 10);
    try {
      registry.scrape(body, contentType);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Scrape(contentType, body.toByteArray());
  }

  private void counter(String name, ToDoubleFunction<Ledger.Reading> count, String... labels) {
    FunctionCounter.builder(name, this, metrics -> count.applyAsDouble(metrics.reading))
        .description(Help.of(name))
        .tags(labels)
        .register(registry);
  }

  private Timer histogram(String name, Duration least, Duration most) {
    return Timer.builder(name)
        .description(Help.of(name))
        .publishPercentileHistogram()
        .minimumExpectedValue(least)
        .maximumExpectedValue(most)
        .register(registry);
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
