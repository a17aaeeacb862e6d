package dev.sinkwatch.dashboard.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sinkwatch.dashboard.SinkingRun;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Histories in a given number of bytes. */
class HistoryMemoryTest {
  private static final long HOUR = 3_600_000;
  private static final int STEPS = 2000;

  /** What one run of that many steps takes. */
  private static final long A_RUN = ofOneRun();

  private static long ofOneRun() {
    RunHistory history = with(1 << 20);
    train("r", 0, STEPS, history);
    assertThat(history.bytes()).isBetween(100_000L, 1_000_000L);
    return history.bytes();
  }

  @Test
  void theRunSilentForLongestLosesResolutionFirst() {
    RunHistory history = with(14 * A_RUN / 5);
    train("old", 0, STEPS, history);
    train("recent", HOUR, STEPS, history);
    train("live", 2 * HOUR, STEPS, history);
    assertThat(stride(history, "old")).isGreaterThan(1);
    assertThat(stride(history, "recent")).isOne();
    assertThat(stride(history, "live")).isOne();
  }

  @Test
  void ofLiveRunsTheLargestLosesResolution() {
    RunHistory history = with(5 * A_RUN / 4);
    train("small", 0, STEPS / 4, history);
    train("large", 1000, STEPS, history);
    train("next", 1000, STEPS / 4, history);
    assertThat(stride(history, "small")).isOne();
    assertThat(stride(history, "large")).isGreaterThan(1);
  }

  @Test
  void aRunIsDroppedBeforeItIsOfNoUse() {
    RunHistory history = with(4 * A_RUN);
    for (int run = 0; run < 12; run++) {
      train("run" + run, run * HOUR, STEPS, history);
    }
    List<String> kept = new ArrayList<>();
    history.runs().get("runs").forEach(run -> kept.add(run.get("run").asText()));
    assertThat(kept).contains("run11").doesNotContain("run0").hasSizeBetween(2, 8);
    assertThat(history.bytes()).isLessThanOrEqualTo(4 * A_RUN);
    for (String run : kept) {
      assertThat(layer(history, run).get("steps").size()).isGreaterThanOrEqualTo(250);
      assertThat(layer(history, run).get("steps").get(0).asLong()).isLessThan(20);
    }
  }

  @Test
  void aRunAloneStaysHoweverLittleThereIs() {
    RunHistory history = with(10_000);
    train("r", 0, 200, history);
    JsonNode layer = layer(history, "r");
    assertThat(layer.get("steps").size()).isGreaterThanOrEqualTo(2);
    assertThat(layer.get("steps").get(layer.get("steps").size() - 1).asLong()).isEqualTo(199);
  }

  /** Nobody tells them again. */
  @Test
  void aRunThatMadeRoomHasItsAlarmsWhenItComesBack() {
    RunHistory history =
        new RunHistory(new HistorySettings(100, 10, 1, 10, 1 << 20), InstantSource.system());
    SinkingRun first = new SinkingRun("first", 4, 1, 1000, history);
    for (int step = 0; step < 10; step++) {
      first.step(step, 0.01);
    }
    assertThat(history.run("first").orElseThrow().get("alarms")).isNotEmpty();
    train("second", 2000, 1, history);
    assertThat(history.run("first")).isEmpty();
    JsonNode alarms = history.alarms().get("alarms");
    assertThat(alarms).isEmpty();
    first.step(10, 0.01);
    assertThat(history.run("first").orElseThrow().get("alarms")).isNotEmpty();
    assertThat(history.verdict("first").orElseThrow().get("verdict").asText()).isEqualTo("stop");
  }

  private static RunHistory with(long bytes) {
    return new RunHistory(HistorySettings.DEFAULT.withBytes(bytes), InstantSource.system());
  }

  private static void train(String name, long millis, int steps, RunHistory history) {
    SinkingRun run = new SinkingRun(name, 4, 2, millis, history);
    for (int step = 0; step < steps; step++) {
      run.step(step, 0.5 + 0.0001 * step);
    }
  }

  private static long stride(RunHistory history, String run) {
    return layer(history, run).get("stride").asLong();
  }

  private static JsonNode layer(RunHistory history, String run) {
    return history
        .history(run, new HistoryQuery(null, null, 0, Long.MAX_VALUE, 10_000, Set.of()))
        .orElseThrow()
        .get("layers")
        .get(0);
  }
}
