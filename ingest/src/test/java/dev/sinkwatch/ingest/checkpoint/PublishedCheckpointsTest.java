package dev.sinkwatch.ingest.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedCheckpointsTest {

  @TempDir private Path folder;

  @Test
  void whatWasPublishedIsKnownAfterARestart() throws Exception {
    Path memory = folder.resolve("state/published");
    Checkpoint checkpoint = checkpoint();
    PublishedCheckpoints before = PublishedCheckpoints.in(memory);
    assertThat(before.has("r", 0, checkpoint)).isFalse();
    before.add("r", 0, checkpoint);
    before.add("r", 0, checkpoint);

    PublishedCheckpoints after = PublishedCheckpoints.in(memory);
    assertThat(after.has("r", 0, checkpoint)).isTrue();
    assertThat(after.has("other", 0, checkpoint)).isFalse();
    assertThat(after.has("r", 1, checkpoint)).isFalse();
    assertThat(Files.readAllLines(memory)).hasSize(1);
  }

  @Test
  void aFileWrittenAnewIsAnotherCheckpoint() throws Exception {
    PublishedCheckpoints published = PublishedCheckpoints.in(folder.resolve("published"));
    published.add("r", 0, checkpoint());
    Files.setLastModifiedTime(
        folder.resolve("step-7/model.safetensors"), FileTime.fromMillis(1_000_000));
    assertThat(published.has("r", 0, checkpoint())).isFalse();
  }

  @Test
  void itDoesNotGrowForEver() throws Exception {
    Path memory = folder.resolve("published");
    Files.write(memory, IntStream.range(0, 20_001).mapToObj(i -> "line " + i).toList());
    PublishedCheckpoints.in(memory).add("r", 0, checkpoint());
    assertThat(Files.readAllLines(memory)).hasSize(10_001).contains("line 20000");
    assertThat(PublishedCheckpoints.in(memory).has("r", 0, checkpoint())).isTrue();
  }

  @Test
  void whatIsNoMemoryIsRefused() throws Exception {
    Path bytes = Files.write(folder.resolve("bytes"), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> PublishedCheckpoints.in(bytes))
        .isInstanceOf(IOException.class)
        .hasMessage("it is no text");
    assertThatThrownBy(() -> PublishedCheckpoints.in(folder)).isInstanceOf(IOException.class);
  }

  private Checkpoint checkpoint() throws IOException {
    Path file = folder.resolve("step-7/model.safetensors");
    if (!Files.exists(file)) {
      TestFiles.file(file, "w");
    }
    return Checkpoints.find(folder.resolve("step-7")).getFirst();
  }
}
