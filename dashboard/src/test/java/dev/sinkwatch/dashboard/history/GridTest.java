package dev.sinkwatch.dashboard.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.dashboard.ReadGrid;
import dev.sinkwatch.dashboard.SinkingRun;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Grids of layers whose histories are pooled already, each in its own way. */
class GridTest {

  private record Verdict(long step, float sigma2) {}

  @Property(tries = 200)
  void everyValueIsInItsCellAndNoCellHasOthers(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 60) int points,
      @ForAll @IntRange(min = 1, max = 4) int layers,
      @ForAll @IntRange(min = 1, max = 150) int steps,
      @ForAll @IntRange(min = 1, max = 80) int columns)
      throws IOException {
    Random random = new Random(seed);
    RunHistory history = with(points);
    SinkingRun run = new SinkingRun("r", 2, layers, 0);
    List<List<Verdict>> all = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      all.add(new ArrayList<>());
      int every = 1 + random.nextInt(4);
      for (int step = random.nextInt(every); step < steps; step += every) {
        float sigma2 = (1 + random.nextInt(100)) / 128f;
        history.layer(run.mixer(run.layer(layer), layer, step, sigma2));
        all.getLast().add(new Verdict(step, sigma2));
      }
      if (all.getLast().isEmpty()) {
        history.layer(run.mixer(run.layer(layer), layer, 0, 0.5));
        all.getLast().add(new Verdict(0, 0.5f));
      }
    }
    long from = random.nextInt(steps);
    long to = from + random.nextInt(steps);
    ReadGrid grid = grid(history, from, to, columns);
    assertThat(grid.steps()).isSorted().hasSizeLessThanOrEqualTo(columns);
    for (int layer = 0; layer < layers; layer++) {
      check(grid, layer, all.get(layer), from, to, all.get(layer).size() <= points);
    }
  }

  private static void check(
      ReadGrid grid, int layer, List<Verdict> verdicts, long from, long to, boolean whole) {
    int columns = grid.steps().length;
    for (Verdict verdict : verdicts) {
      if (from <= verdict.step() && verdict.step() <= to) {
        assertThat(columns).isPositive();
        int column = Math.min(column(grid, verdict.step()), columns - 1);
        assertThat(verdict.sigma2()).isBetween(grid.low(column, layer), grid.high(column, layer));
      }
    }
    for (int column = 0; column < columns; column++) {
      float high = grid.high(column, layer);
      int its = column;
      if (whole) {
        float most = Float.NEGATIVE_INFINITY;
        for (Verdict verdict : verdicts) {
          boolean wanted = from <= verdict.step() && verdict.step() <= to;
          if (wanted && column(grid, verdict.step()) == its) {
            most = Math.max(most, verdict.sigma2());
          }
        }
        assertThat(high).isEqualTo(most);
      } else {
        assertThat(
                high == Float.NEGATIVE_INFINITY
                    || verdicts.stream().anyMatch(verdict -> verdict.sigma2() == high))
            .isTrue();
      }
    }
  }

  private static int column(ReadGrid grid, long step) {
    int column = 0;
    while (column < grid.steps().length && grid.steps()[column] < step) {
      column++;
    }
    return column;
  }

  @Test
  void aPoolCoversAllColumnsItStandsFor() throws IOException {
    RunHistory history = with(16);
    SinkingRun run = new SinkingRun("r", 2, 2, 0);
    for (int step = 0; step < 32; step++) {
      history.layer(run.mixer("pooled", 0, step, step == 21 ? 0.1 : 0.5));
    }
    for (int step = 2; step < 32; step += 4) {
      history.layer(run.mixer("rare", 1, step, 0.25));
    }
    for (int step = 28; step < 32; step++) {
      history.layer(run.mixer("late", 2, step, 0.75));
    }
    ReadGrid grid = grid(history, 0, 100, 1000);
    assertThat(grid.header().get("pooled").asBoolean()).isTrue();
    assertThat(grid.header().get("stride").asLong()).isOne();
    for (int column = 0; column < grid.steps().length; column++) {
      double step = grid.steps()[column];
      assertThat(grid.high(column, 0)).isEqualTo(0.5f);
      assertThat(grid.low(column, 0)).isEqualTo(step == 21 ? 0.1f : 0.5f);
      assertThat(grid.high(column, 1)).isEqualTo(step % 4 == 2 ? 0.25f : Float.NEGATIVE_INFINITY);
      assertThat(grid.high(column, 2)).isEqualTo(step >= 28 ? 0.75f : Float.NEGATIVE_INFINITY);
    }
  }

  @Test
  void insideAPoolItIsStillSeen() throws IOException {
    RunHistory history = with(16);
    SinkingRun run = new SinkingRun("r", 2, 1, 0);
    for (int step = 0; step < 128; step++) {
      history.layer(run.mixer("pooled", 0, step, step == 21 ? 0.1 : 0.5));
    }
    ReadGrid grid = grid(history, 20, 22, 1000);
    assertThat(grid.steps()).containsExactly(23); // of the eight steps that are one point
    assertThat(grid.low(0, 0)).isEqualTo(0.1f);
    assertThat(grid.header().get("stride").asLong()).isEqualTo(8);
  }

  private static RunHistory with(int points) {
    return new RunHistory(HistorySettings.ofPoints(points), InstantSource.system());
  }

  private static ReadGrid grid(RunHistory history, long from, long to, int columns)
      throws IOException {
    return ReadGrid.of(
        history.grid("r", new GridQuery(Figure.SIGMA2, true, from, to, columns)).orElseThrow());
  }
}
