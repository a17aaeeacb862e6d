package dev.sinkwatch.dashboard;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** {@code publish --watch} in a process of its own with a small heap, killed in the end. */
final class WatchingPublisher implements AutoCloseable {
  private static final Duration LONG = Duration.ofMinutes(10);

  private final Process process;
  private final File said;

  /**
   * @param memory where it keeps which checkpoints were published; what it says is kept beside it
   * @param more options
   */
  WatchingPublisher(
      String bootstrapServers, Path checkpoints, String run, Path memory, String... more)
      throws Exception {
    List<String> command = ChildJvm.command(Main.class, "-Xmx128m", "-XX:TieredStopAtLevel=1");
    command.addAll(List.of("publish", checkpoints.toString(), "--run", run, "--watch"));
    command.addAll(
        List.of("--bootstrap-servers", bootstrapServers, "--remember", memory.toString()));
    command.addAll(List.of(more));
    said = Files.createTempFile(memory.getParent(), "publish", ".txt").toFile();
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.to(said))
            .start();
  }

  String said() {
    try {
      return Files.readString(said.toPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void says(String words) throws InterruptedException {
    MonitorUnderTest.await(words, LONG, () -> said().contains(words));
  }

  /** The first line with these words, once all of it is there. */
  String line(String words) throws InterruptedException {
    MonitorUnderTest.await(
        words, LONG, () -> Pattern.compile(Pattern.quote(words) + ".*\\R").matcher(said()).find());
    return said().lines().filter(line -> line.contains(words)).findFirst().orElseThrow();
  }

  /** Most memory that it had resident so far, MiB. */
  long peakResidentMib() throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
            .filter(line -> line.startsWith("VmHWM:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .sum()
        >> 10;
  }

  void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    kill();
  }
}
