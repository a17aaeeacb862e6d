package dev.sinkwatch.ingest.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinkwatch.ingest.Activation;
import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Observability;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter;
import dev.sinkwatch.ingest.safetensors.ShardCutter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSnapshotTest {
  @TempDir Path folder;

  @Test
  void readsWholeRowsInBoundedBlocks() throws Exception {
    // 3 rows of 16 KiB and a bit do not divide the buffer; the first tensor shifts the second
    int columns = 4099;
    int rows = 3000;
    byte[] values = bytes(rows * columns);
    Path file = folder.resolve("w.safetensors");
    SafetensorsWriter.write(
        file,
        Map.of(),
        List.of(
            new SafetensorsWriter.Tensor(
                "first", Dtype.U8, Shape.of(3), MemorySegment.ofArray(new byte[3])),
            new SafetensorsWriter.Tensor(
                "second", Dtype.I8, Shape.of(30, 100, columns), MemorySegment.ofArray(values))));
    Snapshot snapshot = Checkpoints.find(file).getFirst().snapshots("r", 0).getLast();

    for (int pass = 0; pass < 2; pass++) {
      List<Long> blocks = new ArrayList<>();
      snapshot.scan((firstRow, count, data) -> {
        assertThat(firstRow).isEqualTo(blocks.stream().mapToLong(Long::longValue).sum());
        assertThat(data.byteSize()).isEqualTo(count * columns).isLessThanOrEqualTo(1 << 20);
        MemorySegment expected =
            MemorySegment.ofArray(values).asSlice(firstRow * columns, count * columns);
        assertThat(data.mismatch(expected)).isEqualTo(-1);
        blocks.add(count);
      });
      assertThat(blocks).hasSize(12);
      assertThat(blocks.stream().mapToLong(Long::longValue).sum()).isEqualTo(rows);
    }
  }

  @Test
  void aRowLargerThanTheBufferIsOneBlock() throws Exception {
    byte[] values = bytes(5 << 20);
    Path file = folder.resolve("w.safetensors");
    Shape shape = Shape.of(values.length);
    SafetensorsWriter.write(
        file,
        Map.of(),
        List.of(new SafetensorsWriter.Tensor("w", Dtype.U8, shape, MemorySegment.ofArray(values))));
    List<Long> sizes = new ArrayList<>();

    Checkpoints.find(file)
        .getFirst()
        .snapshots("r", 0)
        .getFirst()
        .scan((firstRow, rows, data) -> {
          assertThat(data.mismatch(MemorySegment.ofArray(values))).isEqualTo(-1);
          sizes.add(data.byteSize());
        });

    assertThat(sizes).containsExactly((long) values.length);
  }

  @Test
  void takesWhatTheMetadataSays() throws Exception {
    Path file =
        TestFiles.file(
            folder.resolve("w.safetensors"),
            Map.of(
                "sinkwatch.step", "9",
                "sinkwatch.attempt", "3",
                "sinkwatch.kind", "sinkhorn-logits",
                "sinkwatch.observability", "sampled",
                "sinkwatch.index", "4",
                "sinkwatch.operators", "5",
                "sinkwatch.activation", "float16"),
            "w");
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_234_567));

    Snapshot snapshot = Checkpoints.find(file).getFirst().snapshots("r", 1).getFirst();

    assertThat(snapshot.id()).isEqualTo(new SnapshotId("r", 3, "w", 9));
    assertThat(snapshot.hints())
        .isEqualTo(
            new Hints(Kind.SINKHORN_LOGITS, Observability.SAMPLED, 4, 5, Activation.FLOAT16));
    assertThat(snapshot.shape()).isEqualTo(Shape.of(2, 2));
    assertThat(snapshot.dtype()).isEqualTo(Dtype.F64);
    assertThat(snapshot.appendedMillis()).isEqualTo(1_234_567);
  }

  @Test
  void theAttemptIsTheCallersWhereTheFileSaysNone() throws Exception {
    Path file = TestFiles.file(folder.resolve("w.safetensors"), "w");

    assertThat(Checkpoints.find(file).getFirst().snapshots("r", 6).getFirst().id())
        .isEqualTo(new SnapshotId("r", 6, "w", 0));
  }

  @Test
  void tellsWhatItSkips() throws Exception {
    Path file =
        TestFiles.header(
            folder.resolve("w.safetensors"),
            "{'mask':{'dtype':'BOOL','shape':[4],'data_offsets':[0,4]},"
                + "'none':{'dtype':'F32','shape':[0,4],'data_offsets':[4,4]},"
                + "'w':{'dtype':'F32','shape':[1],'data_offsets':[4,8]},"
                + "'a\\nb':{'dtype':'F32','shape':[1],'data_offsets':[8,12]}}",
            12);

    Checkpoint checkpoint = Checkpoints.find(file).getFirst();

    assertThat(checkpoint.snapshots("r", 0))
        .extracting(snapshot -> snapshot.id().layer())
        .containsExactly("none", "w"); // one without values is still a tensor of the model
    assertThat(checkpoint.skipped())
        .extracting(Checkpoint.Skipped::name, Checkpoint.Skipped::dtype)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("mask", "BOOL"),
            org.assertj.core.groups.Tuple.tuple("a\nb", "F32"));
  }

  @Test
  void aFileThatChangedIsNotRead() throws Exception {
    Path file = TestFiles.file(folder.resolve("w.safetensors"), "w");
    Snapshot snapshot = Checkpoints.find(file).getFirst().snapshots("r", 0).getFirst();

    Files.setLastModifiedTime(file, FileTime.fromMillis(1));
    assertThatThrownBy(() -> snapshot.scan((firstRow, rows, data) -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("the file changed since its header was read");

    Files.delete(file);
    assertThatThrownBy(() -> snapshot.scan((firstRow, rows, data) -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("no such file or directory");
  }

  @Test
  void aFileThatIsOverwrittenWhileItIsReadIsNeverWhole() throws Exception {
    int rows = 3 << 10;
    Path file = folder.resolve("w.safetensors");
    MemorySegment values = MemorySegment.ofArray(new byte[rows << 10]);
    SafetensorsWriter.write(
        file,
        Map.of(),
        List.of(new SafetensorsWriter.Tensor("w", Dtype.U8, Shape.of(rows, 1 << 10), values)));
    Snapshot snapshot = Checkpoints.find(file).getFirst().snapshots("r", 0).getFirst();
    byte[] other = Files.readAllBytes(file);
    long[] seen = {0};

    assertThatThrownBy(() ->
            snapshot.scan((firstRow, count, data) -> {
              seen[0] += count;
              overwrite(file, other);
            }))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("the file changed since its header was read");

    assertThat(seen[0]).isPositive().isLessThan(rows);
  }

  private static void overwrite(Path file, byte[] content) {
    try {
      Files.write(file, content);
      Files.setLastModifiedTime(file, FileTime.fromMillis(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void canBeCutIntoShards() throws Exception {
    Path file = TestFiles.file(folder.resolve("w.safetensors"), "w");
    Snapshot snapshot = Checkpoints.find(file).getFirst().snapshots("r", 0).getFirst();
    List<Shard> shards = new ArrayList<>();

    ShardCutter.cut(snapshot, 16, shards::add);

    assertThat(shards)
        .extracting(Shard::rows)
        .containsExactly(new RowRange(0, 1), new RowRange(1, 2));
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(5).nextBytes(bytes);
    return bytes;
  }
}
