package dev.sinkwatch.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a user starts it, in a process of its own. */
class DemoEndToEndTest {
  private static final Pattern PAGE = Pattern.compile("page +(http://\\S+)");
  private static final Pattern FIRING =
      Pattern.compile("sinkwatch_alarm_state\\{.*alarm=\"HomogeneityTrap\".*} 2\\.0");

  @TempDir private Path directory;
  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void twoDemosSideBySideFallIntoTheTrapAndLeaveNothingBehind() throws Exception {
    Process first = demo("first", "127.0.0.1:0");
    Process second = demo("second", "127.0.0.1:0");
    try {
      String page = page("first");
      look(page);
      MonitorUnderTest.await(
          "the trap fires", Duration.ofSeconds(90), () -> FIRING.matcher(metrics(page)).find());
      assertThat(get(page("second") + "/health/live").statusCode()).isEqualTo(200);

      String taken = page.substring("http://".length());
      Process late = demo("late", taken);
      assertThat(late.waitFor(60, TimeUnit.SECONDS)).as("a taken port ends it").isTrue();
      assertThat(late.exitValue()).isEqualTo(1);
      assertThat(said("late").strip().lines()).singleElement().asString().contains(taken);
    } finally {
      first.destroy(); // SIGTERM, which Ctrl-C's SIGINT is handled as
      second.destroy();
    }
    assertThat(first.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(said("first")).doesNotContain("Exception");
    try (Stream<Path> left = Files.list(temporary())) {
      assertThat(left.filter(path -> path.getFileName().toString().contains("sinkwatch")))
          .isEmpty();
    }
  }

  /** The page follows the fall while it happens. */
  private static void look(String monitor) {
    List<String> complaints = new ArrayList<>();
    try (Chromium chromium = Chromium.launch()) {
      Page page = chromium.browser().newPage();
      page.onConsoleMessage(message -> {
        if (message.type().equals("error") || message.type().equals("warning")) {
          complaints.add(message.text());
        }
      });
      page.onPageError(complaints::add);
      page.navigate(monitor + "/");
      assertThat(page.locator("#run-name"))
          .hasText("demo", new LocatorAssertions.HasTextOptions().setTimeout(60_000));
      String step = page.locator("#tiles dd").first().textContent();
      assertThat(page.locator("#tiles dd").first()).not().hasText(step); // live
      assertThat(page.locator("#alarms"))
          .containsText(
              "HomogeneityTrap", new LocatorAssertions.ContainsTextOptions().setTimeout(90_000));
      assertThat(page.locator("#lines canvas")).hasCount(1);
      assertThat(page.locator("#charts canvas")).hasCount(4);
      assertThat(complaints).isEmpty();
    }
  }

  private Path temporary() throws IOException {
    return Files.createDirectories(directory.resolve("tmp"));
  }

  private Process demo(String name, String listen) throws IOException, InterruptedException {
    List<String> command =
        ChildJvm.command(
            Main.class, "-Xmx512m", "-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + temporary());
    command.addAll(List.of("demo", "--listen", listen, "--pace", "100"));
    return new ProcessBuilder(command)
        .redirectOutput(file(name))
        .redirectError(ProcessBuilder.Redirect.appendTo(file(name)))
        .start();
  }

  private File file(String name) {
    return directory.resolve(name + ".txt").toFile();
  }

  /**
   * Without the JVM's own warnings, which the launcher turns off, and what a busy machine is told.
   */
  private String said(String name) throws IOException {
    return String.join(
        "\n",
        Files.readAllLines(file(name).toPath(), UTF_8).stream()
            .filter(line -> !line.startsWith("WARNING:"))
            .filter(line -> !line.startsWith("sinkwatch: waiting for"))
            .toList());
  }

  private String page(String name) throws Exception {
    MonitorUnderTest.await(
        "the demo says where it is",
        Duration.ofSeconds(60),
        () -> {
          try {
            return PAGE.matcher(said(name)).find();
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    Matcher match = PAGE.matcher(said(name));
    assertThat(match.find()).isTrue();
    return match.group(1);
  }

  private String metrics(String page) {
    try {
      return get(page + "/metrics").body();
    } catch (ConnectException e) {
      return "";
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private HttpResponse<String> get(String url) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }
}
