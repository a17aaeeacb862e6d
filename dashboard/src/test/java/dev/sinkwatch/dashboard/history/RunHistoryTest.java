package dev.sinkwatch.dashboard.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.Severity;
import dev.sinkwatch.dashboard.SinkingRun;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class RunHistoryTest {
  private static final long BYTES = 64 << 20;

  private final RunHistory history = with(HistorySettings.DEFAULT);

  @Test
  void aRunIsSummedUpWithWhatIsWorstInIt() {
    SinkingRun run = new SinkingRun("r", 4, 6, 1000, history);
    run.step(10, 0.5);
    run.accept(run.dense("lm_head.weight", 10, 3, 2));
    JsonNode summary = history.runs().get("runs").get(0);
    assertThat(summary.get("run").asText()).isEqualTo("r");
    assertThat(summary.get("step").asLong()).isEqualTo(10);
    assertThat(summary.get("layers").asInt()).isEqualTo(7);
    assertThat(summary.get("operators").asInt()).isEqualTo(6);
    assertThat(summary.get("observable").asBoolean()).isTrue();
    assertThat(summary.get("sigma2MinLayer").asText()).isEqualTo(run.layer(5));
    assertThat(summary.get("sigma2Min").asDouble()).isEqualTo(0.5 * (1 - 0.4 * 5 / 6));
    assertThat(summary.get("last").asLong()).isEqualTo(1010);
    JsonNode chain = summary.get("chains").get(0);
    assertThat(chain.get("operators").asInt()).isEqualTo(6);
    assertThat(chain.get("networkEffectiveDepth").asInt()).isEqualTo(6);
  }

  @Test
  void aSummaryTellsTheLoudestAlarmThatFires() {
    SinkingRun run = new SinkingRun("r", 4, 2, 1000, history);
    run.step(1, 0.9);
    run.accept(run.dense("w", 1, 3, 2));
    JsonNode calm = history.runs().get("runs").get(0);
    assertThat(calm.get("worst").isNull()).isTrue();
    assertThat(calm.get("profiles")).hasToString("[\"tokenbender\"]");
    assertThat(calm.get("observability")).hasToString("[\"exact\"]");
    history.alarm(alarm("Pending", Severity.CRITICAL, AlarmState.PENDING));
    assertThat(history.runs().get("runs").get(0).get("worst").isNull()).isTrue();
    history.alarm(alarm("Quiet", Severity.WARNING, AlarmState.FIRING));
    history.alarm(alarm("Loud", Severity.CRITICAL, AlarmState.FIRING));
    assertThat(history.runs().get("runs").get(0).get("worst"))
        .hasToString(
            "{\"chain\":\"\",\"layer\":\"w\",\"alarm\":\"Loud\",\"severity\":\"critical\","
                + "\"state\":\"firing\",\"sinceStep\":7,\"since\":70,\"reason\":\"because\","
                + "\"reasonStep\":7}");
  }

  private static Alarm alarm(String name, Severity severity, AlarmState state) {
    return new Alarm("r", "", "w", name, severity, state, 7, 70, 1, 2, null, "because");
  }

  @Test
  void aRunWithoutOperatorsIsNotObservable() {
    SinkingRun run = new SinkingRun("r", 4, 6, 1000, history);
    run.accept(run.dense("lm_head.weight", 10, 3, 2));
    JsonNode summary = history.runs().get("runs").get(0);
    assertThat(summary.get("observable").asBoolean()).isFalse();
    assertThat(summary.get("sigma2Min").isNull()).isTrue();
  }

  @Test
  void theSameAlarmOnManyLayersIsOneGroup() {
    SinkingRun run = new SinkingRun("r", 4, 86, 1000, history);
    for (int step = 1; step <= 10; step++) {
      run.step(step, 0.05);
    }
    JsonNode alarms = history.alarms();
    List<JsonNode> traps = new ArrayList<>();
    alarms
        .get("groups")
        .forEach(group -> {
          if (group.get("alarm").asText().equals("HomogeneityTrap")) {
            traps.add(group);
          }
        });
    assertThat(traps).hasSize(1);
    JsonNode group = traps.getFirst();
    assertThat(group.get("count").asInt()).isEqualTo(86);
    assertThat(group.get("on").asText()).isEqualTo("86 layers");
    assertThat(group.get("state").asText()).isEqualTo("firing");
    assertThat(group.get("severity").asText()).isEqualTo("critical");
    assertThat(group.get("names").size()).isEqualTo(10);
    assertThat(group.get("reason").asText()).contains("keeps at most");
    assertThat(alarms.get("alarms").size()).isGreaterThan(86);
  }

  @Test
  void verdictsComeInNetworkOrderWithDenseLayersLast() {
    SinkingRun run = new SinkingRun("r", 4, 12, 1000, history);
    run.accept(run.dense("a.weight", 1, 3, 2));
    run.step(1, 0.5);
    List<String> layers = new ArrayList<>();
    history
        .run("r")
        .orElseThrow()
        .get("verdicts")
        .forEach(v -> layers.add(v.get("layer").asText()));
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      expected.add(run.layer(i));
    }
    expected.add("a.weight");
    assertThat(layers).isEqualTo(expected);
  }

  @Test
  void layersStayBoundedAndOperatorsComeFirst() {
    RunHistory small = with(new HistorySettings(10, 3, 10, 10, BYTES));
    SinkingRun run = new SinkingRun("r", 4, 2, 1000, small);
    for (int i = 0; i < 5; i++) {
      run.accept(run.dense("dense." + i, 1, 3, 2));
    }
    run.step(1, 0.5);
    JsonNode json = small.run("r").orElseThrow();
    assertThat(json.get("layers").asInt()).isEqualTo(3);
    assertThat(json.get("operators").asInt()).isEqualTo(2);
    assertThat(json.get("truncated").asBoolean()).isTrue();
  }

  @Test
  void runsStayBoundedAndTheOneSilentForLongestGoes() {
    RunHistory small = with(new HistorySettings(10, 10, 2, 10, BYTES));
    new SinkingRun("old", 4, 1, 1000, small).step(1, 0.5);
    new SinkingRun("new", 4, 1, 3000, small).step(1, 0.5);
    new SinkingRun("next", 4, 1, 2000, small).step(1, 0.5);
    assertThat(small.run("old")).isEmpty();
    assertThat(small.run("new")).isPresent();
    assertThat(small.run("next")).isPresent();
  }

  @Test
  void alarmsStandUntilTheyClearAndTheirChangesAreRemembered() {
    SinkingRun run = new SinkingRun("r", 4, 1, 1000, history);
    for (int step = 1; step <= 8; step++) {
      run.step(step, 0.05);
    }
    JsonNode alarm = named(history.alarms().get("alarms"), "HomogeneityTrap");
    assertThat(alarm.get("state").asText()).isEqualTo("firing");
    assertThat(alarm.get("severity").asText()).isEqualTo("critical");
    assertThat(alarm.get("sinceStep").asLong()).isEqualTo(8);
    assertThat(alarm.get("reason").asText()).isNotBlank();
    assertThat(history.runs().get("runs").get(0).get("alarmCounts").get("critical").asInt())
        .isPositive();
    run.step(9, 0.9);
    assertThat(history.run("r").orElseThrow().get("alarms"))
        .noneMatch(a -> a.get("alarm").asText().equals("HomogeneityTrap"));
    assertThat(named(history.run("r").orElseThrow().get("changes"), "HomogeneityTrap").get("state"))
        .hasToString("\"inactive\"");
  }

  @Test
  void whatIsForgottenIsGone() {
    new SinkingRun("r", 4, 1, 1000, history).step(1, 0.5);
    history.forgotten("r");
    assertThat(history.run("r")).isEmpty();
    assertThat(history.history("r", HistoryQuery.ALL)).isEmpty();
    assertThat(history.runs().get("runs")).isEmpty();
  }

  private static RunHistory with(HistorySettings settings) {
    return new RunHistory(settings, InstantSource.system());
  }

  private static JsonNode named(JsonNode alarms, String name) {
    return StreamSupport.stream(alarms.spliterator(), false)
        .filter(alarm -> alarm.get("alarm").asText().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
