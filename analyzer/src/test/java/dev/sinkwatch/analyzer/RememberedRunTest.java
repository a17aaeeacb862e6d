package dev.sinkwatch.analyzer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmSettings;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.WatchState;
import dev.sinkwatch.analyzer.network.NoiseModel;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that another process goes on with, at any verdict, from what was to be remembered. */
class RememberedRunTest {
  private static final RunSettings SETTINGS =
      new RunSettings(0.01, NoiseModel.DEFAULT, 10_000, new AlarmSettings(3, 5, 60_000));
  private static final int STEPS = 60;

  @ParameterizedTest
  @ValueSource(ints = {0, 3, STEPS})
  void itComesToTheSameAlarmsHoweverMuchIsReadAgain(int again) {
    List<LayerVerdict> verdicts = verdicts();
    // a step that was begun is whole only where its first verdict is read again
    for (int cut = 0; cut <= verdicts.size(); cut += again == 0 ? 2 : 1) {
      Told whole = new Told();
      RunAnalysis run = new RunAnalysis("r", SETTINGS);
      accept(run, verdicts.subList(0, cut), whole);
      List<WatchState> remembered = List.copyOf(whole.remembered.values());
      whole.alarms.clear();
      accept(run, verdicts.subList(cut, verdicts.size()), whole);

      Told later = new Told();
      RunAnalysis next = new RunAnalysis("r", SETTINGS, remembered);
      int from = Math.max(0, cut - 2 * again); // two verdicts a step
      accept(next, verdicts.subList(from, verdicts.size()), later);

      long cutMillis = cut == 0 ? 0 : verdicts.get(cut - 1).appendedMillis();
      assertThat(later.alarms.stream().filter(alarm -> alarm.sinceMillis() > cutMillis))
          .as("cut %d", cut)
          .containsExactlyElementsOf(
              whole.alarms.stream().filter(alarm -> alarm.sinceMillis() > cutMillis).toList());
    }
  }

  @Test
  void whatStandsIsToldAgainWithTheFirstVerdict() {
    Told before = new Told();
    List<LayerVerdict> verdicts = new ArrayList<>();
    for (int step = 1; step <= 8; step++) {
      verdicts.add(Verdicts.mixer("r", 0, step, 0.05, 4));
    }
    accept(new RunAnalysis("r", SETTINGS), verdicts, before);
    Alarm firing = before.alarms.getLast();
    assertThat(firing.state()).isEqualTo(AlarmState.FIRING);

    Told after = new Told();
    RunAnalysis next = new RunAnalysis("r", SETTINGS, List.copyOf(before.remembered.values()));
    accept(next, List.of(Verdicts.mixer("r", 0, 9, 0.05, 4)), after);
    assertThat(after.alarms).contains(firing);
  }

  @Test
  void theBaselineOutlivesTheVerdictsItWasMadeOf() {
    Told before = new Told();
    accept(new RunAnalysis("r", SETTINGS), large(1, 10, 0.05), before);
    Told after = new Told();
    RunAnalysis next = new RunAnalysis("r", SETTINGS, List.copyOf(before.remembered.values()));
    accept(next, large(11, 20, 0.02), after);
    assertThat(after.alarms).extracting(Alarm::name).contains("HomogeneityTrap");

    Told without = new Told();
    accept(new RunAnalysis("r", SETTINGS), large(11, 20, 0.02), without);
    assertThat(without.alarms).extracting(Alarm::name).doesNotContain("HomogeneityTrap");
  }

  @Test
  void whatStaysAsItIsIsRememberedOnceADay() {
    RunAnalysis run = new RunAnalysis("r", SETTINGS);
    List<WatchState> remembered = new ArrayList<>();
    for (int step = 1; step <= 3000; step++) {
      run.accept(
          Verdicts.mixer("r", 0, step, 0.5, 4),
          60_000L * step,
          event -> {
            if (event instanceof RunEvent.ToRemember(WatchState state)) {
              remembered.add(state);
            }
          });
    }
    // warm-up and the first verdict behind it, then days two and three, of the layer and the chain;
    // and once the level from which the layer may drift
    assertThat(remembered).hasSize(2 * (6 + 2) + 1);
  }

  private static List<LayerVerdict> large(int from, int to, double gain) {
    List<LayerVerdict> verdicts = new ArrayList<>();
    for (int step = from; step <= to; step++) {
      verdicts.add(Verdicts.mixer("r", 0, step, gain, 128));
    }
    return verdicts;
  }

  /** Two layers that wander about all thresholds, and restart once. */
  private static List<LayerVerdict> verdicts() {
    Random random = new Random(5);
    List<LayerVerdict> verdicts = new ArrayList<>();
    double gain = 0.4;
    for (int step = 1; step <= STEPS; step++) {
      gain = Math.clamp(gain * Math.exp(0.8 * random.nextGaussian()), 0.001, 0.9);
      int attempt = step > 40 ? 1 : 0;
      for (int index = 0; index < 2; index++) {
        verdicts.add(
            Verdicts.ofAttempt(
                Verdicts.ofOperators(
                    Verdicts.mixer("r", index, step, index == 0 ? gain : 0.3, 4), 2),
                attempt));
      }
    }
    return verdicts;
  }

  private static void accept(RunAnalysis run, List<LayerVerdict> verdicts, Told told) {
    for (LayerVerdict verdict : verdicts) {
      run.accept(verdict, verdict.appendedMillis(), told::take);
    }
  }

  private static final class Told {
    private final List<Alarm> alarms = new ArrayList<>();
    private final Map<String, WatchState> remembered = new LinkedHashMap<>();

    void take(RunEvent event) {
      switch (event) {
        case RunEvent.AlarmChanged(Alarm alarm) -> alarms.add(alarm);
        case RunEvent.ToRemember(WatchState state) ->
            remembered.put(state.chain() + '/' + state.layer(), state);
        case RunEvent.LayerJudged(var verdict) -> {}
        case RunEvent.ChainJudged(var verdict) -> {}
        case RunEvent.PassedBy passed -> {}
      }
    }
  }
}
