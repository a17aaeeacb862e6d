package dev.sinkwatch.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code publish --watch} in a process of its own, beside a job that writes checkpoints and knows
 * nothing of it.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class PublishWatchTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final double[] MIXER = {0.7, 0.3, 0.3, 0.7};

  @TempDir private static Path scratch;
  private static MonitorUnderTest monitor;

  @BeforeAll
  static void start() throws Exception {
    monitor = MonitorUnderTest.start(Map.of());
  }

  @AfterAll
  static void stop() {
    monitor.close();
  }

  @Test
  void whatComesIsPublishedOnceAndWhatNoProfileUsesNever(@TempDir Path checkpoints)
      throws Exception {
    Path memory = scratch.resolve("once");
    try (WatchingPublisher publisher =
        new WatchingPublisher(monitor.bootstrapServers(), checkpoints, "once", memory)) {
      write(checkpoints.resolve("step-1/model.safetensors"), 1);
      publisher.says("step 1 of run once published, 1 tensors in 1 shards");
      MonitorUnderTest.await("it is remembered", LONG, () -> !text(memory).isEmpty());
      publisher.kill();
    }
    write(checkpoints.resolve("step-2/model.safetensors"), 2);
    try (WatchingPublisher publisher =
        new WatchingPublisher(monitor.bootstrapServers(), checkpoints, "once", memory)) {
      publisher.says("step 2 of run once published, 1 tensors in 1 shards");
      assertThat(publisher.said()).doesNotContain("step 1 of run");
    }
    judgedUntil("once", 2);
    assertThat(monitor.get("/api/v1/runs/once")).contains("blocks.0.mixer").doesNotContain("wide");

    try (WatchingPublisher publisher =
        new WatchingPublisher(monitor.bootstrapServers(), checkpoints, "all", memory, "--all")) {
      publisher.says("step 2 of run all published, 2 tensors in 2 shards");
    }
  }

  @Test
  void aFileThatGrowsIsReplacedOrGoesIsPublishedWholeOrNotAtAll(@TempDir Path checkpoints)
      throws Exception {
    Path written = scratch.resolve("written.safetensors");
    write(written, 3);
    byte[] whole = Files.readAllBytes(written);
    try (WatchingPublisher publisher =
        new WatchingPublisher(
            monitor.bootstrapServers(), checkpoints, "grown", scratch.resolve("grown"))) {
      // slowly, in place
      Path grown = checkpoints.resolve("step-3/model.safetensors");
      Files.createDirectories(checkpoints.resolve("step-3"));
      int part = whole.length / 4;
      for (int at = 0; at < whole.length; at += part) {
        Files.write(
            grown,
            Arrays.copyOfRange(whole, at, Math.min(whole.length, at + part)),
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
        Thread.sleep(600);
      }
      publisher.says("step 3 of run grown published, 1 tensors in 1 shards");

      // never whole, and gone
      Path lost = checkpoints.resolve("step-4/model.safetensors");
      Files.createDirectories(checkpoints.resolve("step-4"));
      Files.write(lost, Arrays.copyOf(whole, whole.length / 2));
      publisher.says("not published yet");
      Files.delete(lost);

      // with another name first, as jobs do that rename
      Path tentative = checkpoints.resolve("step-5/.model.safetensors.tmp");
      Files.createDirectories(checkpoints.resolve("step-5"));
      Files.write(tentative, whole);
      Files.move(
          tentative, tentative.resolveSibling("model.safetensors"), StandardCopyOption.ATOMIC_MOVE);
      publisher.says("step 5 of run grown published, 1 tensors in 1 shards");
      assertThat(publisher.said()).doesNotContain("step 4 of run");
      assertThat(publisher.said().split("step 3 of run", -1)).hasSize(2);

      write(grown, 4);
      publisher.says("not published: " + grown + " was written again after it was published");
    }
    judgedUntil("grown", 5);
  }

  @Test
  void aStepThatNothingTellsIsSaidToBeAssumedAndCanBeGiven(@TempDir Path checkpoints)
      throws Exception {
    Path file = checkpoints.resolve("model.safetensors");
    write(file, 5);
    assertThat(publish(file, "one"))
        .contains("step 0 of run one published")
        .contains("step 0 is assumed", "--step N", "sinkwatch.step");
    assertThat(publish(file, "one", "--step", "7"))
        .contains("step 7 of run one published")
        .doesNotContain("assumed");
    judgedUntil("one", 7);
    Path named = checkpoints.resolve("step-0/model.safetensors");
    write(named, 5);
    assertThat(publish(named, "named"))
        .contains("step 0 of run named published")
        .doesNotContain("assumed");
  }

  private static String publish(Path file, String run, String... more) throws Exception {
    List<String> command = ChildJvm.command(Main.class, "-Xmx128m", "-XX:TieredStopAtLevel=1");
    command.addAll(List.of("publish", file.toString(), "--run", run));
    command.addAll(List.of("--bootstrap-servers", monitor.bootstrapServers()));
    command.addAll(List.of(more));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void judgedUntil(String run, int step) throws InterruptedException {
    MonitorUnderTest.await(
        "the last step of " + run + " is judged",
        LONG,
        () ->
            monitor.scrape().stream()
                .anyMatch(sample ->
                    sample.name().equals("sinkwatch_run_step")
                        && sample.label("run").equals(run)
                        && sample.value() == step));
  }

  private static void write(Path file, int seed) throws IOException {
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    double[] wide = new double[2000];
    Arrays.setAll(wide, i -> Math.sin(seed + i));
    SafetensorsWriter.write(
        file,
        Map.of(),
        List.of(
            Tensor.of("blocks.0.mixer", Shape.of(2, 2), MIXER),
            Tensor.of("wide", Shape.of(40, 50), wide)));
  }
}
