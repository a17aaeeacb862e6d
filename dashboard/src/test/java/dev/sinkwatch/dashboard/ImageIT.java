package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The image's content on a plain Debian root, as root and with debootstrap: the entry point starts
 * without rights and without a place to write, judges, is scraped, is healthy and stops when it is
 * told. Prints what it takes.
 */
@Timeout(1800)
class ImageIT {
  private static final int OPERATORS = 122;
  private static final List<Integer> RUNS = List.of(1, 10, 100);
  private static final Pattern PAGE = Pattern.compile("page +http://(\\S+)");

  /** Half of a container with 1 GiB. */
  private static final List<String> ENVIRONMENT =
      List.of("PATH=/usr/bin:/bin", "SINKWATCH_JAVA_OPTS=-Xmx512m");

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path directory;

  @Test
  void theEntryPointStartsJudgesAndIsScraped() throws Exception {
    ImageRoot image =
        ImageRoot.build(
            Path.of("target/image-root").toAbsolutePath(),
            Path.of("target/sinkwatch-lib").toAbsolutePath());
    System.out.printf(
        "image: %d MiB beside Debian (%d of them Java), %d in all%n",
        image.mib("opt/sinkwatch"), image.mib("opt/sinkwatch/java"), image.mib(""));
    try (EmbeddedBroker broker = EmbeddedBroker.start(0, null);
        MixerJob job = new MixerJob(broker.bootstrapServers())) {
      Path said = directory.resolve("said.txt");
      long start = System.nanoTime();
      Process process =
          image.start(
              said.toFile(),
              ENVIRONMENT,
              "/opt/sinkwatch/sinkwatch",
              "monitor",
              "--listen",
              "127.0.0.1:0",
              "--bootstrap-servers",
              broker.bootstrapServers());
      try {
        String door = door(said, process);
        assertThat(scrape(door)).contains("sinkwatch_build_info");
        print(
            "image: %.1f s from start to the first scrape, %.1f s of a processor",
            1e-9 * (System.nanoTime() - start), value(scrape(door), "process_cpu_seconds_total"));
        assertThat(health(image, door)).isZero();
        idle(door);
        int published = 0;
        for (int runs : RUNS) {
          for (; published < runs; published++) {
            job.step("run-" + published, OPERATORS, 1, 0.9f, 1);
          }
          measure(door, runs);
        }
      } finally {
        process.destroy();
      }
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.readString(said)).doesNotContain("Exception", "WARN ", "ERROR");
    }
  }

  private String door(Path said, Process process) throws Exception {
    while (true) {
      Matcher match = PAGE.matcher(Files.readString(said));
      if (match.find()) {
        return match.group(1);
      }
      assertThat(process.isAlive()).as(Files.readString(said)).isTrue();
      Thread.sleep(20);
    }
  }

  /** What the image's HEALTHCHECK runs. */
  private int health(ImageRoot image, String door) throws Exception {
    String port = door.substring(door.lastIndexOf(':') + 1);
    return image
        .start(
            directory.resolve("health.txt").toFile(), ENVIRONMENT, "/opt/sinkwatch/healthy", port)
        .waitFor();
  }

  private void idle(String door) throws Exception {
    Thread.sleep(20_000); // compilers and the group come to rest
    double before = value(scrape(door), "process_cpu_seconds_total");
    long start = System.nanoTime();
    Thread.sleep(30_000); // what is measured is a time
    double used = value(scrape(door), "process_cpu_seconds_total") - before;
    print("image: %.1f %% of a processor without work", 1e11 * used / (System.nanoTime() - start));
    print("image: %.0f MiB resident without work", residentMib(scrape(door)));
  }

  private void measure(String door, int runs) throws Exception {
    MonitorUnderTest.await(
        runs + " runs are judged",
        Duration.ofMinutes(5),
        () -> {
          try {
            String scrape = scrape(door);
            return scrape.lines().filter(l -> l.startsWith("sinkwatch_network_operators")).count()
                == runs;
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    long[] nanos = new long[9];
    for (int i = 0; i < nanos.length; i++) {
      long start = System.nanoTime();
      String _ = scrape(door);
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    String scrape = scrape(door);
    print(
        "image: %d runs of %d operators: %d series, %.2f MiB, %.0f ms a scrape (median of 9),"
            + " %.0f MiB resident",
        runs,
        OPERATORS,
        scrape.lines().filter(line -> !line.startsWith("#")).count(),
        scrape.length() / 1048576.0,
        1e-6 * nanos[nanos.length / 2],
        residentMib(scrape));
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }

  private static double residentMib(String scrape) {
    return value(scrape, "process_resident_memory_bytes") / (1 << 20);
  }

  private static double value(String scrape, String name) {
    return scrape
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private String scrape(String door) throws IOException {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create("http://" + door + "/metrics")).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
