package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ctrl-C while the broker in the process is still starting. */
class StoppedStartTest {
  @TempDir private Path directory;

  /** As soon as the broker's directory has that in it. */
  @ParameterizedTest
  @ValueSource(strings = {"sinkwatch.lock", "__cluster_metadata-0"})
  void nothingOfTheBrokerStays(String file) throws Exception {
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    File said = directory.resolve("said.txt").toFile();
    List<String> command =
        ChildJvm.command(
            Main.class, "-Xmx256m", "-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + temporary);
    command.addAll(List.of("demo", "--listen", "127.0.0.1:0"));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said).start();
    try {
      MonitorUnderTest.await(
          "the broker begins", Duration.ofMinutes(5), () -> hasBroker(temporary, file));
      process.destroy(); // SIGTERM, which Ctrl-C's SIGINT is handled as
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).isEqualTo(143);
    assertThat(temporary).isEmptyDirectory();
    assertThat(Files.readString(said.toPath())).doesNotContain("ERROR").doesNotContain("page");
  }

  private static boolean hasBroker(Path temporary, String file) {
    try (Stream<Path> there = Files.list(temporary)) {
      return there.anyMatch(path -> Files.exists(path.resolve(file)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
