package dev.sinkwatch.dashboard.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sinkwatch.dashboard.canary.CanaryFailure;
import dev.sinkwatch.ingest.Ledger;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.Rejection;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** How the monitor itself does. */
class ServiceStatusTest {
  private final Ledger ledger = new Ledger();
  @AutoClose private final ServiceMetrics metrics = new ServiceMetrics(ledger, "test");
  private final ServiceStatus status =
      new ServiceStatus(
          metrics, "1.2.3", List::of, InstantSource.fixed(Instant.ofEpochMilli(1234567)));

  @Test
  void allKeysAreThereThoughNothingHappened() {
    JsonNode json = status.get();
    List<String> keys = new ArrayList<>();
    json.fieldNames().forEachRemaining(keys::add);
    assertThat(keys)
        .containsExactly(
            "now",
            "version",
            "startedAt",
            "ready",
            "reasons",
            "consumerLagRecords",
            "consumerLagSeconds",
            "shardsReceived",
            "outcomes",
            "inFlight",
            "bufferedBytes",
            "ingestBytes",
            "misrouted",
            "expired",
            "rejected",
            "snapshotsAnalyzed",
            "endToEndSeconds",
            "analysisSeconds",
            "streams",
            "eventsDropped",
            "canary");
    assertThat(json.get("now").asLong()).isEqualTo(1234567);
    assertThat(json.get("startedAt").asLong())
        .isBetween(1_600_000_000_000L, System.currentTimeMillis());
    assertThat(json.get("ready").asBoolean()).isTrue();
    assertThat(json.get("streams").isNull()).isTrue();
    assertThat(json.get("bufferedBytes").isNull()).isTrue();
    assertThat(json.get("endToEndSeconds"))
        .hasToString("{\"count\":0,\"sum\":0.0,\"p50\":null,\"p99\":null}");
    assertThat(json.get("canary").isNull()).isTrue();
  }

  @Test
  void itTellsWhatTheMetersCount() {
    metrics.gauge("sinkwatch.consumer.lag.records", () -> 12);
    metrics.gauge("sinkwatch.consumer.lag.seconds", () -> 0.25);
    metrics.gauge("sinkwatch.stream.clients", () -> 3);
    metrics.counter("sinkwatch.stream.events.dropped", () -> 9);
    for (int shard = 0; shard < 3; shard++) {
      ledger.received(100);
    }
    ledger.settled(Outcome.Settled.ANALYZED);
    Reason reason = Reason.TOO_SHORT;
    ledger.settled(new Outcome.Rejected(new Rejection(reason, "because")));
    ledger.misrouted();
    ledger.expired(7);
    JsonNode json = status.get();
    assertThat(json.get("consumerLagRecords")).hasToString("12");
    assertThat(json.get("consumerLagSeconds")).hasToString("0.25");
    assertThat(json.get("streams")).hasToString("3");
    assertThat(json.get("eventsDropped")).hasToString("9");
    assertThat(json.get("shardsReceived").asLong()).isEqualTo(3);
    assertThat(json.get("inFlight").asLong()).isOne();
    assertThat(json.get("ingestBytes").asLong()).isEqualTo(300);
    assertThat(json.get("misrouted").asLong()).isOne();
    assertThat(json.get("expired").asLong()).isEqualTo(7);
    assertThat(json.get("outcomes").get("analyzed").asLong()).isOne();
    assertThat(json.get("outcomes").get("stale").asLong()).isZero();
    assertThat(json.get("rejected")).hasToString("{\"" + reason.wireName() + "\":1}");
  }

  @Test
  void quantilesAreNearThoseOfWhatWasMeasured() {
    for (int millis = 1; millis <= 1000; millis++) {
      metrics.analyzed(millis * 1_000_000L, 10L * millis);
    }
    JsonNode json = status.get();
    JsonNode analysis = json.get("analysisSeconds");
    assertThat(analysis.get("count").asLong()).isEqualTo(1000);
    assertThat(analysis.get("sum").asDouble()).isCloseTo(500.5, within(1e-6));
    assertThat(analysis.get("p50").asDouble()).isCloseTo(0.5, within(0.05));
    assertThat(analysis.get("p99").asDouble()).isCloseTo(0.99, within(0.1));
    assertThat(json.get("endToEndSeconds").get("p50").asDouble()).isCloseTo(5, within(0.5));
    metrics.analyzed(1, 3_600_000); // beyond all buckets
    assertThat(status.get().get("endToEndSeconds").get("p99").asDouble()).isLessThan(601);
  }

  @Test
  void canariesAreToldOnceThereAreAny() {
    CanaryMetrics canaries = new CanaryMetrics(metrics.registry());
    metrics.gauge("sinkwatch.canary.in.flight", () -> 1);
    canaries.watched(0);
    canaries.published(0);
    canaries.published(1);
    canaries.answered(0, 50_000_000);
    canaries.failed(CanaryFailure.TIMEOUT, "because");
    JsonNode json = status.get().get("canary");
    assertThat(json.get("published").asLong()).isEqualTo(2);
    assertThat(json.get("answered").asLong()).isOne();
    assertThat(json.get("lost").asLong()).isZero();
    assertThat(json.get("wrong").asLong()).isZero();
    assertThat(json.get("inFlight").asLong()).isOne();
    assertThat(json.get("failures")).hasToString("{\"timeout\":1}");
    assertThat(json.get("delaySeconds").get("p50").asDouble()).isCloseTo(0.05, within(0.02));
  }
}
