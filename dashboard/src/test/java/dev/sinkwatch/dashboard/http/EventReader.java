package dev.sinkwatch.dashboard.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Reads a stream of server-sent events. */
final class EventReader implements AutoCloseable {

  record Event(long id, String type, String data) {}

  private final InputStream body;
  private final BufferedReader lines;
  private int comments;

  EventReader(InputStream body) {
    this.body = body;
    this.lines = new BufferedReader(new InputStreamReader(body, UTF_8));
  }

  /** Comments seen so far. */
  int comments() {
    return comments;
  }

  /** The events up to and with the first of that kind. */
  List<Event> until(Predicate<Event> last) throws IOException {
    List<Event> seen = new ArrayList<>();
    long id = 0;
    String type = "";
    String data = "";
    while (true) {
      String line = lines.readLine();
      assertThat(line).as("the stream goes on").isNotNull();
      if (line.startsWith(":")) {
        comments++;
      } else if (line.startsWith("id: ")) {
        id = Long.parseLong(line.substring(4));
      } else if (line.startsWith("event: ")) {
        type = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data = line.substring(6);
      } else if (line.isEmpty() && !data.isEmpty()) {
        Event event = new Event(id, type, data);
        data = "";
        seen.add(event);
        if (last.test(event)) {
          return seen;
        }
      }
    }
  }

  void untilEnd() throws IOException {
    while (lines.readLine() != null) {
      // to the end
    }
  }

  @Override
  public void close() throws IOException {
    body.close();
  }
}
