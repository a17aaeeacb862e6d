package dev.sinkwatch.dashboard.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.dashboard.SinkingRun;
import dev.sinkwatch.dashboard.silence.Silencing;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Server-sent events. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StreamRouteTest {
  @AutoClose private final DoorUnderTest door = new DoorUnderTest();

  @Test
  void theStreamTellsWhatHappensWithIdsThatCountUp() throws Exception {
    try (EventReader stream = door.stream("/api/v1/stream")) {
      stream.until(event -> event.type().equals("alive"));
      door.run.step(1, 0.5);
      List<EventReader.Event> told = stream.until(event -> event.type().equals("chain"));
      assertThat(told)
          .extracting(EventReader.Event::type)
          .endsWith("verdict", "verdict", "verdict", "chain");
      long first = told.get(told.size() - 4).id();
      assertThat(told.subList(told.size() - 4, told.size()))
          .extracting(EventReader.Event::id)
          .containsExactly(first, first + 1, first + 2, first + 3);
      assertThat(DoorUnderTest.MAPPER.readTree(told.getLast().data()).get("step").asLong())
          .isEqualTo(1);
      for (int step = 2; step <= 8; step++) {
        door.run.step(step, 0.05);
      }
      EventReader.Event alarm = stream.until(event -> event.type().equals("alarm")).getLast();
      assertThat(DoorUnderTest.MAPPER.readTree(alarm.data()).get("run").asText()).isEqualTo("r");
      door.history.forgotten("r");
      door.events.forgotten("r");
      stream.until(event -> event.type().equals("forgotten"));
    }
  }

  @Test
  void someRunsAndSomeKindsOfEventsCanBeFollowed() throws Exception {
    SinkingRun second = new SinkingRun("s", 4, 1, 1000, door.history, door.events);
    SinkingRun third = new SinkingRun("t", 4, 1, 1000, door.history, door.events);
    try (EventReader stream = door.stream("/api/v1/stream?run=r&run=t&only=chain,forgotten")) {
      stream.until(event -> event.type().equals("alive"));
      door.run.step(1, 0.5);
      second.step(1, 0.5);
      third.step(1, 0.5);
      door.events.forgotten("s");
      door.events.forgotten("t");
      List<EventReader.Event> told = stream.until(event -> event.type().equals("forgotten"));
      assertThat(told)
          .extracting(EventReader.Event::type)
          .containsExactly("chain", "chain", "forgotten");
      assertThat(told.getLast().data()).isEqualTo("{\"run\":\"t\"}");
    }
    assertThat(door.get("/api/v1/stream?only=verdict,noise").statusCode()).isEqualTo(400);
  }

  @Test
  void aClientThatComesBackMissesNothing() throws Exception {
    door.run.step(1, 0.5);
    long known = door.events.newest();
    door.run.step(2, 0.5);
    for (HttpRequest.Builder request :
        List.of(
            door.request("/api/v1/stream").header("Last-Event-ID", Long.toString(known)),
            door.request("/api/v1/stream?lastEventId=" + known))) {
      try (EventReader stream = door.stream(request)) {
        List<EventReader.Event> told = stream.until(event -> event.id() == door.events.newest());
        assertThat(told.stream().filter(event -> !event.type().equals("alive")))
            .extracting(EventReader.Event::id)
            .containsExactly(known + 1, known + 2, known + 3, known + 4);
      }
    }
  }

  @Test
  void aClientThatWasAwayForTooLongIsToldToReadAgain() throws Exception {
    long known = door.events.newest();
    for (int step = 1; step <= 30; step++) {
      door.run.step(step, 0.5);
    }
    try (EventReader stream = door.stream("/api/v1/stream?lastEventId=" + known)) {
      EventReader.Event reset = stream.until(event -> event.type().equals("reset")).getLast();
      assertThat(reset.id()).isEqualTo(door.events.newest());
      door.run.step(31, 0.5);
      List<EventReader.Event> told = stream.until(event -> event.type().equals("chain"));
      assertThat(told).extracting(EventReader.Event::type).doesNotContain("reset");
    }
  }

  @Test
  void anIdOfAMonitorThatRanEarlierIsTooOld() throws Exception {
    InstantSource earlier = InstantSource.fixed(InstantSource.system().instant().minusSeconds(60));
    EventStream before = new EventStream(earlier, Silencing.NONE, 50);
    new SinkingRun("r", 4, 3, 1000, before).step(1, 0.5);
    try (EventReader stream = door.stream("/api/v1/stream?lastEventId=" + before.newest())) {
      stream.until(event -> event.type().equals("reset"));
    }
  }

  @Test
  void aStreamOfOneRunIsOfThatRunAlone() throws Exception {
    try (EventReader stream = door.stream("/api/v1/stream?run=other")) {
      stream.until(event -> event.type().equals("alive"));
      door.run.step(1, 0.5);
      new SinkingRun("other", 4, 1, 1000, door.history, door.events).step(7, 0.5);
      List<EventReader.Event> told = stream.until(event -> event.type().equals("chain"));
      assertThat(told)
          .filteredOn(event -> !event.type().equals("alive"))
          .allMatch(event -> event.data().contains("\"run\":\"other\""));
    }
  }

  @Test
  void aStreamOfTwoRunsIsOfBothAndOfNoOther() throws Exception {
    SinkingRun other = new SinkingRun("other", 4, 1, 1000, door.history, door.events);
    SinkingRun third = new SinkingRun("third", 4, 1, 1000, door.history, door.events);
    try (EventReader stream = door.stream("/api/v1/stream?run=other&run=r&run=")) {
      stream.until(event -> event.type().equals("alive"));
      third.step(1, 0.5);
      door.run.step(1, 0.5);
      third.step(2, 0.5);
      other.step(7, 0.5);
      List<EventReader.Event> told =
          stream.until(event -> event.type().equals("chain") && event.data().contains("other"));
      assertThat(told.stream().filter(event -> event.type().equals("verdict")))
          .extracting(event -> DoorUnderTest.MAPPER.readTree(event.data()).get("run").asText())
          .containsExactly("r", "r", "r", "other");
      assertThat(told).noneMatch(event -> event.data().contains("third"));
    }
  }

  @Test
  void aHeartbeatSaysHowFarTheClientIs() throws Exception {
    try (DoorUnderTest lively = new DoorUnderTest(50, Limits.DEFAULT);
        EventReader stream = lively.stream("/api/v1/stream?run=other")) {
      stream.until(event -> event.type().equals("alive"));
      lively.run.step(1, 0.5);
      List<EventReader.Event> told = stream.until(event -> event.id() == lively.events.newest());
      assertThat(told).extracting(EventReader.Event::type).containsOnly("alive");
      assertThat(stream.comments()).isPositive();
    }
  }

  @Test
  void aClientThatDoesNotReadIsToldToReadAgainAndCostsNoMemory() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), door.port())) {
      socket.setReceiveBufferSize(1024);
      socket
          .getOutputStream()
          .write("GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      while (!lines.readLine().startsWith("event: alive")) {
        // headers and the opening
      }
      String layer = "w".repeat(256);
      for (int step = 1; step <= 30_000; step++) { // some 15 MB, more than the sockets hold
        door.events.layer(door.run.dense(layer, step, 3, 2));
      }
      String line = lines.readLine();
      while (!line.equals("event: reset")) {
        line = lines.readLine();
        assertThat(line).isNotNull();
      }
    }
  }
}
