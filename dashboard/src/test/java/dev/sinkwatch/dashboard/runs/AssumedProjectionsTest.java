package dev.sinkwatch.dashboard.runs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.dashboard.SinkingRun;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AssumedProjectionsTest {
  private final List<String> lines = new ArrayList<>();
  private final List<LayerVerdict> judged = new ArrayList<>();

  @Test
  void aRunWhoseProjectionIsAssumedIsTold_once() {
    AssumedProjections log = new AssumedProjections(lines::add);
    SinkingRun run = new SinkingRun("r", 4, 2, 1000);
    LayerVerdict known = run.mixer("known", 0, 1, 0.5);
    LayerVerdict assumed =
        run.mixer("layers.0.mixer_logits", 1, 1, 0.5).change().projectionAssumed(true).build();
    judged.addAll(List.of(known, assumed, assumed));
    judged.forEach(log::layer);
    assertThat(lines)
        .singleElement()
        .asString()
        .startsWith("run r: no profile has a rule for the logits of layers.0.mixer_logits;")
        .contains("20 iterations", "docs/profiles.md");
    log.forgotten("r");
    log.layer(assumed);
    assertThat(lines).hasSize(2);
  }
}
