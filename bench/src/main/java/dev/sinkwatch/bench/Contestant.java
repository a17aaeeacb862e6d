package dev.sinkwatch.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sinkwatch.analyzer.kernel.Kernels;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Our side of {@code bench/compare}: a process that lives as long as the comparison of one row, so
 * that its code is warm, and works when it is told to, so that the other side can work in between.
 * One JSON object a line on stdin is answered by one on stdout:
 *
 * <pre>
 * {"do": "prepare", "id": ID, "work": NAME, ...}   {}
 * {"do": "run", "id": ID, ...}                     {"seconds": 0.1, "found": {...}}
 * {"do": "about"}                                  {"jdk": "...", ...}
 * anything that fails                              {"error": "..."}
 * </pre>
 */
public final class Contestant {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Work> works = new HashMap<>();

  private Contestant() {}

  public static void main(String[] arguments) throws IOException {
    Contestant contestant = new Contestant();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(contestant.answer(line));
    }
  }

  @SuppressWarnings("CatchAndPrintStackTrace") // it is the answer
  private ObjectNode answer(String line) {
    ObjectNode answer = JSON.createObjectNode();
    try {
      JsonNode request = JSON.readTree(line);
      switch (request.path("do").asText()) {
        case "prepare" -> works.put(request.path("id").asText(), Catalogue.work(request));
        case "run" -> run(request, answer);
        case "about" -> about(answer);
        default -> throw new IllegalArgumentException("cannot do " + line);
      }
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      return JSON.createObjectNode().put("error", e.toString());
    }
    return answer;
  }

  private void run(JsonNode request, ObjectNode answer) throws IOException {
    @Nullable Work known = works.get(request.path("id").asText());
    Work work = Objects.requireNonNull(known, "run before prepare");
    work.ready(request);
    long start = System.nanoTime();
    Map<String, Double> found = work.run();
    double seconds = 1e-9 * (System.nanoTime() - start);
    answer.put(Work.SECONDS, found.getOrDefault(Work.SECONDS, seconds));
    ObjectNode values = answer.putObject("found");
    found.forEach(values::put);
  }

  private static void about(ObjectNode answer) {
    answer
        .put("jdk", System.getProperty("java.vm.name") + " " + Runtime.version())
        .put("vector", Kernels.description());
  }
}
