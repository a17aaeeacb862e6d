package dev.sinkwatch.dashboard.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.Severity;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.analyzer.verdict.MissingPart;
import dev.sinkwatch.analyzer.verdict.VerdictJson;
import dev.sinkwatch.dashboard.SinkingRun;
import dev.sinkwatch.dashboard.runs.RunListener;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VerdictMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final VerdictMetrics metrics = new VerdictMetrics(registry, 100);

  @Test
  void whatComesLateDoesNotPutGaugesBack() {
    Recorder recorder = new Recorder();
    SinkingRun run = new SinkingRun("r", 4, 2, 1000, recorder);
    run.step(5, 0.9);
    run.step(10, 0.5);
    ChainVerdict late = recorder.chains.getFirst();
    ChainVerdict last = recorder.chains.getLast();
    assertThat(late.step()).isEqualTo(5);
    assertThat(last.step()).isEqualTo(10);

    recorder.layers.reversed().forEach(metrics::layer);
    metrics.chain(last);
    metrics.chain(late);
    assertThat(registry.get("sinkwatch.run.step").gauge().value()).isEqualTo(10);
    assertThat(registry.get("sinkwatch.network.sigma2.min.ratio").gauge().value())
        .isEqualTo(last.sigma2Min())
        .isNotEqualTo(late.sigma2Min());
  }

  @Test
  void aRunWithoutOperatorsIsNotObservable() {
    SinkingRun plain = new SinkingRun("plain", 4, 1, 1000, metrics);
    plain.accept(plain.dense("lm_head.weight", 1, 3, 2));
    new SinkingRun("mixing", 4, 1, 1000, metrics).step(1, 0.5);
    assertThat(observable("plain")).isZero();
    assertThat(observable("mixing")).isEqualTo(1);
  }

  @Test
  void aSilencedAlarmKeepsItsStateAndHasAGaugeBesideIt() {
    AtomicReference<@Nullable Long> until = new AtomicReference<>();
    VerdictMetrics silenced = new VerdictMetrics(registry, 100, alarm -> until.get());
    for (AlarmState state : List.of(AlarmState.PENDING, AlarmState.FIRING)) {
      silenced.alarm(alarm(state));
      assertThat(silencedGauge()).isNull();
      until.set(7L);
      silenced.silences();
      Gauge gauge = registry.get("sinkwatch.alarm.silenced").gauge();
      assertThat(gauge.value()).isEqualTo(1);
      assertThat(gauge.getId().getTags())
          .isEqualTo(registry.get("sinkwatch.alarm.state").gauge().getId().getTags());
      assertThat(registry.get("sinkwatch.alarm.state").gauge().value()).isEqualTo(state.code());
      until.set(null);
      silenced.silences();
      assertThat(silencedGauge()).isNull();
    }
    until.set(7L);
    silenced.alarm(alarm(AlarmState.FIRING));
    assertThat(silencedGauge()).isNotNull();
    until.set(null); // as of one that is inactive
    silenced.alarm(alarm(AlarmState.INACTIVE));
    assertThat(silencedGauge()).isNull();
    until.set(7L);
    silenced.silences();
    silenced.forgotten("r");
    assertThat(registry.getMeters()).isEmpty();
  }

  /** A scrape in between would wake somebody. */
  @Test
  void noAlarmIsSeenToFireBeforeItIsSeenToBeSilenced() {
    List<String> added = new ArrayList<>();
    registry
        .config()
        .onMeterAdded(meter -> {
          if (meter.getId().getName().startsWith("sinkwatch.alarm.")) {
            added.add(meter.getId().getName());
            Gauge state = registry.find("sinkwatch.alarm.state").gauge();
            assertThat(state == null || state.value() < 2).isTrue();
          }
        });
    AtomicReference<@Nullable Long> until = new AtomicReference<>(7L);
    VerdictMetrics silenced = new VerdictMetrics(registry, 100, alarm -> until.get());
    silenced.alarm(alarm(AlarmState.FIRING));
    assertThat(added).containsExactly("sinkwatch.alarm.silenced", "sinkwatch.alarm.state");
    until.set(null);
    silenced.alarm(alarm(AlarmState.INACTIVE));
    until.set(7L);
    silenced.alarm(alarm(AlarmState.FIRING));
    assertThat(added).last().isEqualTo("sinkwatch.alarm.silenced");
  }

  private @Nullable Gauge silencedGauge() {
    return registry.find("sinkwatch.alarm.silenced").gauge();
  }

  private static Alarm alarm(AlarmState state) {
    return new Alarm(
        "r", "", "h.0", "HomogeneityTrap", Severity.CRITICAL, state, 7, 7, 0, 0, null, "because");
  }

  @Test
  void aRunSaysTheObservabilityOfTheOperatorThatTellsLeast() throws IOException {
    SinkingRun plain = new SinkingRun("r", 4, 1, 1000, metrics);
    plain.accept(plain.dense("lm_head.weight", 1, 3, 2));
    assertThat(observability()).containsExactly("not-observable");
    Recorder recorder = new Recorder();
    new SinkingRun("r", 4, 2, 1000, recorder).step(1, 0.5);
    metrics.layer(seenAs("isotropic-proxy", recorder.layers.getFirst()));
    metrics.layer(recorder.layers.getLast());
    assertThat(observability()).containsExactly("isotropic-proxy");
    metrics.layer(recorder.layers.getFirst());
    assertThat(observability()).containsExactly("exact");
  }

  @Test
  void whatVerdictsAreWithoutIsCountedByItsCause() {
    Recorder recorder = new Recorder();
    new SinkingRun("r", 4, 1, 1000, recorder).step(1, 0.5);
    LayerVerdict whole = recorder.layers.getFirst();
    metrics.layer(whole);
    assertThat(registry.find("sinkwatch.parts.missing").counters()).isEmpty();
    MissingPart scale = new MissingPart("scale", MissingPart.Cause.ABSENT);
    MissingPart weight = new MissingPart("fn", MissingPart.Cause.TOO_LARGE);
    metrics.layer(whole.without(List.of(weight, scale)));
    metrics.layer(whole.without(List.of(scale)));
    assertThat(missing("absent")).isEqualTo(2);
    assertThat(missing("too-large")).isEqualTo(1);
    metrics.forgotten("r");
    assertThat(registry.getMeters()).isEmpty();
  }

  private double missing(String cause) {
    return registry
        .get("sinkwatch.parts.missing")
        .tags("run", "r", "cause", cause)
        .counter()
        .count();
  }

  private static LayerVerdict seenAs(String observability, LayerVerdict verdict)
      throws IOException {
    ObjectNode json = VerdictJson.layer(verdict).put("observability", observability);
    return VerdictJson.readLayer(VerdictJson.bytes(json));
  }

  private List<String> observability() {
    return registry.get("sinkwatch.run.info").gauges().stream()
        .map(gauge -> String.valueOf(gauge.getId().getTag("observability")))
        .toList();
  }

  private double observable(String run) {
    return registry.get("sinkwatch.run.observable").tag("run", run).gauge().value();
  }

  @Test
  void theStepThatADriftLeadsToIsAGaugeAndMovesWithIt() {
    SinkingRun run = new SinkingRun("r", 4, 1, 1000, metrics);
    for (int step = 1; step <= 30; step++) {
      run.step(step, 0.6);
    }
    assertThat(registry.find("sinkwatch.alarm.projected.step").gauge()).isNull();
    for (int step = 31; step <= 60; step++) {
      run.step(step, sinking(step));
    }
    assertThat(registry.get("sinkwatch.alarm.projected.step").gauge().value())
        .isBetween(75.0, 85.0); // 0.1 at step 80
    for (int step = 61; step <= 100; step++) {
      run.step(step, 0.6);
    }
    assertThat(registry.get("sinkwatch.alarm.projected.step").gauge().value()).isNaN();
    assertThat(registry.get("sinkwatch.alarm.state").tag("alarm", "SpectralDrift").gauge().value())
        .isZero();
  }

  /** From 0.6 at step 30 to 0.1 at step 80, evenly in its logit. */
  private static double sinking(int step) {
    double from = Math.log(0.6 / 0.4);
    double to = Math.log(0.1 / 0.9);
    return 1 / (1 + Math.exp(-(from + (to - from) * (step - 30) / 50.0)));
  }

  private static final class Recorder implements RunListener {
    final List<LayerVerdict> layers = new ArrayList<>();
    final List<ChainVerdict> chains = new ArrayList<>();

    @Override
    public void layer(LayerVerdict verdict) {
      layers.add(verdict);
    }

    @Override
    public void chain(ChainVerdict verdict) {
      chains.add(verdict);
    }

    @Override
    public void alarm(Alarm alarm) {}

    @Override
    public void forgotten(String run) {}
  }
}
