package dev.sinkwatch.analyzer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.SimulatedRun.Fate;
import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.layer.AnalysisSettings;
import dev.sinkwatch.analyzer.layer.LayerAnalysis;
import dev.sinkwatch.analyzer.layer.LayerHistories;
import dev.sinkwatch.analyzer.layer.LayerHistory;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Training runs that stay well and that go wrong, judged as a monitor judges them; prints the table
 * of docs/alarms.md.
 */
class SimulatedRunsTest {

  /** Seven fates: 203 runs; as a sample two of each. */
  private static final int RUNS = Boolean.getBoolean("sinkwatch.long") ? 29 : 2;

  private final LayerAnalysis analysis = new LayerAnalysis(AnalysisSettings.DEFAULT, new byte[32]);

  /**
   * @param at step of the verdict with which it was told
   */
  private record Told(long at, Alarm alarm) {}

  /**
   * @param trapped first step of each layer whose gain is that of the trap
   */
  private record Judged(SimulatedRun run, List<Told> alarms, Map<String, Long> trapped) {

    List<Alarm> firing() {
      return alarms.stream().map(Told::alarm).filter(a -> a.state() == AlarmState.FIRING).toList();
    }

    /** When an alarm first fired on a layer; -1 if it did not. */
    long fired(String name, String layer) {
      return firing().stream()
          .filter(alarm -> alarm.name().equals(name) && alarm.layer().equals(layer))
          .mapToLong(Alarm::sinceStep)
          .findFirst()
          .orElse(-1);
    }

    /** The projection that was known of a layer at a step. */
    @Nullable Long projected(String layer, double step) {
      Long projected = null;
      for (Told told : alarms) {
        if (told.at() <= step
            && told.alarm().name().equals("SpectralDrift")
            && told.alarm().layer().equals(layer)) {
          projected = told.alarm().projectedStep();
        }
      }
      return projected;
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Fate.class,
      names = {"HEALTHY_NOISE", "LEARNING_RATE_WARM_UP", "RESTART"})
  void nothingFiresOnARunThatIsWell(Fate fate) throws IOException {
    for (int seed = 0; seed < RUNS; seed++) {
      assertThat(judge(fate, seed).firing()).as("%s, seed %d", fate.words(), seed).isEmpty();
    }
    System.out.printf("%s: %d runs, no alarm%n", fate.words(), RUNS);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fate.class,
      names = {"SLOW_COLLAPSE", "SUDDEN_COLLAPSE", "WEIGHT_DECAY"})
  void everyCollapseIsFoundAndItsStepForeseen(Fate fate) throws IOException {
    List<Double> drift = new ArrayList<>();
    List<Double> trap = new ArrayList<>();
    List<Double> errors = new ArrayList<>();
    int unforeseen = 0;
    for (int seed = 0; seed < RUNS; seed++) {
      Judged judged = judge(fate, seed);
      for (String layer : judged.trapped().keySet()) {
        String where = "%s, seed %d, %s".formatted(fate.words(), seed, layer);
        long trapped = judged.trapped().get(layer);
        int onset = judged.run().onset;
        assertThat(judged.fired("SpectralDrift", layer)).as(where).isGreaterThanOrEqualTo(onset);
        assertThat(judged.fired("HomogeneityTrap", layer)).as(where).isGreaterThan(onset);
        drift.add((double) judged.fired("SpectralDrift", layer) - onset);
        trap.add((double) judged.fired("HomogeneityTrap", layer) - trapped);
        if (fate != Fate.SUDDEN_COLLAPSE) {
          Long projected = judged.projected(layer, (onset + trapped) / 2.0);
          if (projected == null) {
            unforeseen++;
            continue;
          }
          errors.add((projected - trapped) / (double) trapped);
        }
      }
      assertThat(judged.trapped()).hasSize(SimulatedRun.LAYERS);
    }
    System.out.printf(
        "%s: %d runs, SpectralDrift after %s steps, HomogeneityTrap %s after the gain fell below"
            + " 0.1, projection at half time off by %s, none yet of %d layers%n",
        fate.words(), RUNS, spread(drift), spread(trap), spread(errors), unforeseen);
    assertThat(errors).allMatch(error -> Math.abs(error) <= 0.2);
    // of noise that is all but a random walk nobody can say so early that it is none
    assertThat(unforeseen).isLessThanOrEqualTo(RUNS * SimulatedRun.LAYERS / 5);
  }

