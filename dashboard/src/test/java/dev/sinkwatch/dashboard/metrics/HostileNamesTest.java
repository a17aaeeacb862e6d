package dev.sinkwatch.dashboard.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.RunAnalysis;
import dev.sinkwatch.analyzer.RunSettings;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.dashboard.SinkingRun;
import dev.sinkwatch.dashboard.history.HistorySettings;
import dev.sinkwatch.dashboard.history.RunHistory;
import dev.sinkwatch.dashboard.runs.RunBook;
import dev.sinkwatch.ingest.Ledger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers and runs without end, and names that want to be more than names. */
class HostileNamesTest {
  private static final int NAMES = Boolean.getBoolean("sinkwatch.long") ? 1_000_000 : 100_000;
  private static final int SHOWN = 256;

  private final ServiceMetrics metrics = new ServiceMetrics(new Ledger(), "test");
  private final RunHistory history = new RunHistory(HistorySettings.DEFAULT, Clock.systemUTC());
  private final RunBook book =
      new RunBook(
          RunSettings.DEFAULT,
          Duration.ofHours(24),
          List.of(new VerdictMetrics(metrics.registry(), SHOWN), history));

  @TempDir private Path directory;

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void aRunOfAnyNumberOfLayersHasBoundedSeriesAndMemory() {
    SinkingRun run = new SinkingRun("r", 4, NAMES, 0);
    long before = used();
    for (int i = 0; i < NAMES; i++) {
      // trapped, so that each wants an alarm as well; ten times, so that it would get it
      for (int step = 0; i < 3 * SHOWN ? step < 10 : step < 1; step++) {
        accept(run.mixer("layer." + i, i, step, 0.01));
      }
    }
    long kept = used() - before;
    Map<String, Integer> series = series();
    System.out.printf(
        Locale.ROOT,
        "%d layers of one run: %d series, %.0f MiB, %d verdicts passed by%n",
        NAMES,
        series.values().stream().mapToInt(Integer::intValue).sum(),
        kept / 1048576.0,
        book.passedBy());
    assertThat(book.passedBy()).isEqualTo(NAMES - RunAnalysis.MAX_LAYERS);
    assertThat(series.get("sinkwatch_sigma2_ratio")).isEqualTo(SHOWN);
    assertThat(series.get("sinkwatch_alarm_state")).isBetween(SHOWN, 4 * SHOWN);
    assertThat(kept).isLessThan(200L << 20);
  }

  @Test
  void matricesThatWaitForTheRestOfTheirStepTakeBoundedMemory() {
    SinkingRun run = new SinkingRun("r", 64, NAMES, 0);
    long before = used();
    for (int i = 0; i < 10_000; i++) {
      accept(run.mixer("layer." + i, i, 1, 0.5)); // 32 KiB each
    }
    assertThat(used() - before).isLessThan(100L << 20);
  }

  @Test
  void anyNumberOfRunsHasBoundedSeries() {
    for (int i = 0; i < NAMES / 20; i++) {
      SinkingRun run = new SinkingRun("run-" + i, 4, 1, i);
      accept(run.mixer("w", 0, 1, 0.5));
    }
    Map<String, Integer> series = series();
    assertThat(series.get("sinkwatch_run_step")).isEqualTo(RunBook.MAX_RUNS);
    assertThat(series.get("sinkwatch_sigma2_ratio")).isEqualTo(RunBook.MAX_RUNS);
    assertThat(history.runs().path("runs")).hasSize(HistorySettings.DEFAULT.runs());
  }

  @Test
  void layersOfManyRunsAreBoundedTogether() {
    int runs = RunBook.MAX_LAYERS / RunAnalysis.MAX_LAYERS + 2;
    for (int r = 0; r < runs; r++) {
      SinkingRun run = new SinkingRun("run-" + r, 4, NAMES, r);
      for (int i = 0; i < RunAnalysis.MAX_LAYERS; i++) {
        accept(run.mixer("layer." + i, i, 1, 0.5));
      }
    }
    assertThat(series().get("sinkwatch_run_step"))
        .isEqualTo(RunBook.MAX_LAYERS / RunAnalysis.MAX_LAYERS);
  }

  @Test
  void anyNumberOfSizesHasBoundedSeries() {
    for (int n = 2; n < 2 + 2 * RunAnalysis.MAX_CHAINS; n++) {
      SinkingRun run = new SinkingRun("r", n, 1, 0);
      accept(run.mixer("w" + n, n, n, 0.5));
      book.tick(Duration.ofHours(n).toMillis() / 100, RunBook.Keeper.SILENT);
    }
    assertThat(series().get("sinkwatch_network_operators"))
        .isLessThanOrEqualTo(RunAnalysis.MAX_CHAINS);
    assertThat(book.passedBy()).isPositive();
  }

  @Test
  void namesCannotBreakTheScrape() throws Exception {
    SinkingRun run = new SinkingRun("r", 4, 1, 0);
    List<String> names =
        List.of(
            "w\"} 1\\nsinkwatch_sigma2_ratio{run=\"forged",
            "back\\slash",
            "back\\",
            "\"",
            "{}=,# HELP x",
            "\u2028line\u2029paragraph",
            "\ud83d\ude00 \u202e right to left",
            "w".repeat(256),
            "\ud83d\ude00".repeat(256));
    for (int i = 0; i < names.size(); i++) {
      accept(run.mixer(names.get(i), i, 1, 0.5));
    }
    Map<String, Integer> series = series();
    assertThat(series.get("sinkwatch_sigma2_ratio")).isEqualTo(names.size());
    Path scrape = directory.resolve("scrape");
    Files.write(scrape, metrics.scrape(null).body());
    Process promtool =
        new ProcessBuilder("promtool", "check", "metrics")
            .redirectInput(scrape.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(promtool.getInputStream().readAllBytes(), UTF_8);
    promtool.waitFor();
    // it goes on to matters of taste, which it tells by name
    assertThat(said).doesNotContain("error while linting").doesNotContain("parsing");
  }

  private void accept(LayerVerdict verdict) {
    book.accept(verdict, 0, verdict.appendedMillis(), RunBook.Keeper.SILENT);
  }

  private Map<String, Integer> series() {
    Map<String, Integer> series = new HashMap<>();
    new String(metrics.scrape(null).body(), UTF_8)
        .lines()
        .filter(line -> line.startsWith("sinkwatch_"))
        .forEach(line -> series.merge(line.replaceAll("(?s)[{ ].*", ""), 1, Integer::sum));
    return series;
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    System.gc();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
