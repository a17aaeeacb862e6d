package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.RecordPublisher;
import dev.sinkwatch.ingest.kafka.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two monitors of one group, and a run that collapses on purpose. */
@Timeout(300)
class SilencesEndToEndTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String PATH = "/api/v1/silences";
  private static final String TRAP = "HomogeneityTrap";

  @Test
  void whatOneSilencesAllDoAndItOutlivesThem() throws Exception {
    try (MonitorUnderTest monitor = MonitorUnderTest.start(Map.of());
        MixerJob job = new MixerJob(monitor.bootstrapServers())) {
      try (RecordPublisher anybody =
          new RecordPublisher(KafkaSettings.of(monitor.bootstrapServers(), "unused"))) {
        byte[] everything = "{\"id\":\"x\",\"run\":\"*\",\"alarm\":\"*\"}".getBytes(UTF_8);
        anybody.publish(Topics.STATE, "x", "#silence/x", everything).get();
        anybody.publish(Topics.STATE, "x", "#silence/", everything).get();
      }
      try (MonitorUnderTest other = monitor.another()) {
        List<MonitorUnderTest> both = List.of(monitor, other);
        for (long step = 1; step <= 10; step++) {
          job.step("r", 1, step, step <= 5 ? 0.9f : 0.02f, 1);
        }
        for (MonitorUnderTest one : both) {
          await("the trap fires everywhere", () -> trap(one).isPresent());
          assertThat(trap(one).orElseThrow().has("silencedUntil")).isFalse();
        }
        await("its owner exports it", () -> samples(both, "sinkwatch_alarm_state", 2) == 1);
        assertThat(samples(both, "sinkwatch_alarm_silenced", 1)).isZero();

        JsonNode silence = post(other, TRAP, 3600);
        long until = silence.path("until").asLong();
        for (MonitorUnderTest one : both) {
          await("it is silenced everywhere", () -> silencedUntil(one) == until);
          assertThat(JSON.readTree(one.get(PATH)).path("silences")).containsExactly(silence);
        }
        await("metrics say so", () -> samples(both, "sinkwatch_alarm_silenced", 1) == 1);
        assertThat(samples(both, "sinkwatch_alarm_state", 2)).as("it fires still").isEqualTo(1);
        assertThat(JSON.readTree(other.get("/api/v1/runs/r/verdict")).path("alarms").toString())
            .contains("silencedUntil");
      }

      monitor.restart();
      await("it fires after a restart", () -> trap(monitor).isPresent());
      assertThat(silencedUntil(monitor)).as("silenced from the beginning").isPositive();
      await("and is exported", () -> samples(List.of(monitor), "sinkwatch_alarm_state", 2) == 1);
      assertThat(samples(List.of(monitor), "sinkwatch_alarm_silenced", 1)).isEqualTo(1);
      JsonNode first = JSON.readTree(monitor.get(PATH)).path("silences").path(0);

      JsonNode second = post(monitor, "DepthCollapse", 2);
      await("it is over by itself", () -> silences(monitor) == 1);
      await("and forgotten on the topic", () -> forgotten(monitor, second));
      assertThat(forgotten(monitor, first)).isFalse();

      String path = PATH + "/" + first.path("id").asText();
      assertThat(monitor.send(path, request -> request.DELETE()).statusCode()).isEqualTo(204);
      assertThat(silencedUntil(monitor)).isZero();
      assertThat(forgotten(monitor, first)).isTrue();
      await(
          "no alarm is silenced",
          () -> samples(List.of(monitor), "sinkwatch_alarm_silenced", 1) == 0);
      assertThat(samples(List.of(monitor), "sinkwatch_alarm_state", 2)).isEqualTo(1);
    }
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    MonitorUnderTest.await(what, LONG, condition);
  }

  private static JsonNode post(MonitorUnderTest monitor, String alarm, int seconds)
      throws Exception {
    HttpResponse<String> answer =
        monitor.post(
            PATH,
            "{\"run\":\"r\",\"alarm\":\"%s\",\"seconds\":%d,\"reason\":\"on purpose\"}"
                .formatted(alarm, seconds));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return JSON.readTree(answer.body());
  }

  private static Optional<JsonNode> trap(MonitorUnderTest monitor) {
    return StreamSupport.stream(json(monitor, "/api/v1/alarms").path("alarms").spliterator(), false)
        .filter(alarm -> alarm.path("alarm").asText().equals(TRAP))
        .filter(alarm -> alarm.path("state").asText().equals("firing"))
        .findFirst();
  }

  private static long silencedUntil(MonitorUnderTest monitor) {
    return trap(monitor).map(alarm -> alarm.path("silencedUntil").asLong()).orElse(0L);
  }

  private static int silences(MonitorUnderTest monitor) {
    return json(monitor, PATH).path("silences").size();
  }

  private static JsonNode json(MonitorUnderTest monitor, String path) {
    try {
      return JSON.readTree(monitor.get(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Of the trap of the run, on all of them together. */
  private static long samples(List<MonitorUnderTest> monitors, String metric, double value) {
    return monitors.stream()
        .flatMap(monitor -> monitor.scrape().stream())
        .filter(sample -> sample.name().equals(metric) && sample.value() == value)
        .filter(sample -> sample.label("run").equals("r") && sample.label("alarm").equals(TRAP))
        .count();
  }

  /** Whether the last record of that silence is its end. */
  private static boolean forgotten(MonitorUnderTest monitor, JsonNode silence) {
    String key = "#silence/" + silence.path("id").asText();
    List<ConsumerRecord<byte[], byte[]>> records =
        monitor.all(Topics.STATE, true).stream()
            .filter(record -> key.equals(new String(record.key(), UTF_8)))
            .toList();
    assertThat(records).isNotEmpty();
    return records.getLast().value() == null;
  }
}
