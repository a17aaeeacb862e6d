package dev.sinkwatch.dashboard.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sinkwatch.dashboard.SinkingRun;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/** Detail along the network, at any step. */
class WaterfallTest {
  private static final int LAYERS = 40;

  @Test
  void everyStepIsThereWhileThereIsRoom() {
    RunHistory history = with(HistorySettings.DEFAULT);
    SinkingRun run = new SinkingRun("r", 4, LAYERS, 1000, history);
    for (int step = 10; step <= 100; step += 10) {
      run.step(step, gain(step));
    }
    for (int step = 10; step <= 100; step += 10) {
      assertGains(at(history, step + 9), step);
    }
    assertGains(at(history, 3), 10);
    assertGains(at(history, Long.MAX_VALUE), 100);
    assertThat(at(history, 50).get("time").asLong()).isEqualTo(1050);
    assertThat(at(history, 50).get("layers").get(7).asText()).isEqualTo(run.layer(7));
  }

  @Test
  void gainsFarBelowSinglePrecisionAreKept() {
    RunHistory history = with(HistorySettings.DEFAULT);
    SinkingRun run = new SinkingRun("r", 4, LAYERS, 1000, history);
    run.step(1, 1e-4);
    double last = at(history, 1).get("depthGain").get(LAYERS - 1).asDouble();
    double expected = 1;
    for (int layer = 0; layer < LAYERS; layer++) {
      expected *= 1e-4 * (1 - 0.4 * layer / LAYERS);
    }
    assertThat(expected).isLessThan(1e-160);
    assertThat(last / expected).isCloseTo(1, within(3e-5));
  }

  @Test
  void whenItIsFullEverySecondStepStaysAndTheNewest() {
    RunHistory history = with(HistorySettings.ofPoints(8));
    SinkingRun run = new SinkingRun("r", 4, 2, 1000, history);
    for (int step = 0; step < 100; step++) {
      run.step(step, 0.5);
      assertThat(at(history, Long.MAX_VALUE).get("step").asLong()).isEqualTo(step);
      assertThat(at(history, 0).get("step").asLong()).isZero();
    }
    assertThat(at(history, 31).get("step").asLong()).isEqualTo(16);
    assertThat(at(history, 32).get("step").asLong()).isEqualTo(32);
  }

  @Test
  void trainingThatWentBackTakesThePlaceOfWhatWasThere() {
    RunHistory history = with(HistorySettings.DEFAULT);
    SinkingRun run = new SinkingRun("r", 4, 2, 1000, history);
    for (int step = 0; step < 10; step++) {
      run.step(step, 0.5);
    }
    run.restart();
    run.step(5, 0.25);
    assertThat(at(history, 9).get("step").asLong()).isEqualTo(5);
    assertThat(at(history, 9).get("attempt").asInt()).isOne();
    assertThat(at(history, 4).get("attempt").asInt()).isZero();
    assertThat(at(history, 9).get("depthGain").get(0).asDouble()).isEqualTo(0.25);
  }

  @Test
  void itsMemoryIsBoundedAndCounts() {
    HistorySettings small = HistorySettings.DEFAULT.withBytes(1 << 20);
    RunHistory history = with(small);
    SinkingRun run = new SinkingRun("r", 2, 64, 1000, history);
    for (int step = 0; step < 500; step++) {
      run.step(step, 0.5);
    }
    assertThat(history.bytes()).isLessThan(1 << 20);
    assertThat(at(history, 250).get("step").asLong()).isBetween(200L, 250L);
  }

  private static void assertGains(JsonNode json, int step) {
    assertThat(json.get("step").asLong()).isEqualTo(step);
    double gain = 1;
    for (int layer = 0; layer < LAYERS; layer++) {
      gain *= gain(step) * (1 - 0.4 * layer / LAYERS);
      assertThat(json.get("depthGain").get(layer).asDouble() / gain).isCloseTo(1, within(1e-5));
      assertThat(json.get("compositeGain").get(layer).asDouble() / gain).isCloseTo(1, within(1e-5));
    }
  }

  private static double gain(int step) {
    return 0.9 - 0.001 * step;
  }

  private static RunHistory with(HistorySettings settings) {
    return new RunHistory(settings, InstantSource.system());
  }

  private static JsonNode at(RunHistory history, long step) {
    return history.waterfall("r", null, step).orElseThrow();
  }
}
