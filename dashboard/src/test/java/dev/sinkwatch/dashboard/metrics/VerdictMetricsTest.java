package dev.sinkwatch.dashboard.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.dashboard.SinkingRun;
import dev.sinkwatch.dashboard.runs.RunListener;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
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
