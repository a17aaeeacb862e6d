package dev.sinkwatch.dashboard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.checkpoint.Checkpoint;
import dev.sinkwatch.ingest.checkpoint.Checkpoints;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TroublesTest {
  private static final Instant NOW = Instant.EPOCH;

  @TempDir private Path directory;
  private final List<String> told = new ArrayList<>();
  private final Troubles troubles = new Troubles(InstantSource.fixed(NOW), told::add);

  @Test
  void whatFailsIsToldOnceAndTriedAgainLaterAndLater() throws Exception {
    Checkpoint checkpoint = checkpoint(1);
    CommandException disk = new CommandException("not read", new IOException("disk"));
    assertThat(troubles.failed(checkpoint, disk)).isEqualTo(NOW.plus(Duration.ofSeconds(2)));
    assertThat(troubles.failed(checkpoint, disk)).isEqualTo(NOW.plus(Duration.ofSeconds(4)));
    assertThat(told).containsExactly("not read");
    troubles.over(checkpoint);
    assertThat(troubles.size()).isZero();
    assertThat(troubles.failed(checkpoint, disk)).isEqualTo(NOW.plus(Duration.ofSeconds(2)));
    assertThat(told).hasSize(2);
    assertThat(troubles.failed(checkpoint, new CommandException("its own fault")))
        .isEqualTo(Instant.MAX);
  }

  @Test
  void whatIsDeletedIsForgotten() throws Exception {
    for (int step = 1; step <= 20; step++) {
      Checkpoint checkpoint = checkpoint(step);
      troubles.failed(checkpoint, new CommandException("its own fault " + step));
      assertThat(troubles.size()).as("step %d", step).isEqualTo(1);
      Files.delete(checkpoint.path());
    }
    assertThat(told).hasSize(20);
  }

  private Checkpoint checkpoint(int step) throws Exception {
    Path file = directory.resolve("model-" + step + ".safetensors");
    SafetensorsWriter.write(
        file, Map.of(), List.of(Tensor.of("a", Shape.of(2, 2), 0.7, 0.3, 0.3, 0.7)));
    return Checkpoints.find(file).getFirst();
  }
}
