package dev.sinkwatch.ingest.checkpoint;

import static dev.sinkwatch.ingest.checkpoint.TestFiles.file;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that have the size and the time of modification that they had, and are others. */
@Timeout(60)
class StampTest {
  @TempDir Path folder;

  @BeforeEach
  void theFileSystemTells() {
    assertThat(folder.getFileSystem().supportedFileAttributeViews())
        .as("these tests want a temporary directory on a file system of Linux or macOS")
        .contains("unix");
  }

  @Test
  void aFileThatTookItsPlaceIsAnother() throws Exception {
    Path file = file(folder.resolve("model.safetensors"), "w");
    Path next = file(folder.resolve("next"), "w");
    Files.setLastModifiedTime(next, Files.getLastModifiedTime(file));
    Stamp before = Stamp.of(file);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    Stamp after = Stamp.of(file);
    assertThat(after.bytes()).isEqualTo(before.bytes());
    assertThat(after.modified()).isEqualTo(before.modified());
    assertThat(after).isNotEqualTo(before);
  }

  @Test
  void aFileWrittenInPlaceIsAnotherOnceTheFileSystemsClockHasMoved() throws Exception {
    Path file = file(folder.resolve("model.safetensors"), "w");
    byte[] bytes = Files.readAllBytes(file);
    FileTime modified = Files.getLastModifiedTime(file);
    Stamp before = Stamp.of(file);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    do {
      bytes[bytes.length - 1]++;
      Files.write(file, bytes);
      Files.setLastModifiedTime(file, modified);
    } while (Stamp.of(file).equals(before) && System.nanoTime() < end);
    assertThat(Stamp.of(file)).isNotEqualTo(before);
    assertThat(Stamp.of(file).modified()).isEqualTo(before.modified());
  }

  @Test
  void aWriteWithinTheSameMillisecondIsTold() throws Exception {
    Path file = file(folder.resolve("model.safetensors"), "w");
    Files.setLastModifiedTime(file, FileTime.from(1_000_000_001, TimeUnit.NANOSECONDS));
    Stamp before = Stamp.of(file);
    Files.setLastModifiedTime(file, FileTime.from(1_000_000_002, TimeUnit.NANOSECONDS));
    assertThat(Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS))
        .as("this test wants a temporary directory whose file system keeps nanoseconds")
        .isEqualTo(1_000_000_002);
    assertThat(Stamp.of(file).modifiedMillis()).isEqualTo(before.modifiedMillis());
    assertThat(Stamp.of(file).modified()).isNotEqualTo(before.modified());
  }
}
