package dev.sinkwatch.dashboard.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sinkwatch.dashboard.SinkingRun;
import java.util.ArrayList;
import java.util.List;
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
}
