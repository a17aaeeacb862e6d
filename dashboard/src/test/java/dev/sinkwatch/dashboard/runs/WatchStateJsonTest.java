package dev.sinkwatch.dashboard.runs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
import dev.sinkwatch.analyzer.alarm.DriftState;
import dev.sinkwatch.analyzer.alarm.Severity;
import dev.sinkwatch.analyzer.alarm.WatchState;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WatchStateJsonTest {

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    Alarm firing =
        new Alarm(
            "r",
            "n4",
            "",
            "DepthCollapse",
            Severity.CRITICAL,
            AlarmState.FIRING,
            9,
            1234,
            1e-5,
            Double.NaN,
            null,
            "at most \"1e-05\"");
    WatchState chain =
        new WatchState(
            "r",
            "n4",
            "",
            2,
            7,
            1235,
            6,
            List.of(-1.5, Double.NEGATIVE_INFINITY, 0.1 + 0.2),
            Map.of("DepthCollapse", new WatchState.Standing(AlarmState.FIRING, 3)),
            List.of(firing),
            DriftState.NONE);
    assertThat(WatchStateJson.read(WatchStateJson.bytes(chain))).isEqualTo(chain);
    assertThat(WatchStateJson.key(chain)).isEqualTo("r#n4");
  }

  @Test
  void soIsWhereALayerDriftsTo() throws IOException {
    DriftState drift =
        new DriftState(
            70,
            0.25,
            0.1 + 0.2,
            List.of(-1.5, 1.0 / 3),
            1e-4,
            3e-4,
            2.5,
            1.25,
            List.of(new DriftState.Point(60, -1.5), new DriftState.Point(70, -1.75)),
            2,
            1);
    Alarm firing =
        new Alarm(
            "r",
            "",
            "l",
            "SpectralDrift",
            Severity.WARNING,
            AlarmState.FIRING,
            70,
            1234,
            2.5,
            1.25,
            420L,
            "falls");
    WatchState layer =
        new WatchState("r", "", "l", 0, 70, 1, 6, List.of(), Map.of(), List.of(firing), drift);
    assertThat(WatchStateJson.read(WatchStateJson.bytes(layer))).isEqualTo(layer);
    assertThat(WatchStateJson.bytes(layer)).hasSizeLessThan(4000);
  }

  @Test
  void whatAnEarlierMonitorKeptHasNoDriftYet() throws IOException {
    String kept = "{\"run\":\"r\",\"layer\":\"l\",\"seen\":6}";
    assertThat(WatchStateJson.read(kept.getBytes(UTF_8)).drift()).isEqualTo(DriftState.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{\"run\":\"r\"}",
        "{\"run\":\"r\",\"layer\":\"l\",\"warmUp\":[\"x\"]}",
        "{\"run\":\"r\",\"layer\":\"l\",\"standings\":{\"a\":{\"state\":\"gone\"}}}",
        "{\"run\":\"r\",\"layer\":\"l\",\"changes\":[{}]}",
        "{\"run\":\"r\",\"layer\":\"l\",\"drift\":{}}",
        "{\"run\":\"r\",\"layer\":\"l\",\"drift\":{\"mean\":0,\"level\":0,\"narrow\":0,\"wide\":0,\"sum\":0,\"limit\":0}}"
      })
  void anythingElseIsOneLine(String text) {
    assertThatIOException()
        .isThrownBy(() -> WatchStateJson.read(text.getBytes(UTF_8)))
        .withMessageNotContaining("\n");
  }
}
