package dev.sinkwatch.dashboard.runs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.RunSettings;
import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.WatchState;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.dashboard.SinkingRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RunBookTest {
  private static final int N = 128;
  private static final Duration EXPIRY = Duration.ofHours(1);

  private final List<String> forgotten = new ArrayList<>();
  private final List<Alarm> alarms = new ArrayList<>();
  private final RunBook book = new RunBook(RunSettings.DEFAULT, EXPIRY, List.of(new Recorded()));
  private final SinkingRun run = new SinkingRun("r", N, 1, 0);

  @Test
  void aRunThatWasSilentForLongGoesOnFromItsBaseline() {
    accept(1, 10, 0.09);
    book.tick(10 + EXPIRY.toMillis(), RunBook.Keeper.SILENT);
    assertThat(forgotten).containsExactly("r");
    accept(11, 14, 0.01);
    assertThat(alarms).extracting(Alarm::name).contains("HomogeneityTrap");
  }

  @Test
  void aRunThatAnotherOwnsIsForgottenWhole() {
    accept(1, 10, 0.09);
    book.revoked(Set.of(0));
    assertThat(forgotten).containsExactly("r");
    accept(11, 14, 0.01);
    assertThat(alarms).extracting(Alarm::name).doesNotContain("HomogeneityTrap");
  }

  @Test
  void whatIsRememberedOfRunsThatNeverComeAgainIsBounded() {
    RememberedRuns runs = new RememberedRuns(10);
    for (int i = 0; i < 100; i++) {
      runs.put(i % 2, state("r" + i, "a"));
      runs.put(i % 2, state("r" + i, "b"));
      runs.put(i % 2, state("r" + i, "b"));
    }
    assertThat(runs.states()).isEqualTo(10);
    assertThat(runs.take("r94")).isEmpty();
    assertThat(runs.take("r95")).hasSize(2);
    runs.drop(Set.of(0));
    assertThat(runs.states()).isEqualTo(4);
    assertThat(runs.take("r97")).hasSize(2);
  }

  private static WatchState state(String run, String layer) {
    return new WatchState(run, "", layer, 0, 1, 1, 1, List.of(), Map.of(), List.of());
  }

  private void accept(int from, int to, double gain) {
    for (int step = from; step <= to; step++) {
      book.accept(run.mixer("blocks.0.mixer", 0, step, gain), 0, step, RunBook.Keeper.SILENT);
    }
  }

  private final class Recorded implements RunListener {
    @Override
    public void layer(LayerVerdict verdict) {}

    @Override
    public void chain(ChainVerdict verdict) {}

    @Override
    public void alarm(Alarm alarm) {
      alarms.add(alarm);
    }

    @Override
    public void forgotten(String name) {
      forgotten.add(name);
    }
  }
}
