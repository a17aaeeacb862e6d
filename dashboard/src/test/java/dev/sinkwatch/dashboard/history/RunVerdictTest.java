package dev.sinkwatch.dashboard.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.Severity;
import dev.sinkwatch.dashboard.SinkingRun;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a run is told to stop. */
class RunVerdictTest {
  private final RunHistory history =
      new RunHistory(HistorySettings.DEFAULT, InstantSource.system());
  private final SinkingRun run = new SinkingRun("r", 4, 2, 1000, history);

  @Test
  void aRunThatIsNotKnownHasNone() {
    assertThat(history.verdict("r")).isEmpty();
  }

  @Test
  void aRunWithoutMixersIsNeverCalledHealthy() {
    run.accept(run.dense("w", 1, 2, 1));
    assertThat(verdict().path("verdict").asText()).isEqualTo("warn");
    assertThat(verdict().path("reason").asText()).startsWith("not observable");
    run.step(2, 0.9);
    assertThat(verdict().path("verdict").asText()).isEqualTo("ok");
    run.restart(); // what it was before tells nothing of what it is
    run.accept(run.dense("w", 3, 2, 1));
    assertThat(verdict().path("verdict").asText()).isEqualTo("warn");
  }

  @ParameterizedTest
  @CsvSource({
    "CRITICAL, FIRING, stop",
    "CRITICAL, PENDING, warn",
    "CRITICAL, INACTIVE, ok",
    "WARNING, FIRING, warn",
    "WARNING, PENDING, ok",
    "INFO, FIRING, ok",
  })
  void theLoudestAlarmDecides(Severity severity, AlarmState state, String verdict) {
    run.step(7, 0.9);
    history.alarm(alarm("Quiet", Severity.INFO, AlarmState.FIRING));
    history.alarm(alarm("Loud", severity, state));
    ObjectNode json = verdict();
    assertThat(json.path("verdict").asText()).isEqualTo(verdict);
    assertThat(json.path("step").asLong()).isEqualTo(7);
    assertThat(json.path("alarms")).hasSize(state == AlarmState.INACTIVE ? 1 : 2);
    if (!verdict.equals("ok")) {
      assertThat(json.path("reason").asText())
          .startsWith("Loud")
          .endsWith(" on layers.0 since step 7: because");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CRITICAL, FIRING, warn",
    "WARNING, FIRING, warn",
    "INFO, FIRING, ok",
  })
  void aSilencedAlarmStopsNothingAndIsNotHidden(
      Severity severity, AlarmState state, String verdict) {
    RunHistory silenced =
        new RunHistory(
            HistorySettings.DEFAULT,
            InstantSource.system(),
            alarm -> alarm.name().equals("Expected") ? 3_600_000L : null);
    new SinkingRun("r", 4, 2, 1000, silenced).step(7, 0.9);
    silenced.alarm(alarm("Expected", severity, state));
    ObjectNode json = silenced.verdict("r").orElseThrow();
    assertThat(json.path("verdict").asText()).isEqualTo(verdict);
    assertThat(json.path("alarms").path(0).path("silencedUntil").asLong()).isEqualTo(3_600_000);
    if (verdict.equals("warn")) {
      assertThat(json.path("reason").asText())
          .startsWith("Expected on ")
          .endsWith(": because (silenced until 1970-01-01T01:00:00Z)");
    }
    silenced.alarm(alarm("Surprise", Severity.CRITICAL, AlarmState.FIRING));
    json = silenced.verdict("r").orElseThrow();
    assertThat(json.path("verdict").asText()).isEqualTo("stop");
    assertThat(json.path("reason").asText()).startsWith("Surprise on ");
  }

  @Test
  void whatAnEarlierAttemptCameToSaysNothingOfThisOne() {
    run.step(7, 0.9);
    String chain =
        history.run("r").orElseThrow().path("chainVerdicts").path(0).path("chain").asText();
    Alarm ofLayer = critical("", run.layer(0));
    Alarm ofChain = critical(chain, "");
    for (Alarm alarm : List.of(ofLayer, ofChain)) {
      history.alarm(alarm);
      assertThat(verdict().path("verdict").asText()).isEqualTo("stop");
    }
    run.restart();
    run.accept(run.mixer(run.layer(1), 1, 3, 0.9)); // not yet the one that has the alarm
    assertThat(verdict().path("verdict").asText()).isEqualTo("ok");
    assertThat(verdict().path("alarms")).isEmpty();
    history.alarm(alarm("", "", "StaleRun", Severity.WARNING, AlarmState.FIRING));
    assertThat(verdict().path("verdict").asText()).isEqualTo("warn");
    run.step(4, 0.9);
    history.alarm(ofLayer); // as it comes to the same again
    assertThat(verdict().path("verdict").asText()).isEqualTo("stop");
  }

  private static Alarm critical(String chain, String layer) {
    return alarm(chain, layer, "Loud", Severity.CRITICAL, AlarmState.FIRING);
  }

  private static Alarm alarm(String name, Severity severity, AlarmState state) {
    return alarm("", "layers.0", name, severity, state);
  }

  private static Alarm alarm(
      String chain, String layer, String name, Severity severity, AlarmState state) {
    return new Alarm("r", chain, layer, name, severity, state, 7, 0, 1, 2, null, "because");
  }

  private ObjectNode verdict() {
    return history.verdict("r").orElseThrow();
  }
}
