package dev.sinkwatch.dashboard.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.dashboard.SinkingRun;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is kept of a run beside its figures. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DetailRoutesTest {
  @AutoClose private final DoorUnderTest door = new DoorUnderTest();

  @Test
  void theDepthAlongTheNetworkIsGivenAtAnyStep() throws Exception {
    door.run.step(10, 0.5);
    door.run.step(20, 0.25);
    JsonNode json = DoorUnderTest.json(door.get("/api/v1/runs/r/waterfall?chain=n4&step=19"));
    List<String> keys = new ArrayList<>();
    json.fieldNames().forEachRemaining(keys::add);
    assertThat(keys)
        .containsExactly(
            "run",
            "chain",
            "n",
            "attempt",
            "step",
            "time",
            "layers",
            "missing",
            "depthGain",
            "compositeGain",
            "noiseAmplitude",
            "assumed",
            "snrCritical",
            "networkEffectiveDepth",
            "compositeEffectiveDepth");
    assertThat(json.get("step").asLong()).isEqualTo(10);
    assertThat(json.get("time").asLong()).isEqualTo(1010);
    assertThat(json.get("depthGain").get(0).asDouble()).isEqualTo(0.5);
    assertThat(json.get("compositeGain")).hasSize(3);
    assertThat(json.get("missing")).isEmpty();
    assertThat(json.get("assumed").asBoolean()).isTrue();
    assertThat(json.get("networkEffectiveDepth").asInt()).isEqualTo(3);
    JsonNode latest = DoorUnderTest.json(door.get("/api/v1/runs/r/waterfall"));
    assertThat(latest.get("step").asLong()).isEqualTo(20);
    assertThat(latest.get("chain").asText()).isEqualTo("n4");
  }

  @Test
  void ofTwoStreamsThereIsNoCriticalRatio() throws Exception {
    new SinkingRun("two", 2, 2, 1000, door.history).step(1, 0.5);
    JsonNode json = DoorUnderTest.json(door.get("/api/v1/runs/two/waterfall"));
    assertThat(json.get("snrCritical").isNull()).isTrue();
    assertThat(json.get("chain").asText()).isEqualTo("n2");
  }

  @Test
  void theMatrixItselfIsGivenWithItsSumsAndSingularValues() throws Exception {
    LayerVerdict known = door.run.mixer("known", 0, 7, 0.5);
    double c = 1 / Math.sqrt(3);
    double[] rotated = new double[32]; // second of a batch of two: diag(3, 2, 1, 0.5), rows turned
    double[] values = {3, 2, 1, 0.5};
    double[][] turn = {{0, c, c, c}, {-c, 0, c, -c}, {-c, -c, 0, c}, {-c, c, -c, 0}};
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        rotated[16 + 4 * i + j] = turn[i][j] * values[j];
      }
    }
    door.history.layer(withMatrix(known, 2, rotated, new BatchSpread(0, 1, 2, 2, 0, 1)));
    JsonNode json = DoorUnderTest.json(door.get("/api/v1/runs/r/matrix?layer=known"));
    List<String> keys = new ArrayList<>();
    json.fieldNames().forEachRemaining(keys::add);
    assertThat(keys)
        .containsExactly(
            "run",
            "layer",
            "attempt",
            "step",
            "n",
            "batch",
            "index",
            "rows",
            "rowSums",
            "columnSums",
            "singularValues");
    assertThat(json.get("index").asInt()).isOne();
    assertThat(json.get("batch").asInt()).isEqualTo(2);
    for (int i = 0; i < 4; i++) {
      assertThat(json.get("singularValues").get(i).asDouble()).isCloseTo(values[i], within(1e-12));
      assertThat(json.get("rows").get(i).get(1).asDouble()).isEqualTo(rotated[16 + 4 * i + 1]);
    }
    assertThat(json.get("rowSums").get(0).asDouble()).isCloseTo(c * 3.5, within(1e-12));
    assertThat(json.get("columnSums").get(0).asDouble()).isCloseTo(-c * 9, within(1e-12));
    JsonNode first = DoorUnderTest.json(door.get("/api/v1/runs/r/matrix?layer=known&index=0"));
    assertThat(first.get("singularValues")).hasToString("[0.0,0.0,0.0,0.0]");
  }

  @Test
  void withoutAMatrixItIsSaidWhy() throws Exception {
    door.run.step(1, 0.5);
    door.run.accept(door.run.dense("w", 1, 3, 2));
    LayerVerdict large = new SinkingRun("r", 384, 1, 1000).mixer("large", 0, 1, 0.5);
    door.history.layer(withMatrix(large, 1, null, null));
    LayerVerdict many = new SinkingRun("r", 64, 1, 1000).mixer("many", 0, 1, 0.5);
    door.history.layer(withMatrix(many, 4, null, null));
    door.history.layer(door.run.mixer("bare", 0, 1, 0.5));
    door.history.layer(withMatrix(door.run.mixer("bare", 0, 2, 0.5), 1, null, null));
    for (String[] expected :
        new String[][] {
          {"nobody/matrix?layer=w", "404", "no run nobody"},
          {"r/matrix?layer=x", "404", "no layer x"},
          {"r/matrix?layer=w", "404", "no matrix of w is kept: it is no mixer"},
          {"r/matrix?layer=large", "404", "no matrix of large is kept: n = 384 is above 64"},
          {
            "r/matrix?layer=many",
            "404",
            "no matrix of many is kept: 4 operators of n = 64 take more than 64 KiB"
          },
          {
            "r/matrix?layer=bare",
            "404",
            "no matrix of bare is kept: there is no room for it, or its verdict came without"
          },
          {"r/matrix", "400", "parameter layer is missing"},
          {
            "r/matrix?index=1&layer=" + door.run.layer(0),
            "400",
            "parameter index must be an integer from 0 to 0"
          },
          {
            "r/matrix?index=-1&layer=w",
            "400",
            "parameter index must be an integer from 0 to 2147483647"
          },
        }) {
      var answer = door.get("/api/v1/runs/" + expected[0]);
      assertThat(DoorUnderTest.json(answer).path("error").asText()).isEqualTo(expected[2]);
      assertThat(answer.statusCode()).hasToString(expected[1]);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nobody/waterfall|404|no run nobody",
        "r/waterfall?chain=n9|404|no chain n9",
        "dense/waterfall|404|no chain in run dense",
        "r/waterfall?step=x|400|parameter step must be an integer of 0 or more",
        "r/waterfall?layer=x|400|unknown parameter; known are chain, step",
      })
  void anErrorIsOneLineOfJson(String path, int status, String line) throws Exception {
    door.run.step(1, 0.5);
    SinkingRun dense = new SinkingRun("dense", 4, 1, 1000, door.history);
    dense.accept(dense.dense("w", 1, 3, 2));
    var answer = door.get("/api/v1/runs/" + path);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(DoorUnderTest.json(answer))
        .hasToString(DoorUnderTest.MAPPER.createObjectNode().put("error", line).toString());
  }

  /** The verdict, on so many operators, with those matrices. */
  private static LayerVerdict withMatrix(
      LayerVerdict verdict, int batch, double @Nullable [] matrix, @Nullable BatchSpread spread) {
    return verdict
        .change()
        .operator(verdict.n(), batch, verdict.order())
        .matrix(matrix)
        .sigma2Batch(spread)
        .build();
  }
}
