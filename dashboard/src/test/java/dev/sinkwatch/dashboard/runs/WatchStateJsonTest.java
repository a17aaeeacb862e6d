package dev.sinkwatch.dashboard.runs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.AlarmState;
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
            List.of(firing));
    assertThat(WatchStateJson.read(WatchStateJson.bytes(chain))).isEqualTo(chain);
    assertThat(WatchStateJson.key(chain)).isEqualTo("r#n4");
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
        "{\"run\":\"r\",\"layer\":\"l\",\"changes\":[{}]}"
      })
  void anythingElseIsOneLine(String text) {
    assertThatIOException()
        .isThrownBy(() -> WatchStateJson.read(text.getBytes(UTF_8)))
        .withMessageNotContaining("\n");
  }
}
