package dev.sinkwatch.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.dashboard.ShardTally.Tensor;
import dev.sinkwatch.ingest.embedded.SharedBroker;
import dev.sinkwatch.ingest.kafka.KafkaSettings;
import dev.sinkwatch.ingest.kafka.TopicSettings;
import dev.sinkwatch.ingest.kafka.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checkpoints of 5 GiB where tests may be long, and of a size that outgrows the publisher's buffers
 * else, that are written slowly, interrupted, replaced or deleted while they are read.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class LargeCheckpointsTest {
  private static final String RUN = "large-checkpoints";
  private static final int FILES = 4;
  private static final int SHARDS = Boolean.getBoolean("sinkwatch.long") ? 6828 : 60;
  private static final Duration LONG = Duration.ofMinutes(5);

  @TempDir private static Path scratch;
  private static Path checkpoints;
  private static ShardTally tally;
  private static WatchingPublisher publisher;

  @BeforeAll
  static void watch() throws Exception {
    checkpoints = Files.createDirectory(scratch.resolve("checkpoints"));
    String broker = SharedBroker.bootstrapServers();
    Topics.ensure(KafkaSettings.of(broker, "unused"), TopicSettings.of((short) 1));
    tally = new ShardTally(broker, RUN);
    publisher =
        new WatchingPublisher(broker, checkpoints, RUN, scratch.resolve("published"), "--all");
  }

  @AfterAll
  static void stop() throws Exception {
    if (publisher != null) {
      System.out.printf(
          Locale.ROOT,
          "checkpoints of %d MiB, heap of the publisher 128 MiB, resident at most %d MiB%n%s",
          (SHARDS * MarkedCheckpoint.SHARD_BYTES) >> 20,
          publisher.peakResidentMib(),
          publisher.said());
      assertThat(publisher.said()).doesNotContain("Exception", "OutOfMemory");
      publisher.close();
    }
    if (tally != null) {
      tally.close();
    }
  }

  @Test
  void aFileWrittenSlowlyAndInterruptedIsPublishedOnceAndWhole() throws Exception {
    Path file = file(1, "model.safetensors");
    MarkedCheckpoint.begin(file, "w", SHARDS);
    for (int part = 0; part < 4; part++) {
      MarkedCheckpoint.write(file, part * SHARDS / 8, (part + 1) * SHARDS / 8, 1);
      Thread.sleep(500); // a slow writer
    }
    publisher.says("not published yet: " + file);
    assertThat(tally.of(1)).isEmpty();
    MarkedCheckpoint.write(file, SHARDS / 2, SHARDS, 1);
    published(1, Map.of(new Tensor(1, "w", 1), SHARDS));
  }

  @Test
  void aSetIsPublishedWhenTheLastOfItsFilesIsWhole() throws Exception {
    StringBuilder index = new StringBuilder();
    Map<Tensor, Integer> all = new HashMap<>();
    for (int i = 1; i <= FILES; i++) {
      index.append(index.isEmpty() ? "" : ",");
      index.append("\"layers.%d.w\":\"%s\"".formatted(i, part(i)));
      all.put(new Tensor(2, "layers." + i + ".w", 1), SHARDS / FILES);
    }
    Files.createDirectories(file(2, part(1)).getParent());
    Files.writeString(file(2, "model.safetensors.index.json"), "{\"weight_map\":{" + index + "}}");
    for (int i = 1; i <= FILES; i++) {
      MarkedCheckpoint.begin(file(2, part(i)), "layers." + i + ".w", SHARDS / FILES);
      MarkedCheckpoint.write(file(2, part(i)), 0, SHARDS / FILES / (i == FILES ? 2 : 1), 1);
    }
    publisher.says("not published yet: " + file(2, part(FILES)));
    assertThat(tally.of(2)).isEmpty();
    MarkedCheckpoint.write(file(2, part(FILES)), SHARDS / FILES / 2, SHARDS / FILES, 1);
    published(2, all);
  }

  @Test
  void whatIsReplacedBeforeItWasWholeIsNeverPublished() throws Exception {
    Path file = file(3, "model.safetensors");
    MarkedCheckpoint.begin(file, "w", SHARDS);
    MarkedCheckpoint.write(file, 0, SHARDS / 2, 1);
    publisher.says("not published yet: " + file);
    Path next = scratch.resolve("next.safetensors");
    MarkedCheckpoint.begin(next, "w", SHARDS);
    MarkedCheckpoint.write(next, 0, SHARDS, 2);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    published(3, Map.of(new Tensor(3, "w", 2), SHARDS));
  }

  @Test
  void whatIsDeletedWhileItIsReadIsWholeOrNeverIs() throws Exception {
    Path file = file(4, "model.safetensors");
    MarkedCheckpoint.begin(file, "w", SHARDS);
    MarkedCheckpoint.write(file, 0, SHARDS, 1);
    untilItIsRead(4);
    Files.delete(file);
    wholeOrNot(4, "no such file or directory");
  }

  @Test
  void whatIsOverwrittenWhileItIsReadIsWholeOrNeverIs() throws Exception {
    Path file = file(5, "model.safetensors");
    MarkedCheckpoint.begin(file, "w", SHARDS);
    MarkedCheckpoint.write(file, 0, SHARDS, 1);
    untilItIsRead(5);
    MarkedCheckpoint.write(file, 0, SHARDS, 2);
    if (!wholeOrNot(5, "the file changed since its header was read")) {
      publisher.says("step 5 of run " + RUN + " published");
      MonitorUnderTest.await(
          "the state that is there now",
          LONG,
          () -> tally.of(5).getOrDefault(new Tensor(5, "w", 2), 0) >= SHARDS);
    }
  }

  private static Path file(int step, String name) {
    return checkpoints.resolve("step-" + step).resolve(name);
  }

  private static String part(int i) {
    return "model-%05d-of-%05d.safetensors".formatted(i, FILES);
  }

  private static void untilItIsRead(int step) throws InterruptedException {
    MonitorUnderTest.await(
        "a shard of step " + step,
        LONG,
        () -> tally.of(step).values().stream().anyMatch(n -> n > 0));
  }

  /** All shards of one writing come, each once, and it is said once. */
  private static void published(int step, Map<Tensor, Integer> all) throws Exception {
    long begun = System.nanoTime();
    String said = "step " + step + " of run " + RUN;
    publisher.says(said + " published, " + all.size() + " tensors in " + SHARDS + " shards");
    System.out.printf(
        Locale.ROOT,
        "step %d: %.1f s from the last byte to all acknowledged%n",
        step,
        1e-9 * (System.nanoTime() - begun));
    MonitorUnderTest.await(
        "all shards of step " + step, LONG, () -> total(tally.of(step)) >= SHARDS);
    assertThat(tally.of(step)).isEqualTo(all);
    assertThat(publisher.said()).containsOnlyOnce(said);
  }

  /**
   * Whether it was whole when it changed depends on when that was; that no tensor of two writings
   * is complete does not. Returns whether it was.
   */
  private static boolean wholeOrNot(int step, String why) throws Exception {
    String said = "step " + step + " of run " + RUN;
    String line = publisher.line(said);
    if (line.contains(said + " published")) {
      MonitorUnderTest.await(
          "all shards of step " + step, LONG, () -> total(tally.of(step)) >= SHARDS);
      assertThat(tally.of(step)).isEqualTo(Map.of(new Tensor(step, "w", 1), SHARDS));
      return true;
    }
    assertThat(line).contains(said + " is not all published, only ").endsWith(why);
    assertThat(tally.of(step).getOrDefault(new Tensor(step, "w", 1), 0)).isLessThan(SHARDS);
    return false;
  }

  private static int total(Map<Tensor, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }
}
