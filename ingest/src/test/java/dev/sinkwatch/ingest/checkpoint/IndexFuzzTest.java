package dev.sinkwatch.ingest.checkpoint;

import static dev.sinkwatch.ingest.Fuzzing.require;
import static dev.sinkwatch.ingest.Fuzzing.requireLine;

import dev.sinkwatch.ingest.Fuzzing;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any bytes as a checkpoint's index: what it names lies in its own directory. */
public class IndexFuzzTest {
  private static final Path INDEX = Path.of("/checkpoint/model.safetensors.index.json");

  @TempDir private Path directory;

  /** Jazzer's door. */
  public static void fuzzerTestOneInput(byte[] json) {
    try {
      Map<Path, Set<String>> files = SafetensorsIndex.read(INDEX, new ByteArrayInputStream(json));
      require(!files.isEmpty(), "an index of nothing");
      files.forEach((file, tensors) -> {
        Path parent = INDEX.getParent();
        require(file.normalize().equals(file), "not normal: " + file);
        require(file.startsWith(parent) && !file.equals(parent), "outside: " + file);
        require(!tensors.isEmpty(), "a file without tensors");
      });
    } catch (CheckpointException e) {
      requireLine(e);
    }
  }

  private static List<byte[]> seeds() {
    return Fuzzing.seeds(
        "",
        "{}",
        "{\"weight_map\":{}}",
        "{\"metadata\":{\"total_size\":24},\"weight_map\":"
            + "{\"a\":\"model-1-of-2.safetensors\",\"b\":\"model-2-of-2.safetensors\"}}",
        "{\"weight_map\":{\"a\":\"sub/x.safetensors\",\"b\":\"./x.safetensors\"}}",
        "{\"weight_map\":{\"a\":\"../x.safetensors\"}}",
        "{\"weight_map\":{\"a\":\"/etc/x\"}}",
        "{\"weight_map\":{\"a\":\"\\u0000\"}}",
        "{\"weight_map\":{\"a\":\".\"}}",
        "{\"weight_map\":{\"a\":1}}",
        "{\"weight_map\":[]}",
        "{\"weight_map\":{\"a\":\"x\",\"a\":\"y\"}}",
        "\ufeff{\"weight_map\":{\"a\":\"x\"}}",
        "[".repeat(2000));
  }

  @Test
  void seedsAreReadOrRefused() {
    seeds().forEach(IndexFuzzTest::fuzzerTestOneInput);
  }

  @Test
  void whateverJazzerFindsIsReadOrRefused() throws Exception {
    new Fuzzing(IndexFuzzTest.class, "dev.sinkwatch.ingest.**:com.fasterxml.jackson.core.**")
        .run(directory, seeds());
  }
}
