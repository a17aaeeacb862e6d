package dev.sinkwatch.dashboard.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sinkwatch.analyzer.verdict.Figure;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is answered, and that it opens and closes. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HttpDoorTest {
  @AutoClose private final DoorUnderTest door = new DoorUnderTest();

  @Test
  void metricsAreOfTheFormatThatTheClientAccepts() throws Exception {
    HttpResponse<String> scrape =
        door.send(door.request("/metrics").header("Accept", "application/openmetrics-text"));
    assertThat(scrape.statusCode()).isEqualTo(200);
    assertThat(scrape.headers().firstValue("Content-Type")).hasValue("text/plain; version=0.0.4");
    assertThat(scrape.body()).isEqualTo("accept application/openmetrics-text\n");
    assertThat(door.get("/metrics").body()).isEqualTo("accept null\n");
  }

  @Test
  void itIsAliveEvenWhenItIsNotReady() throws Exception {
    assertThat(door.get("/health/live").statusCode()).isEqualTo(200);
    assertThat(door.get("/health/ready").statusCode()).isEqualTo(200);
    door.unready.add("no partition is assigned yet");
    assertThat(door.get("/health/live").statusCode()).isEqualTo(200);
    HttpResponse<String> ready = door.get("/health/ready");
    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(DoorUnderTest.json(ready))
        .hasToString("{\"ready\":false,\"reasons\":[\"no partition is assigned yet\"]}");
  }

  @Test
  void runsAndTheirHistoryAreGivenAsJson() throws Exception {
    for (int step = 1; step <= 8; step++) {
      door.run.step(step, 0.05);
    }
    JsonNode runs = DoorUnderTest.json(door.get("/api/v1/runs"));
    assertThat(runs.get("runs")).hasSize(1);
    assertThat(runs.get("now").asLong()).isPositive();
    JsonNode one = DoorUnderTest.json(door.get("/api/v1/runs/r"));
    assertThat(one.get("verdicts")).hasSize(3);
    assertThat(one.get("chainVerdicts").get(0).get("depthGain")).hasSize(3);
    JsonNode all = DoorUnderTest.json(door.get("/api/v1/runs/r/history"));
    assertThat(all.get("layers")).hasSize(3);
    assertThat(all.get("chains")).hasSize(1);
    JsonNode layer =
        DoorUnderTest.json(
            door.get(
                "/api/v1/runs/r/history?layer=" + door.run.layer(1) + "&from=3&to=6&points=2"));
    assertThat(layer.get("steps")).hasToString("[4,6]");
    JsonNode chain = DoorUnderTest.json(door.get("/api/v1/runs/r/history?chain=n4&from=8"));
    assertThat(chain.get("steps")).hasToString("[8]");
    JsonNode alarms = DoorUnderTest.json(door.get("/api/v1/alarms"));
    assertThat(alarms.get("alarms"))
        .anyMatch(alarm -> alarm.get("alarm").asText().equals("HomogeneityTrap"));
  }

  @Test
  void howTheMonitorItselfDoesIsGiven() throws Exception {
    door.unready.add("no partition is assigned yet");
    door.metrics.analyzed(2_000_000, 40);
    JsonNode service = DoorUnderTest.json(door.get("/api/v1/service"));
    assertThat(service.get("ready").asBoolean()).isFalse();
    assertThat(service.get("reasons")).hasToString("[\"no partition is assigned yet\"]");
    assertThat(service.get("version").asText()).isEqualTo("test");
    assertThat(service.get("snapshotsAnalyzed").asLong()).isOne();
    assertThat(service.get("endToEndSeconds").get("p99").asDouble()).isBetween(0.02, 0.08);
    assertThat(service.get("consumerLagRecords").isNull()).isTrue();
    assertThat(service.get("canary").isNull()).isTrue();
  }

  @Test
  void eachFigureIsGivenWithItsMeaning() throws Exception {
    JsonNode figures = DoorUnderTest.json(door.get("/api/v1/figures")).get("figures");
    assertThat(figures).hasSize(Figure.values().length);
    for (JsonNode figure : figures) {
      Figure known = Objects.requireNonNull(Figure.ofKey(figure.get("key").asText()));
      assertThat(figure.get("meaning").asText()).isEqualTo(known.meaning());
    }
    door.run.step(1, 0.5);
    JsonNode runs = DoorUnderTest.json(door.get("/api/v1/runs")).get("runs");
    assertThat(runs.get(0).get("worst").isNull()).isTrue();
    assertThat(runs.get(0).get("profiles")).hasToString("[\"tokenbender\"]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/api/v1/runs/nobody|404|no run nobody",
        "/api/v1/runs/nobody/history|404|no run nobody",
        "/api/v1/runs/r/history?layer=x|404|no layer x",
        "/api/v1/runs/r/history?chain=n9|404|no chain n9",
        "/api/v1/runs/r/history?points=0|400|parameter points must be an integer from 1 to 10000",
        "/api/v1/runs/r/history?points=x|400|parameter points must be an integer from 1 to 10000",
        "/api/v1/runs/r/history?from=-1|400|parameter from must be an integer of 0 or more",
        "/api/v1/runs/r/history?from=5&to=4|400|parameter from is beyond to",
        "/api/v1/runs/r/history?from=5&from=4|400|parameter from is given twice",
        "/api/v1/runs/r/history?layer=a&chain=b|400|give layer or chain, not both",
        "/api/v1/runs/r/history?figures=sigma2|400|figures are chosen of one layer: give layer too",
        "/api/v1/runs/r/history?form=1|400|unknown parameter; known are chain, figures, from, layer, points,"
            + " to",
        "/api/v1/stream?lastEventId=x|400|parameter lastEventId must be an integer of 0 or more",
        "/nowhere|404|nothing is here",
        "/assets/../web/app.js|404|nothing is here",
        "/assets/secret.js|404|nothing is here",
        "/api/v1/runs/%zz|400|bad request",
      })
  void anErrorIsOneLineOfJson(String path, int status, String line) throws Exception {
    door.run.step(1, 0.5);
    RawRequest.Answer answer = door.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n");
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.headers()).contains("content-type: application/json");
    assertThat(DoorUnderTest.MAPPER.readTree(answer.body()))
        .hasToString(DoorUnderTest.MAPPER.createObjectNode().put("error", line).toString());
  }

  @Test
  void aTakenPortIsOneClearLine() {
    assertThatThrownBy(
            () -> HttpDoor.open(DoorUnderTest.plain("127.0.0.1", door.port()), door.routes()))
        .isInstanceOf(IOException.class)
        .hasMessage("127.0.0.1:%d is taken; choose another with --listen HOST:PORT", door.port());
  }

  @Test
  void anUnknownHostIsOneClearLine() {
    assertThatThrownBy(
            () -> HttpDoor.open(DoorUnderTest.plain("no-such-host.invalid", 8321), door.routes()))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot listen on no-such-host.invalid:8321: no such host");
  }

  @Test
  void closingEndsOpenStreamsAndFreesThePort() throws Exception {
    try (EventReader stream = door.stream("/api/v1/stream")) {
      stream.until(event -> event.type().equals("alive"));
      door.shut();
      stream.untilEnd();
      door.reopen();
      assertThat(door.get("/health/live").statusCode()).isEqualTo(200);
    }
  }
}
