package dev.sinkwatch.dashboard.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.dashboard.ReadGrid;
import dev.sinkwatch.dashboard.SinkingRun;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One figure of all layers over the steps, as bytes. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GridRouteTest {
  private static final float NONE = Float.NEGATIVE_INFINITY;

  @AutoClose private final DoorUnderTest door = new DoorUnderTest();

  @Test
  void everyVerdictIsACell() throws Exception {
    door.run.step(10, 0.5);
    door.run.step(20, 0.25);
    door.run.accept(door.run.mixer(door.run.layer(1), 1, 25, 0.125));
    ReadGrid grid = grid("");
    assertThat(grid.header().get("run").asText()).isEqualTo("r");
    assertThat(grid.header().get("figure").asText()).isEqualTo("sigma2");
    assertThat(grid.header().get("attempt").asInt()).isZero();
    assertThat(grid.header().get("now").asLong()).isPositive();
    assertThat(grid.header().get("from").asLong()).isEqualTo(10);
    assertThat(grid.header().get("to").asLong()).isEqualTo(25);
    assertThat(grid.header().get("stride").asLong()).isOne();
    assertThat(grid.header().get("pooled").asBoolean()).isFalse();
    List<String> layers = new ArrayList<>();
    grid.header().get("layers").forEach(layer -> layers.add(layer.asText()));
    assertThat(layers).containsExactly(door.run.layer(0), door.run.layer(1), door.run.layer(2));
    assertThat(grid.steps()).containsExactly(10, 20, 25);
    assertThat(grid.times()).containsExactly(1010, 1020, 1025);
    assertThat(grid.high(0, 0)).isEqualTo(0.5f);
    assertThat(grid.high(1, 0)).isEqualTo(0.25f);
    assertThat(grid.high(1, 2)).isEqualTo((float) (0.25 * (1 - 0.8 / 3)));
    assertThat(grid.high(2, 1)).isEqualTo(0.125f);
    assertThat(grid.high(2, 0)).isEqualTo(NONE); // it publishes less often
    assertThat(grid.high(2, 2)).isEqualTo(NONE);
  }

  @Test
  void aSpikeIsSeenHoweverFewColumnsThereAre() throws Exception {
    for (int step = 0; step < 1000; step++) {
      door.run.step(step, step == 617 ? 0.01 : step == 800 ? 0.99 : 0.5);
    }
    for (int columns : new int[] {1, 7, 300, 999}) {
      ReadGrid grid = grid("?columns=" + columns);
      assertThat(grid.steps()).hasSize(columns).endsWith(999).isSorted();
      assertThat(grid.header().get("stride").asInt()).isEqualTo(Math.ceilDiv(1000, columns));
      assertThat(grid.header().get("pooled").asBoolean()).isTrue();
      float least = 1;
      float most = 0;
      for (int c = 0; c < columns; c++) {
        least = Math.min(least, grid.low(c, 0));
        most = Math.max(most, grid.high(c, 0));
      }
      assertThat(least).isEqualTo(0.01f);
      assertThat(most).isEqualTo(0.99f);
    }
    ReadGrid part = grid("?from=617&to=620&columns=2");
    assertThat(part.steps()).containsExactly(618, 620);
    assertThat(part.low(0, 0)).isEqualTo(0.01f);
    assertThat(part.high(0, 0)).isEqualTo(0.5f);
    assertThat(part.low(1, 0)).isEqualTo(0.5f);
  }

  @Test
  void otherFiguresAndDenseLayersHaveTheirGrids() throws Exception {
    door.run.step(1, 1);
    door.run.accept(door.run.dense("w", 1, 3, 2));
    assertThat(grid("?figure=effectiveDepth").high(0, 0)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(grid("?figure=movement").high(0, 0)).isNaN();
    ReadGrid dense = grid("?kind=dense&figure=sigma1");
    assertThat(dense.header().get("layers")).hasToString("[\"w\"]");
    assertThat(dense.high(0, 0)).isEqualTo(3);
    ReadGrid nothing = grid("?from=5");
    assertThat(nothing.header().get("from").isNull()).isTrue();
    assertThat(nothing.header().get("columns").asInt()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nobody/grid|404|no run nobody",
        "r/grid?columns=0|400|parameter columns must be an integer from 1 to 10000",
        "r/grid?columns=10001|400|parameter columns must be an integer from 1 to 10000",
        "r/grid?from=x|400|parameter from must be an integer of 0 or more",
        "r/grid?from=5&to=4|400|parameter from is beyond to",
        "r/grid?kind=x|400|parameter kind must be one of operator, dense",
        "r/grid?figure=x|400|parameter figure must be one of detailGain, detailGainLower,",
        "r/grid?points=1|400|unknown parameter; known are columns, figure, from, kind, to",
      })
  void anErrorIsOneLineOfJson(String path, int status, String line) throws Exception {
    door.run.step(1, 0.5);
    var answer = door.get("/api/v1/runs/" + path);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(DoorUnderTest.json(answer).get("error").asText()).startsWith(line);
  }

  @Test
  void whatALargeRunTakesIsPrinted() throws Exception {
    SinkingRun large = new SinkingRun("large", 2, 200, 1000);
    for (int step = 0; step < 10_000; step++) {
      for (int layer = 0; layer < 200; layer++) {
        door.history.layer(large.mixer(large.layer(layer), layer, step, gain(step, layer)));
      }
    }
    for (int round = 0; round < 3; round++) {
      for (int columns : new int[] {1200, 10_000}) {
        long start = System.nanoTime();
        byte[] body = door.bytes("/api/v1/runs/large/grid?columns=" + columns);
        double millis = (System.nanoTime() - start) / 1e6;
        long zip = System.nanoTime();
        byte[] zipped = zipped(body);
        double zipMillis = (System.nanoTime() - zip) / 1e6;
        ReadGrid grid = ReadGrid.of(body);
        assertThat(grid.steps()).hasSizeLessThanOrEqualTo(columns).endsWith(9999);
        assertThat(grid.header().get("layers")).hasSize(200);
        System.out.printf(
            Locale.ROOT,
            "200 layers x 10,000 steps in %d columns: %.0f ms, %.2f MB, stride %d; gzip -1 %.2f MB"
                + " in %.0f ms%n",
            grid.steps().length,
            millis,
            body.length / 1e6,
            grid.header().get("stride").asLong(),
            zipped.length / 1e6,
            zipMillis);
      }
    }
  }

  private static byte[] zipped(byte[] body) {
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    deflater.setInput(body);
    deflater.finish();
    byte[] zipped = new byte[body.length + 1000];
    int length = deflater.deflate(zipped);
    deflater.end();
    return Arrays.copyOf(zipped, length);
  }

  private static double gain(int step, int layer) {
    return 0.3 + 0.2 * Math.sin(step * 0.001 + layer) + 0.01 * Math.sin(step * 7.7 + layer * layer);
  }

  private ReadGrid grid(String query) throws Exception {
    return ReadGrid.of(door.bytes("/api/v1/runs/r/grid" + query));
  }
}
