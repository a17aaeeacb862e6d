package dev.sinkwatch.dashboard.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sinkwatch.dashboard.SinkingRun;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The points of layers and chains over the steps. */
class HistoryPointsTest {
  private final RunHistory history = with(HistorySettings.DEFAULT);

  @Test
  void pointsStayBoundedAndASpikeIsStillSeen() {
    RunHistory bounded = with(HistorySettings.ofPoints(64));
    SinkingRun run = new SinkingRun("r", 4, 1, 1000, bounded);
    for (int step = 0; step < 5000; step++) {
      run.step(step, step == 1234 ? 0.01 : step == 3456 ? 0.99 : 0.5);
    }
    JsonNode layer = layer(bounded, "r", run.layer(0));
    assertThat(layer.get("steps").size()).isBetween(32, 64);
    assertThat(layer.get("stride").asInt()).isEqualTo(128);
    assertThat(numbers(layer.get("steps"))).isSorted().endsWith(4999.0);
    assertThat(numbers(layer.get("sigma2Min"))).contains(0.01).hasSameSizeAs(layer.get("steps"));
    assertThat(numbers(layer.get("sigma2Max"))).contains(0.99);
    assertThat(numbers(layer.get("detailGainMin"))).contains(0.01);
    assertThat(numbers(layer.get("sigma2"))).containsOnly(0.5);
  }

  @Test
  void fewerPointsAreGivenWhenAskedAndTheSpikeIsStillSeen() {
    SinkingRun run = new SinkingRun("r", 4, 1, 1000, history);
    for (int step = 0; step < 1000; step++) {
      run.step(step, step == 777 ? 0.01 : 0.5);
    }
    JsonNode part =
        history
            .history("r", new HistoryQuery(run.layer(0), null, 500, 899, 10, Set.of()))
            .orElseThrow();
    assertThat(numbers(part.get("steps")))
        .containsExactly(539.0, 579.0, 619.0, 659.0, 699.0, 739.0, 779.0, 819.0, 859.0, 899.0);
    assertThat(part.get("sigma2Min").get(6).asDouble()).isEqualTo(0.01);
    assertThat(part.get("sigma2Min").get(5).asDouble()).isEqualTo(0.5);
  }

  @Test
  void atFullResolutionThereAreNoPools() {
    SinkingRun run = new SinkingRun("r", 4, 1, 1000, history);
    run.step(1, 0.5);
    JsonNode layer = layer(history, "r", run.layer(0));
    assertThat(layer.has("sigma2Min")).isFalse();
    assertThat(layer.get("stride").asInt()).isEqualTo(1);
  }

  @Test
  void aNewAttemptTakesThePlaceOfTheStepsItTrainsAgain() {
    SinkingRun run = new SinkingRun("r", 4, 1, 1000, history);
    for (int step = 0; step <= 100; step += 10) {
      run.step(step, 0.5);
    }
    run.restart();
    run.step(55, 0.6);
    JsonNode layer = layer(history, "r", run.layer(0));
    assertThat(numbers(layer.get("steps")))
        .containsExactly(0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 55.0);
    JsonNode summary = history.runs().get("runs").get(0);
    assertThat(summary.get("step").asLong()).isEqualTo(55);
    assertThat(summary.get("attempt").asInt()).isEqualTo(1);
  }

  @Test
  void anInfiniteDepthAndAnUndefinedFigureAreNull() {
    SinkingRun run = new SinkingRun("r", 4, 1, 1000, history);
    run.step(1, 1);
    JsonNode layer = layer(history, "r", run.layer(0));
    assertThat(layer.get("effectiveDepth").get(0).isNull()).isTrue();
    assertThat(layer.get("detailGain").get(0).asDouble()).isEqualTo(1);
  }

