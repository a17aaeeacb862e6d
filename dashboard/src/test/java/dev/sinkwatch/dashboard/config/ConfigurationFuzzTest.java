package dev.sinkwatch.dashboard.config;

import static dev.sinkwatch.ingest.Fuzzing.require;
import static dev.sinkwatch.ingest.Fuzzing.requireLine;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sinkwatch.ingest.Fuzzing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Any bytes as a configuration file: it is refused with one line, or says the same when it is
 * written again with keys that have dots.
 */
public class ConfigurationFuzzTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FILE = file();

  @TempDir private Path directory;

  /** Jazzer's door. */
  public static void fuzzerTestOneInput(byte[] yaml) {
    try {
      Files.write(FILE, yaml);
      Configuration read = Configuration.read(FILE, Map.of(), Map.of());
      Map<String, String> said = said(read);
      Files.write(FILE, JSON.writeValueAsBytes(said));
      Map<String, String> again = said(Configuration.read(FILE, Map.of(), Map.of()));
      require(again.equals(said), said + " is read as " + again);
      Settings.of(read);
    } catch (ConfigException e) {
      requireLine(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> said(Configuration configuration) {
    Map<String, String> said = new TreeMap<>();
    for (Setting setting : Setting.values()) {
      said.put(setting.key(), configuration.text(setting));
    }
    configuration.kafka().forEach((key, value) -> said.put("kafka." + key, value));
    return said;
  }

  private static Path file() {
    try {
      Path file = Files.createTempFile("sinkwatch", ".yaml");
      file.toFile().deleteOnExit();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<byte[]> seeds() {
    return Fuzzing.seeds(
        "",
        """
        listen: 127.0.0.1:9000
        snapshot-timeout: 2m
        analysis:
          max-buffer: 1GiB
          threads: 4
        alarms.consecutive: 5
        """,
        "kafka:\n  bootstrap-servers: [a:1, b:2]\n  security.protocol: SSL\n",
        "{\"group\": \"x\", \"eps\": 0.5, \"insecure\": true, \"profile\": null}",
        "group: a\ngroup: b\n",
        "\"a\\nb\": 1",
        "group: !!binary aGVsbG8=",
        "a: &a [*a]",
        "a: &a {b: *a}",
        "? [a]\n: b",
        "- a",
        "group: |\n  two\n  lines\n",
        "%YAML 1.2\n---\ngroup: x\n...\n",
        "group: \u0007",
        "a: *b");
  }

  @Test
  void seedsAreReadOrRefused() {
    seeds().forEach(ConfigurationFuzzTest::fuzzerTestOneInput);
  }

  @Test
  void whatNestsTooDeepIsRefused() {
    // no seed: it is slow to refuse
    Fuzzing.seeds("[".repeat(3000), "{a: ".repeat(3000), "- ".repeat(3000))
        .forEach(ConfigurationFuzzTest::fuzzerTestOneInput);
  }

  @Test
  void whateverJazzerFindsIsReadOrRefused() throws Exception {
    new Fuzzing(ConfigurationFuzzTest.class, "dev.sinkwatch.**:org.snakeyaml.engine.**")
        .run(directory, seeds());
  }
}
