package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class MainTest {

  /** One of the classes that are needed when its HTTP server has begun, whose threads live on. */
  private static final String NEEDED_LATE = "dev/sinkwatch/dashboard/metrics/KafkaMeters.class";

  @TempDir private Path directory;

  @Test
  @Timeout(600)
  void aMonitorThatCannotBeginEnds() throws Exception {
    Path broken = directory.resolve(NEEDED_LATE);
    Files.createDirectories(broken.getParent());
    Files.write(broken, new byte[8]);
    File said = directory.resolve("said.txt").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                directory + File.pathSeparator + System.getProperty("java.class.path"),
                Main.class.getName(),
                "monitor",
                "--embedded-kafka",
                "--embedded-kafka-port",
                "0",
                "--listen",
                "127.0.0.1:0")
            .redirectErrorStream(true)
            .redirectOutput(said);
    builder.environment().put("SINKWATCH_SNAPSHOT_TIMOUT", "1m"); // there is none
    Process process = builder.start();
    try {
      assertThat(process.waitFor(8, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).isEqualTo(1);
      assertThat(said).content().contains("ClassFormatError").doesNotContain("page ");
      assertThat(Files.readString(said.toPath()))
          .as("told once")
          .containsOnlyOnce("SINKWATCH_SNAPSHOT_TIMOUT in the environment is no setting");
    } finally {
      process.destroyForcibly();
    }
  }
}