  @Test
  void theHistoryOfAChainIsWhatItsVerdictsSaid() {
    SinkingRun run = new SinkingRun("r", 4, 3, 1000, history);
    run.step(1, 0.5);
    run.step(2, 0.25);
    JsonNode chain =
        history.history("r", new HistoryQuery(null, "n4", 0, 10, 100, Set.of())).orElseThrow();
    double first = 0.5 * 0.5 * (1 - 0.4 / 3) * 0.5 * (1 - 0.8 / 3);
    assertThat(numbers(chain.get("steps"))).containsExactly(1.0, 2.0);
    assertThat(chain.get("depthGain").get(0).asDouble()).isCloseTo(first, within());
    assertThat(chain.get("compositeGain").get(1).asDouble()).isCloseTo(first / 8, within());
    assertThat(numbers(chain.get("networkEffectiveDepth"))).containsExactly(3.0, 3.0);
    assertThat(chain.get("snrCritical").asDouble()).isCloseTo(1.0 / 3, within());
  }

  @Test
  void aLayerAloneIsGivenWithAllItsFiguresAndTheTimeOfEachStep() {
    SinkingRun run = new SinkingRun("r", 4, 1, 1000, history);
    run.step(1, 0.5);
    run.step(3, 0.25);
    run.accept(run.dense("w", 3, 3, 2));
    JsonNode layer = layer(history, "r", run.layer(0));
    assertThat(numbers(layer.get("times"))).containsExactly(1001.0, 1003.0);
    assertThat(numbers(layer.get("columnResidual"))).containsExactly(2.4e-7, 2.4e-7);
    assertThat(numbers(layer.get("sigma2Upper"))).containsExactly(0.5, 0.25);
    assertThat(layer.has("movement")).isFalse();
    JsonNode dense = layer(history, "r", "w");
    assertThat(numbers(dense.get("frobenius"))).containsExactly(3.605551);
    assertThat(numbers(dense.get("stableRank"))).hasSize(1);
    assertThat(dense.has("entropy")).isFalse();
    JsonNode all = history.history("r", HistoryQuery.ALL).orElseThrow();
    List<String> keys = new ArrayList<>();
    all.get("layers").get(0).fieldNames().forEachRemaining(keys::add);
    assertThat(keys)
        .containsExactlyInAnyOrder(
            "run",
            "layer",
            "kind",
            "stride",
            "steps",
            "times",
            "sigma2",
            "detailGain",
            "effectiveDepth");
    assertThat(numbers(all.get("chains").get(0).get("times"))).containsExactly(1001.0, 1003.0);
  }

  @Test
  void manyLayersShareTheMemoryOfARun() {
    RunHistory bounded = with(HistorySettings.ofPoints(64));
    SinkingRun run = new SinkingRun("r", 4, 1024, 1000, bounded);
    for (int step = 0; step < 40; step++) {
      run.step(step, 0.5);
    }
    assertThat(layer(bounded, "r", run.layer(0)).get("steps").size()).isBetween(8, 16);
  }

  @Test
  void numbersAreRoundedToSevenDigits() {
    assertThat(Track.rounded(0.123456789)).isEqualTo(0.1234568);
    assertThat(Track.rounded(-1234567.89)).isEqualTo(-1234568);
    assertThat(Track.rounded(1.23456789e-60)).isEqualTo(1.234568e-60);
    assertThat(Track.rounded(1.23456789e20)).isEqualTo(1.234568e20);
    assertThat(Track.rounded(0)).isZero();
  }

  private static RunHistory with(HistorySettings settings) {
    return new RunHistory(settings, InstantSource.system());
  }

  private static JsonNode layer(RunHistory history, String run, String layer) {
    return history
        .history(run, new HistoryQuery(layer, null, 0, Long.MAX_VALUE, 10_000, Set.of()))
        .orElseThrow();
  }

  private static List<Double> numbers(JsonNode array) {
    List<Double> numbers = new ArrayList<>();
    array.forEach(number -> numbers.add(number.asDouble()));
    return numbers;
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.api.Assertions.within(1e-7);
  }
}
