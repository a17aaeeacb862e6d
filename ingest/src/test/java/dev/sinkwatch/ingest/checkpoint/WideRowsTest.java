package dev.sinkwatch.ingest.checkpoint;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinkwatch.ingest.Snapshot;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pieces of ranks whose rows are longer together than what one buffer holds. */
class WideRowsTest {
  @TempDir Path folder;

  @Test
  void aRowThatNoBufferTakesIsRefusedInOneLine() throws Exception {
    long columns = 1 << 28; // 1 GiB of each rank, in files that take no disk
    for (int rank = 1; rank <= 2; rank++) {
      String json =
          ("{\"__metadata__\":{\"DCP_SHARDING_INFO\":\"{\\\"w\\\": {\\\"saved_offsets\\\": [0, %d]}}\"},"
                  + "\"w\":{\"dtype\":\"F32\",\"shape\":[1,%d],\"data_offsets\":[0,%d]}}")
              .formatted((rank - 1) * columns, columns, 4 * columns);
      Path file =
          TestFiles.header(
              folder.resolve("shard-%05d-model-00001-of-00001.safetensors".formatted(rank)),
              json,
              0);
      try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
        sparse.setLength(Files.size(file) + 4 * columns);
      }
    }
    Snapshot snapshot = Checkpoints.find(folder).getFirst().snapshots("run", 0).getFirst();
    assertThatThrownBy(() -> snapshot.scan((first, rows, data) -> {}))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("tensor w has rows of 2147483648 bytes");
  }
}
