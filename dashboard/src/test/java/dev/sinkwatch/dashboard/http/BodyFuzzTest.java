package dev.sinkwatch.dashboard.http;

import static dev.sinkwatch.ingest.Fuzzing.require;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.api.BugDetectors;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.sinkwatch.dashboard.silence.SilenceException;
import dev.sinkwatch.ingest.Fuzzing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Any bytes as the body of a request, over HTTP: a silence, or an upload whose length is said, that
 * comes in chunks or that breaks off. It is taken, or refused with one line; it is never the
 * monitor's failure, and never another run's shard.
 */
public class BodyFuzzTest {
  private static final DoorUnderTest DOOR = Upload.door(Upload.SHORT);
  private static final Set<Integer> OF_SILENCES = Set.of(201, 400, 413);
  private static final Set<Integer> OF_UPLOADS = Set.of(202, 400, 413, 429);

  /** How a body comes, by the input's first byte. */
  private enum Way {
    SILENCE,
    KNOWN,
    CHUNKS,
    BROKEN_OFF
  }

  @TempDir private Path directory;

  @AfterAll
  static void close() {
    DOOR.close();
  }

  /** Jazzer takes connections for findings. */
  public static void fuzzerInitialize() {
    var _ = BugDetectors.allowNetworkConnections((host, port) -> port == DOOR.port());
  }

  /**
   * Jazzer's door. The second byte is the number of bytes of data that follow a header, or the
   * length of the chunks.
   */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length < 2) {
      return;
    }
    Way way = Way.values()[input[0] & 3];
    int number = Byte.toUnsignedInt(input[1]);
    byte[] body = Arrays.copyOfRange(input, 2, input.length);
    if (way != Way.SILENCE && body.length > 0 && body[0] == '{') {
      body = framed(body, number);
    }
    try {
      RawRequest.Answer answer = send(way, number, body);
      if (way == Way.SILENCE) {
        requireUsable(answer, OF_SILENCES, "error");
        forget(answer);
      } else if (way != Way.BROKEN_OFF) {
        requireUsable(answer, OF_UPLOADS, "message");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (KeptShards.Kept shard : DOOR.shards.kept) {
      require(shard.run().equals("job") && shard.step() == 7, "a shard of " + shard);
    }
    DOOR.shards.kept.clear();
    DOOR.shards.ends.clear();
  }

  private static RawRequest.Answer send(Way way, int number, byte[] body) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), DOOR.port())) {
      ByteArrayOutputStream request = new ByteArrayOutputStream();
      boolean silence = way == Way.SILENCE;
      String head =
          "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: %s\r\n"
              .formatted(
                  silence ? "/api/v1/silences" : Upload.PATH,
                  silence ? "application/json" : "application/octet-stream");
      request.writeBytes(head.getBytes(ISO_8859_1));
      switch (way) {
        case SILENCE, KNOWN -> known(request, body.length, body);
        case BROKEN_OFF -> known(request, body.length + 1 + number, body);
        case CHUNKS -> chunks(request, 1 + number, body);
      }
      OutputStream out = socket.getOutputStream();
      out.write(request.toByteArray());
      if (way == Way.BROKEN_OFF) {
        socket.setSoLinger(true, 0); // a reset
        return new RawRequest.Answer(0, "", "");
      }
      return RawRequest.answer(socket);
    }
  }

  private static void known(ByteArrayOutputStream request, int length, byte[] body) {
    request.writeBytes(("Content-Length: " + length + "\r\n\r\n").getBytes(ISO_8859_1));
    request.writeBytes(body);
  }

  private static void chunks(ByteArrayOutputStream request, int length, byte[] body) {
    request.writeBytes("Transfer-Encoding: chunked\r\n\r\n".getBytes(ISO_8859_1));
    for (int at = 0; at < body.length; at += length) {
      int count = Math.min(length, body.length - at);
      request.writeBytes((Integer.toHexString(count) + "\r\n").getBytes(ISO_8859_1));
      request.write(body, at, count);
      request.writeBytes("\r\n".getBytes(ISO_8859_1));
    }
    request.writeBytes("0\r\n\r\n".getBytes(ISO_8859_1));
  }

  private static void requireUsable(RawRequest.Answer answer, Set<Integer> usual, String line)
      throws JsonProcessingException {
    require(usual.contains(answer.status()), answer.status() + " " + answer.body());
    JsonNode json = json(answer);
    if (answer.status() >= 400) {
      String said = json.path(line).asText();
      require(!said.isBlank(), "says nothing: " + json);
      require(said.chars().noneMatch(Character::isISOControl), "not one line: " + json);
    }
  }

  /** Ends a silence, so that there is room for the next. */
  private static void forget(RawRequest.Answer answer) throws JsonProcessingException {
    if (answer.status() == 201) {
      try {
        var _ = DOOR.silences.end(json(answer).path("id").asText(), "anonymous").join();
      } catch (SilenceException e) {
        throw new AssertionError("it was told and is not known", e);
      }
    }
  }

  private static JsonNode json(RawRequest.Answer answer) throws JsonProcessingException {
    return DoorUnderTest.MAPPER.readTree(new String(answer.body().getBytes(ISO_8859_1), UTF_8));
  }

  /** A header, its length before it and that many bytes of data behind it. */
  private static byte[] framed(byte[] header, int data) {
    return ByteBuffer.allocate(8 + header.length + data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  private static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (String wish :
        List.of(
            "{\"run\":\"r\",\"alarm\":\"HomogeneityTrap\",\"layer\":\"h.*\",\"seconds\":3600,"
                + "\"reason\":\"on purpose\"}",
            "{\"run\":\"r\",\"alarm\":\"*\",\"until\":99999999999999,\"reason\":\"é\\u0000\"}",
            "[".repeat(2000),
            "{\"run\":1e999999,\"run\":2}",
            "")) {
      seeds.add(seed(Way.SILENCE, 0, wish.getBytes(UTF_8)));
    }
    for (Way way : List.of(Way.KNOWN, Way.CHUNKS, Way.BROKEN_OFF)) {
      seeds.add(seed(way, 7, Upload.BODY));
      seeds.add(
          seed(
              way,
              16,
              "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}"
                  .getBytes(UTF_8)));
      seeds.add(seed(way, 0, "{\"__metadata__\":{\"sinkwatch.kind\":\"x\\n\"}}".getBytes(UTF_8)));
      seeds.add(seed(way, 1, new byte[0]));
    }
    return seeds;
  }

  private static byte[] seed(Way way, int number, byte[] body) {
    byte[] seed = new byte[2 + body.length];
    seed[0] = (byte) List.of(Way.values()).indexOf(way);
    seed[1] = (byte) number;
    System.arraycopy(body, 0, seed, 2, body.length);
    return seed;
  }

  @Test
  void seedsAreTakenOrRefused() {
    seeds().forEach(BodyFuzzTest::fuzzerTestOneInput);
  }

  @Test
  void whateverJazzerFindsIsTakenOrRefused() throws Exception {
    new Fuzzing(
            BodyFuzzTest.class,
            "dev.sinkwatch.**:com.fasterxml.jackson.core.**:io.vertx.core.http.impl.**")
        .run(directory, seeds());
  }
}