  @Test
  void everyFrozenRunIsFoundWithItsCause() throws IOException {
    List<Double> delay = new ArrayList<>();
    for (int seed = 0; seed < RUNS; seed++) {
      Judged judged = judge(Fate.FROZEN, seed);
      for (int layer = 0; layer < SimulatedRun.LAYERS; layer++) {
        long fired = judged.fired("IdentityStagnation", "h." + layer + ".logits");
        assertThat(fired).as("seed %d", seed).isGreaterThanOrEqualTo(judged.run().onset);
        delay.add((double) fired - judged.run().onset);
      }
      assertThat(judged.firing())
          .as("seed %d", seed)
          .allMatch(alarm -> alarm.name().equals("IdentityStagnation"))
          .allMatch(alarm -> alarm.reason().contains("its softmax is saturated"));
    }
    System.out.printf("frozen: %d runs, IdentityStagnation after %s steps%n", RUNS, spread(delay));
  }

  @Test
  void weightDecayIsNamedWithWhatItWouldHaveMade() throws IOException {
    Judged judged = judge(Fate.WEIGHT_DECAY, 1);
    assertThat(judged.firing())
        .filteredOn(alarm -> alarm.name().equals("HomogeneityTrap"))
        .hasSize(SimulatedRun.LAYERS)
        .allSatisfy(alarm ->
            assertThat(alarm.reason())
                .endsWith(
                    "weight decay on its logits alone would give %.3g by now"
                        .formatted(alarm.value())));
    assertThat(judged.firing())
        .filteredOn(alarm -> alarm.name().equals("DepthCollapse"))
        .singleElement()
        .satisfies(alarm ->
            assertThat(alarm.reason())
                .endsWith(
                    "weight decay on the logits alone would give %.2g by now"
                        .formatted(alarm.value())));
  }

  private Judged judge(Fate fate, int seed) throws IOException {
    SimulatedRun simulated = new SimulatedRun(fate, seed, this::healthy);
    LayerHistories histories = analysis.histories();
    RunAnalysis run = new RunAnalysis("r", RunSettings.DEFAULT);
    List<Told> alarms = new ArrayList<>();
    Map<String, Long> trapped = new HashMap<>();
    for (ArraySnapshot snapshot : simulated.snapshots()) {
      LayerVerdict verdict = analysis.judge(snapshot, histories.of(snapshot));
      if (verdict.get(Figure.DETAIL_GAIN) < 0.1) {
        trapped.putIfAbsent(verdict.id().layer(), verdict.id().step());
      }
      run.accept(
          verdict,
          verdict.appendedMillis(),
          event -> {
            if (event instanceof RunEvent.AlarmChanged(Alarm alarm)) {
              alarms.add(new Told(verdict.id().step(), alarm));
            }
          });
    }
    return new Judged(simulated, alarms, trapped);
  }

  private boolean healthy(double[] logits) {
    try {
      LayerVerdict verdict =
          analysis.judge(
              ArraySnapshot.of("l", Shape.of(SimulatedRun.N, SimulatedRun.N), logits)
                  .with(
                      new dev.sinkwatch.ingest.Hints(
                          dev.sinkwatch.ingest.Kind.SINKHORN_LOGITS, null, null, null, null)),
              LayerHistory.ofOneSnapshot());
      double gain = verdict.get(Figure.DETAIL_GAIN);
      double residual =
          Math.max(verdict.get(Figure.ROW_RESIDUAL), verdict.get(Figure.COLUMN_RESIDUAL));
      return gain > 0.35 && gain < 0.9 && residual < 1e-3;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String spread(List<Double> values) {
    if (values.isEmpty()) {
      return "(none)";
    }
    double[] sorted = values.stream().mapToDouble(v -> v).sorted().toArray();
    return "%.3g (%.3g to %.3g)"
        .formatted(
            sorted[sorted.length / 2], sorted[0], DoubleStream.of(sorted).max().orElseThrow());
  }
}
