package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.kafka.Topics;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker in the process where others have the processors: it is as if the process stood still.
 */
class BusyStartTest {

  /** Longer than a start takes in silence. */
  private static final Duration AWAY = Duration.ofSeconds(7);

  /**
   * Longer than a monitor waits for other brokers, so that what was asked before it is too late.
   */
  private static final Duration LONG_AWAY = Topics.TIMEOUT.plusSeconds(1);

  private static final int TIMES = Boolean.getBoolean("sinkwatch.long") ? 5 : 0;

  @TempDir private Path directory;

  @Test
  @Timeout(900)
  void whatStartsLateIsWaitedForAndItIsSaid() throws Exception {
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    List<String> command =
        ChildJvm.command(
            Main.class, "-Xmx256m", "-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + temporary);
    command.addAll(
        List.of(
            "monitor",
            "--embedded-kafka",
            "--embedded-kafka-port",
            "0",
            "--listen",
            "127.0.0.1:0"));
    File said = directory.resolve("said.txt").toFile();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said).start();
    try (MonitorProcess monitor = new MonitorProcess(process, said)) {
      MonitorUnderTest.await(
          "the broker begins", Duration.ofMinutes(5), () -> hasBroker(temporary));
      standStill(process, AWAY);
      for (int i = 0; i < TIMES; i++) {
        MonitorUnderTest.await(
            "the broker serves", Duration.ofMinutes(5), () -> read(said).contains("Kafka broker"));
        standStill(process, LONG_AWAY);
        Thread.sleep(250);
      }
      assertThat(monitor.page()).isNotNull();
      assertThat(monitor.said())
          .containsOnlyOnce("sinkwatch: waiting for the Kafka broker in this process");
    }
  }

  private static boolean hasBroker(Path temporary) {
    try (Stream<Path> there = Files.list(temporary)) {
      return there.anyMatch(path -> path.getFileName().toString().startsWith("sinkwatch-kafka-"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void standStill(Process process, Duration time) throws Exception {
    signal(process, "STOP");
    Thread.sleep(time);
    signal(process, "CONT");
  }

  private static String read(File file) {
    try {
      return Files.readString(file.toPath());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void signal(Process process, String name) throws Exception {
    assertThat(
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
  }
}
