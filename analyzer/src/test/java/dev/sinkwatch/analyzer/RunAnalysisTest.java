package dev.sinkwatch.analyzer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmSettings;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.Severity;
import dev.sinkwatch.analyzer.network.NoiseModel;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RunAnalysisTest {
  private static final long TIMEOUT = 10_000;

  private final List<RunEvent> events = new ArrayList<>();
  private final RunAnalysis run =
      new RunAnalysis(
          "r", new RunSettings(0.01, NoiseModel.DEFAULT, TIMEOUT, new AlarmSettings(3, 5, 60_000)));

  @Test
  void theTrapFiresAfterWarmUpAndThreeVerdictsInARow() {
    for (int step = 1; step <= 8; step++) {
      accept(Verdicts.mixer("r", 0, step, 0.05, 4));
    }
    assertThat(alarms("HomogeneityTrap"))
        .extracting(Alarm::sinceStep, Alarm::state)
        .containsExactly(tuple(6L, AlarmState.PENDING), tuple(8L, AlarmState.FIRING));
    assertThat(alarms("HomogeneityTrap").getLast().severity()).isEqualTo(Severity.CRITICAL);
  }

  @Test
  void whatAnAssumedProjectionSaysIsInformation() {
    for (int step = 1; step <= 20; step++) {
      double gain = step <= 10 ? 0.9 : 0.005;
      LayerVerdict mixer = Verdicts.ofOperators(Verdicts.mixer("r", 0, step, gain, 4), 1);
      accept(mixer.change().projectionAssumed(true).build());
    }
    for (String name : List.of("HomogeneityTrap", "DepthCollapse")) {
      assertThat(alarms(name)).isNotEmpty();
      assertThat(alarms(name).getLast().state()).isEqualTo(AlarmState.FIRING);
      assertThat(alarms(name)).extracting(Alarm::severity).containsOnly(Severity.INFO);
    }
  }

  @Test
  void aFiringAlarmClearsOnlyBeyondItsHysteresis() {
    for (int step = 1; step <= 8; step++) {
      accept(Verdicts.mixer("r", 0, step, 0.05, 4));
    }
    accept(Verdicts.mixer("r", 0, 9, 0.14, 4));
    assertThat(alarms("HomogeneityTrap").getLast().state()).isEqualTo(AlarmState.FIRING);
    accept(Verdicts.mixer("r", 0, 10, 0.16, 4));
    assertThat(alarms("HomogeneityTrap").getLast().state()).isEqualTo(AlarmState.INACTIVE);
  }

  @Test
  void aPendingAlarmForgetsWhenOneVerdictIsFine() {
    for (int step = 1; step <= 7; step++) {
      accept(Verdicts.mixer("r", 0, step, 0.05, 4));
    }
    accept(Verdicts.mixer("r", 0, 8, 0.12, 4));
    accept(Verdicts.mixer("r", 0, 9, 0.05, 4));
    accept(Verdicts.mixer("r", 0, 10, 0.05, 4));
    assertThat(alarms("HomogeneityTrap")).noneMatch(a -> a.state() == AlarmState.FIRING);
  }

  @Test
  void aLargeOperatorIsTrappedOnlyBelowHalfOfItsBaseline() {
    for (int step = 1; step <= 20; step++) {
      accept(Verdicts.mixer("r", 0, step, 0.02, 128));
    }
    assertThat(alarms("HomogeneityTrap")).isEmpty();
    for (int step = 21; step <= 23; step++) {
      accept(Verdicts.mixer("r", 0, step, 0.009, 128));
    }
    assertThat(alarms("HomogeneityTrap").getLast().state()).isEqualTo(AlarmState.FIRING);
  }

  @Test
  void nonFiniteWeightsFireAtOnceEvenInWarmUp() {
    accept(Verdicts.nonFinite(Verdicts.mixer("r", 0, 1, 0.5, 4), 3));
    assertThat(alarms("NonFiniteWeights"))
        .singleElement()
        .extracting(Alarm::state, Alarm::severity)
        .containsExactly(AlarmState.FIRING, Severity.CRITICAL);
  }

  @Test
  void aFrozenPermutationIsStagnationAndAMovingOneIsNot() {
    for (int step = 1; step <= 10; step++) {
      LayerVerdict frozen = Verdicts.mixer("r", 0, step, 1 - 1e-6, 4);
      accept(Verdicts.with(frozen, frozen.figures().with(Figure.MOVEMENT, 1e-6)));
      LayerVerdict moving = Verdicts.mixer("r", 1, step, 1 - 1e-6, 4);
      accept(Verdicts.with(moving, moving.figures().with(Figure.MOVEMENT, 1e-3)));
    }
    assertThat(alarms("IdentityStagnation"))
        .allMatch(alarm -> alarm.layer().startsWith("h.0."))
        .last()
        .extracting(Alarm::state)
        .isEqualTo(AlarmState.FIRING);
  }

  @Test
  void aStepIsJudgedWhenAsManyOperatorsCameAsThePublisherSaid() {
    for (int index = 0; index < 3; index++) {
      assertThat(chains()).isEmpty();
      accept(Verdicts.ofOperators(Verdicts.mixer("r", index, 1, 0.5, 4), 3));
    }
    assertThat(chains()).singleElement().extracting(ChainVerdict::operators).isEqualTo(3);
    assertThat(chains().getFirst().depthGain()[2]).isCloseTo(0.125, within(1e-12));
    assertThat(Objects.requireNonNull(chains().getFirst().compositeGain())[2])
        .isCloseTo(0.125, within(1e-12));
  }

  @Test
  void withoutThatTheFirstStepWaitsForTheTimeoutAndTheNextForTheSameOperators() {
    run.accept(Verdicts.mixer("r", 0, 1, 0.5, 4), 0, events::add);
    run.accept(Verdicts.mixer("r", 1, 1, 0.5, 4), 1, events::add);
    run.tick(TIMEOUT - 1, events::add);
    assertThat(chains()).isEmpty();
    run.tick(TIMEOUT, events::add);
    assertThat(chains()).hasSize(1);
    run.accept(Verdicts.mixer("r", 0, 2, 0.5, 4), TIMEOUT, events::add);
    run.accept(Verdicts.mixer("r", 1, 2, 0.5, 4), TIMEOUT, events::add);
    assertThat(chains()).hasSize(2);
  }

  @Test
  void aMissingOperatorIsListedAtTheTimeout() {
    for (int index = 0; index < 2; index++) {
      accept(Verdicts.ofOperators(Verdicts.mixer("r", index, 1, 0.5, 4), 2));
    }
    run.accept(Verdicts.mixer("r", 1, 2, 0.5, 4), 2000, events::add);
    run.tick(2000 + TIMEOUT, events::add);
    assertThat(chains().getLast().missing()).containsExactly("h.0.H_res_logits");
    assertThat(chains().getLast().layers()).containsExactly("h.1.H_res_logits");
  }

  @Test
  void anOperatorWithNonFiniteValuesCompletesItsStepAsMissing() {
    accept(Verdicts.ofOperators(Verdicts.mixer("r", 0, 1, 0.5, 4), 2));
    accept(Verdicts.nonFinite(Verdicts.ofOperators(Verdicts.mixer("r", 1, 1, 0.5, 4), 2), 1));
    assertThat(chains()).hasSize(1);
    assertThat(chains().getFirst().missing()).containsExactly("h.1.H_res_logits");
  }

  @Test
  void operatorsOfTwoSizesAreTwoChains() {
    accept(Verdicts.ofOperators(Verdicts.mixer("r", 0, 1, 0.5, 8), 2));
    accept(Verdicts.ofOperators(Verdicts.mixer("r", 1, 1, 0.5, 4), 2));
    assertThat(chains()).extracting(ChainVerdict::chain).containsExactly("n4", "n8");
  }

  @Test
  void depthCollapsesAgainstTheRunsOwnBaseline() {
    for (int step = 1; step <= 30; step++) {
      // a deep network of healthy mixers keeps 1e-3, and that is no alarm
      double gain = step <= 20 ? 0.0316 : 0.0009;
      accept(Verdicts.ofOperators(Verdicts.mixer("r", 0, step, gain, 4), 2));
      accept(Verdicts.ofOperators(Verdicts.mixer("r", 1, step, gain, 4), 2));
    }
    assertThat(alarms("DepthCollapse")).extracting(Alarm::sinceStep).containsExactly(21L, 23L);
    assertThat(alarms("DepthCollapse").getLast())
        .returns(Severity.CRITICAL, Alarm::severity)
        .returns("n4", Alarm::chain)
        .returns("", Alarm::layer);
  }

  @Test
  void theSignalDrownsInAssumedNoiseAsInformation() {
    for (int step = 1; step <= 8; step++) {
      accept(Verdicts.ofOperators(Verdicts.mixer("r", 0, step, 0.001, 4), 1));
    }
    assertThat(alarms("SnrDominatedByNoise").getLast())
        .returns(AlarmState.FIRING, Alarm::state)
        .returns(Severity.INFO, Alarm::severity);
    assertThat(alarms("SnrCollapse").getLast().threshold()).isCloseTo(1 / 3.0, within(1e-12));
  }

  @Test
  void aSilentRunGoesStaleAndComesBack() {
    run.accept(Verdicts.mixer("r", 0, 1, 0.5, 4), 1000, events::add);
    run.tick(60_999, events::add);
    assertThat(alarms("StaleRun")).isEmpty();
    run.tick(61_000, events::add);
    assertThat(alarms("StaleRun").getLast().state()).isEqualTo(AlarmState.FIRING);
    run.accept(Verdicts.mixer("r", 0, 2, 0.5, 4), 62_000, events::add);
    assertThat(alarms("StaleRun").getLast().state()).isEqualTo(AlarmState.INACTIVE);
  }

  @Test
  void aDuplicateOrOlderVerdictSaysNothingButAHigherAttemptDoes() {
    accept(Verdicts.mixer("r", 0, 5, 0.5, 4));
    accept(Verdicts.mixer("r", 0, 5, 0.5, 4));
    accept(Verdicts.mixer("r", 0, 4, 0.5, 4));
    assertThat(events).filteredOn(RunEvent.LayerJudged.class::isInstance).hasSize(1);
    accept(Verdicts.ofAttempt(Verdicts.mixer("r", 0, 4, 0.5, 4), 1));
    assertThat(events).filteredOn(RunEvent.LayerJudged.class::isInstance).hasSize(2);
  }

  private void accept(LayerVerdict verdict) {
    run.accept(verdict, 1000 * verdict.id().step(), events::add);
  }

  private List<Alarm> alarms(String name) {
    return events.stream()
        .filter(RunEvent.AlarmChanged.class::isInstance)
        .map(event -> ((RunEvent.AlarmChanged) event).alarm())
        .filter(alarm -> alarm.name().equals(name))
        .toList();
  }

  private List<ChainVerdict> chains() {
    return events.stream()
        .filter(RunEvent.ChainJudged.class::isInstance)
        .map(event -> ((RunEvent.ChainJudged) event).verdict())
        .toList();
  }
}
