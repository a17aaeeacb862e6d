package dev.sinkwatch.dashboard.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sinkwatch.dashboard.access.TestUsers;
import dev.sinkwatch.dashboard.config.Endpoint;
import dev.sinkwatch.dashboard.config.HttpSettings;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Silences over HTTP, and what they do to what is told of alarms. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SilenceRoutesTest {
  private static final String PATH = "/api/v1/silences";
  private static final String WISH =
      "{\"run\":\"r\",\"alarm\":\"HomogeneityTrap\",\"layer\":\"transformer.h.0.*\","
          + "\"seconds\":3600,\"reason\":\"on purpose\"}";

  @TempDir private Path directory;

  private static HttpRequest.Builder post(DoorUnderTest door, String body) {
    return door.request(PATH)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body));
  }

  private static JsonNode begin(DoorUnderTest door) throws Exception {
    HttpResponse<String> answer = door.send(post(door, WISH));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return DoorUnderTest.json(answer);
  }

  private static JsonNode get(DoorUnderTest door, String path) throws Exception {
    return DoorUnderTest.json(door.get(path));
  }

  @Test
  void alarmsStandAndAreShownWhileTheyAreSilenced() throws Exception {
    try (DoorUnderTest door = new DoorUnderTest();
        EventReader stream = door.stream("/api/v1/stream?run=r")) {
      for (int step = 1; step <= 10; step++) {
        door.run.step(step, step <= 5 ? 0.9 : 0.02);
      }
      int standing = get(door, "/api/v1/alarms").path("alarms").size();
      JsonNode silence = begin(door);
      assertThat(silence.path("by").asText()).isEqualTo("anonymous");
      assertThat(get(door, PATH).path("silences")).containsExactly(silence);
      assertThat(get(door, PATH).path("now").asLong())
          .isBetween(silence.path("created").asLong(), silence.path("until").asLong());

      JsonNode alarms = get(door, "/api/v1/alarms");
      assertThat(alarms.path("alarms")).hasSize(standing);
      int silenced = 0;
      for (JsonNode alarm : alarms.path("alarms")) {
        boolean covered =
            alarm.path("alarm").asText().equals("HomogeneityTrap")
                && alarm.path("layer").asText().equals(door.run.layer(0));
        assertThat(alarm.has("silencedUntil")).as(alarm.toString()).isEqualTo(covered);
        silenced += covered ? 1 : 0;
      }
      assertThat(silenced).isEqualTo(1);
      for (JsonNode group : alarms.path("groups")) {
        assertThat(group.path("silenced").asInt())
            .isEqualTo(group.path("alarm").asText().equals("HomogeneityTrap") ? 1 : 0);
        assertThat(group.path("count").asInt()).isGreaterThanOrEqualTo(1);
      }
      JsonNode run = get(door, "/api/v1/runs/r");
      assertThat(run.path("alarmCounts").path("silenced").asInt()).isEqualTo(1);
      assertThat(run.path("alarms").toString())
          .contains("\"silencedUntil\":" + silence.path("until"));

      assertThat(door.silences.tick()).isTrue();
      door.events.silences(door.silences.standing());
      EventReader.Event event =
          stream
              .until(e -> e.type().equals("silence"))
              .getLast(); // though the stream is of one run
      assertThat(DoorUnderTest.MAPPER.readTree(event.data()).path("silences"))
          .containsExactly(silence);

      HttpResponse<String> ended =
          door.send(door.request(PATH + "/" + silence.path("id").asText()).DELETE());
      assertThat(ended.statusCode()).isEqualTo(204);
      assertThat(ended.body()).isEmpty();
      assertThat(get(door, PATH).path("silences")).isEmpty();
      assertThat(get(door, "/api/v1/alarms").toString()).doesNotContain("silencedUntil");
      assertThat(door.kept.values).isEmpty();
      HttpResponse<String> again =
          door.send(door.request(PATH + "/" + silence.path("id").asText()).DELETE());
      assertThat(again.statusCode()).isEqualTo(404);
    }
  }

  @Test
  void whatMayNotBeIsRefusedAndChangesNothing() throws Exception {
    try (DoorUnderTest door = new DoorUnderTest()) {
      HttpResponse<String> invalid = door.send(post(door, WISH.replace("\"r\"", "\"a b\"")));
      assertThat(invalid.statusCode()).isEqualTo(400);
      assertThat(DoorUnderTest.json(invalid).path("error").asText()).startsWith("a run's name is");
      assertThat(door.send(post(door, "{")).statusCode()).isEqualTo(400);
      assertThat(door.send(post(door, "")).statusCode()).isEqualTo(400);
      assertThat(door.send(post(door, WISH + " ".repeat(16 << 10))).statusCode()).isEqualTo(413);
      for (String type : new String[] {"text/plain", "application/x-www-form-urlencoded"}) {
        HttpRequest.Builder request =
            door.request(PATH).header("Content-Type", type).POST(BodyPublishers.ofString(WISH));
        assertThat(door.send(request).statusCode()).as(type).isEqualTo(415);
      }
      assertThat(door.send(door.request(PATH).POST(BodyPublishers.ofString(WISH))).statusCode())
          .isEqualTo(415);
      HttpResponse<String> put = door.send(door.request(PATH).PUT(BodyPublishers.noBody()));
      assertThat(put.statusCode()).isEqualTo(405);
      assertThat(put.headers().firstValue("Allow")).hasValue("GET, HEAD, POST");
      assertThat(put.body()).isEqualTo("{\"error\":\"only GET, HEAD and POST are allowed here\"}");
      HttpResponse<String> one = door.get(PATH + "/x");
      assertThat(one.statusCode()).isEqualTo(405);
      assertThat(one.headers().firstValue("Allow")).hasValue("DELETE");
      assertThat(door.get(PATH + "?run=r").statusCode()).isEqualTo(400);

      door.kept.fail("no broker answers");
      HttpResponse<String> cut = door.send(post(door, WISH));
      assertThat(cut.statusCode()).isEqualTo(503);
      assertThat(cut.body())
          .isEqualTo("{\"error\":\"Kafka has not acknowledged it: no broker answers\"}");
      assertThat(get(door, PATH).path("silences")).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Origin, OWN, 201",
    "Origin, https://evil.example, 403",
    "Origin, null, 403",
    "Sec-Fetch-Site, same-origin, 201",
    "Sec-Fetch-Site, none, 201",
    "Sec-Fetch-Site, cross-site, 403",
    "Sec-Fetch-Site, same-site, 403",
  })
  void pagesFromElsewhereSilenceNothing(String header, String value, int status) throws Exception {
    try (DoorUnderTest door = new DoorUnderTest()) {
      String own = value.replace("OWN", "http://127.0.0.1:" + door.port());
      assertThat(door.send(post(door, WISH).header(header, own)).statusCode()).isEqualTo(status);
      assertThat(door.kept.values).hasSize(status == 201 ? 1 : 0);
      if (status == 403) {
        String id = begin(door).path("id").asText();
        HttpRequest.Builder end = door.request(PATH + "/" + id).header(header, own).DELETE();
        assertThat(door.send(end).statusCode()).isEqualTo(403);
        assertThat(door.kept.values).hasSize(1);
      }
    }
  }

  @Test
  void whereUsersAreNamedItTakesAnOperator() throws Exception {
    String password = "correct: horse ü";
    Path users =
        TestUsers.write(
            directory.resolve("users.yaml"),
            TestUsers.line("olga", password, "role: operator"),
            TestUsers.line("alice", password, "role: viewer"),
            TestUsers.line("gpu", password, "role: ingest"));
    HttpSettings settings = new HttpSettings(new Endpoint("127.0.0.1", 0), null, users);
    try (DoorUnderTest door = new DoorUnderTest(settings, 15_000, Limits.DEFAULT)) {
      assertThat(door.send(post(door, WISH)).statusCode()).isEqualTo(401);
      for (String user : new String[] {"alice", "gpu"}) {
        String name = DoorUnderTest.basic(user, password);
        HttpResponse<String> refused = door.send(post(door, WISH).header("Authorization", name));
        assertThat(refused.statusCode()).as(user).isEqualTo(403);
        assertThat(refused.body()).isEqualTo("{\"error\":\"this role may not silence alarms\"}");
      }
      String olga = DoorUnderTest.basic("olga", password);
      HttpResponse<String> begun = door.send(post(door, WISH).header("Authorization", olga));
      assertThat(begun.statusCode()).isEqualTo(201);
      assertThat(DoorUnderTest.json(begun).path("by").asText()).isEqualTo("olga");
      assertThat(door.status(PATH, "alice", password)).isEqualTo(200);
      assertThat(door.status(PATH, "gpu", password)).isEqualTo(403);
      for (String user : new String[] {"alice", "gpu"}) {
        HttpRequest.Builder end =
            door.request(PATH + "/" + DoorUnderTest.json(begun).path("id").asText())
                .header("Authorization", DoorUnderTest.basic(user, password))
                .DELETE();
        assertThat(door.send(end).statusCode()).as(user).isEqualTo(403);
      }
      assertThat(door.kept.values).hasSize(1);
    }
  }
}
