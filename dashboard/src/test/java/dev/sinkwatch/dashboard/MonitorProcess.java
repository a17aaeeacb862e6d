package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A monitor in a process of its own, which can be killed. */
final class MonitorProcess implements AutoCloseable {
  private static final String HEAP = "-Xmx256m";
  private static final String HASTE = "-XX:TieredStopAtLevel=1";
  private static final Pattern PAGE = Pattern.compile("page +(http://\\S+)");
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration LONG_PATIENCE = Duration.ofMinutes(15);

  /** Processor time within which it has started as a rule ten times over. */
  private static final double START_SECONDS = 15;

  private final Process process;
  private final File said;

  /**
   * @param said what it says goes there
   */
  MonitorProcess(Process process, File said) {
    this.process = process;
    this.said = said;
  }

  /**
   * One that is soon there: the JVM compiles in haste and never again.
   *
   * @param directory for what it says
   */
  static MonitorProcess start(Path directory, String bootstrapServers, Map<String, String> settings)
      throws IOException, InterruptedException {
    return start(directory, bootstrapServers, settings, HEAP, HASTE);
  }

  /**
   * One that has a heap of another size.
   *
   * @param heap as the JVM's option says it
   */
  static MonitorProcess start(
      String heap, Path directory, String bootstrapServers, Map<String, String> settings)
      throws IOException, InterruptedException {
    return start(directory, bootstrapServers, settings, "-Xmx" + heap, HASTE);
  }

  /** The same, of which {@link #memory} can be asked. */
  static MonitorProcess startTracked(
      Path directory, String bootstrapServers, Map<String, String> settings)
      throws IOException, InterruptedException {
    return start(
        directory, bootstrapServers, settings, HEAP, HASTE, "-XX:NativeMemoryTracking=summary");
  }

  /** One whose JVM compiles as it does for users, for what looks at its speed and memory. */
  static MonitorProcess startToMeasure(
      Path directory, String bootstrapServers, Map<String, String> settings)
      throws IOException, InterruptedException {
    return start(directory, bootstrapServers, settings, HEAP);
  }

  private static MonitorProcess start(
      Path directory, String bootstrapServers, Map<String, String> settings, String... options)
      throws IOException, InterruptedException {
    List<String> command = ChildJvm.command(Main.class, options);
    command.addAll(
        List.of("monitor", "--bootstrap-servers", bootstrapServers, "--listen", "127.0.0.1:0"));
    settings.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
    File said = Files.createTempFile(directory, "monitor", ".txt").toFile();
    return new MonitorProcess(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.to(said))
            .start(),
        said);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    kill();
  }

  /** SIGTERM, which it obeys. */
  void stop() throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
  }

  /** To be closed before it is stopped. */
  JvmMemory memory() throws Exception {
    return new JvmMemory(process.pid());
  }

  /** Most memory that it had resident so far, MiB. */
  long peakResidentMib() throws IOException {
    return status("VmHWM:") >> 10;
  }

  /** Memory that it has resident, KiB. */
  long residentKib() throws IOException {
    return status("VmRSS:");
  }

  long threads() throws IOException {
    return status("Threads:");
  }

  long fileHandles() throws IOException {
    try (Stream<Path> handles = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      return handles.count();
    }
  }

  /** Processor time of its threads whose names begin so (of 15 letters), to a hundredth. */
  double threadSeconds(String name) throws IOException {
    long ticks = 0;
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      for (Path task : tasks.toList()) {
        if (Files.readString(task.resolve("comm")).startsWith(name)) {
          String stat = Files.readString(task.resolve("stat"));
          String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
          ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]); // in mode user, system
        }
      }
    }
    return ticks / 100.0;
  }

  private long status(String field) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  /** All that it said, errors among it. */
  String said() throws IOException {
    return Files.readString(said.toPath());
  }

  /**
   * Waits until it says where the page is: 5 minutes, or up to 15 if it had too little processor
   * time by then, of which a machine that does much else may give it next to none.
   */
  URI page() throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (isAlive() && !PAGE.matcher(said()).find()) {
      Duration waited = Duration.ofNanos(System.nanoTime() - start);
      boolean starved = threadSeconds("") < START_SECONDS;
      if (waited.compareTo(starved ? LONG_PATIENCE : PATIENCE) > 0) {
        throw new AssertionError(
            "not within %d s and %.1f s of processor time: the monitor says where it is; it said: %s%n%s"
                .formatted(waited.toSeconds(), threadSeconds(""), said(), threadDump()));
      }
      Thread.sleep(200);
    }
    Matcher match = PAGE.matcher(said());
    assertThat(match.find()).as(said()).isTrue();
    return URI.create(match.group(1));
  }

  /** What its threads are at. */
  private String threadDump() throws IOException {
    Process jstack =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jstack").toString(),
                Long.toString(process.pid()))
            .redirectErrorStream(true)
            .start();
    return new String(jstack.getInputStream().readAllBytes(), UTF_8);
  }

  /** Sends a JSON object and returns the status of the answer. */
  int post(String path, String json) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(page().resolve(path))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(json))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .statusCode();
    }
  }

  String get(String path) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(page().resolve(path)).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  /** Whether it has its partitions and has read the last verdicts. */
  boolean ready() {
    try {
      return get("/health/ready").contains("\"ready\":true");
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** The sum of the samples whose lines begin so. */
  double value(String name) {
    try {
      return get("/metrics")
          .lines()
          .filter(line -> line.startsWith(name))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
