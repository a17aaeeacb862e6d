package dev.sinkwatch.dashboard.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Ledger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ServiceMetricsTest {

  /** Micrometer holds what it asks weakly. */
  @Test
  void aCounterWhoseSupplierNobodyElseHoldsGoesOn() {
    AtomicLong passedBy = new AtomicLong();
    try (ServiceMetrics metrics = new ServiceMetrics(new Ledger(), "test")) {
      metrics.counter("sinkwatch.verdicts.passed.by", passedBy::get);
      System.gc();
      passedBy.set(7);
      assertThat(new String(metrics.scrape(null).body(), UTF_8))
          .contains("sinkwatch_verdicts_passed_by_total 7.0\n");
    }
  }
}
