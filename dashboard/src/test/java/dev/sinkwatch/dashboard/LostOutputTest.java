package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code check} in a shell whose next command does not read all of it. */
@Timeout(900)
class LostOutputTest {

  /** What it says of them does not fit into a pipe that nobody reads. */
  private static final int MIXERS = 2000;

  private static final double[] MIXER = {0.7, 0.3, 0.3, 0.7};

  @TempDir private Path directory;

  /**
   * What it said.
   *
   * @param err without the warning that this JVM has no Vector API
   */
  private record Said(String out, List<String> err) {}

  @BeforeEach
  void checkpoint() throws Exception {
    List<Tensor> tensors = new ArrayList<>();
    for (int mixer = 0; mixer < MIXERS; mixer++) {
      tensors.add(Tensor.of("blocks." + mixer + ".mixer", Shape.of(2, 2), MIXER));
    }
    SafetensorsWriter.write(directory.resolve("model.safetensors"), Map.of(), tensors);
  }

  /** As a command that SIGPIPE ends: 128 and the signal's number. */
  @ParameterizedTest
  @ValueSource(strings = {"table", "json", "csv"})
  void whoeverReadsNoFurtherEndsItQuietly(String format) throws Exception {
    Said said = shell("%s | head -n 1 >/dev/null; echo ${PIPESTATUS[0]}", format);
    assertThat(said.out()).isEqualTo("141\n");
    assertThat(said.err()).isEmpty();
  }

  @Test
  void aFileThatTakesNoMoreIsTold() throws Exception {
    Said said = shell("ulimit -f 4; %s >" + directory.resolve("some") + "; echo $?", "json");
    assertThat(said.out()).isEqualTo("1\n");
    assertThat(said.err()).singleElement().asString().startsWith("sinkwatch: stdout: ");
  }

  /** Its {@code %s} is a check of the checkpoint. */
  private Said shell(String line, String format) throws Exception {
    List<String> check =
        ChildJvm.command(Main.class, "-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData");
    check.addAll(List.of("check", "--format", format, directory.toString()));
    String quoted = check.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    Path out = Files.createTempFile(directory, "out", ".txt");
    Path err = Files.createTempFile(directory, "err", ".txt");
    Process shell =
        new ProcessBuilder("bash", "-c", line.formatted(quoted))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    assertThat(shell.waitFor(10, TimeUnit.MINUTES)).isTrue();
    return new Said(
        Files.readString(out),
        Files.readAllLines(err, UTF_8).stream()
            .filter(told -> !told.contains("--add-modules jdk.incubator.vector"))
            .toList());
  }
}
