package dev.sinkwatch.ingest.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter;
import dev.sinkwatch.ingest.safetensors.SafetensorsWriter.Tensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sets of files that PyTorch's distributed checkpoint wrote, one rank its own pieces. */
class ShardedCheckpointTest {

  @TempDir private Path folder;

  /** A box of a tensor whose element e, counted row by row, has the value e. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Box(String name, long[] whole, long[] offsets, long[] sizes) {

    Tensor tensor() {
      int elements = 1;
      for (long size : sizes) {
        elements *= (int) size;
      }
      double[] values = new double[elements];
      for (int e = 0; e < elements; e++) {
        long rest = e;
        long index = 0;
        long stride = 1;
        for (int d = sizes.length - 1; d >= 0; d--) {
          index += (rest % sizes[d] + offsets[d]) * stride;
          rest /= sizes[d];
          stride *= whole[d];
        }
        values[e] = index;
      }
      return Tensor.of(name, Shape.of(sizes), values);
    }
  }

  @Test
  void rowsAndColumnsOfRanksAreOneTensor() throws Exception {
    long[] whole = {5, 6};
    write(
        1, new Box("rows", whole, at(0, 0), at(2, 6)), new Box("tiles", whole, at(0, 0), at(3, 4)));
    write(
        2, new Box("rows", whole, at(2, 0), at(3, 6)), new Box("tiles", whole, at(0, 4), at(5, 2)));
    write(
        3,
        new Box("tiles", whole, at(3, 0), at(2, 4)),
        new Box("alone", at(2, 2), at(0, 0), at(2, 2)));

    Checkpoint checkpoint = Checkpoints.find(folder).getFirst();

    List<Snapshot> snapshots = checkpoint.snapshots("run", 0);
    assertThat(snapshots)
        .extracting(snapshot -> snapshot.id().layer())
        .containsExactly("rows", "tiles", "alone");
    assertThat(snapshots.get(0).shape()).isEqualTo(Shape.of(5, 6));
    for (Snapshot snapshot : snapshots) {
      assertThat(values(snapshot, 0, snapshot.shape().rows())).isEqualTo(counting(snapshot, 0));
    }
    assertThat(values(snapshots.get(1), 2, 4))
        .containsExactly(12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
  }

  @Test
  void aPieceThatIsWrittenToWhileItIsReadIsNotRead() throws Exception {
    write(1, new Box("w", at(1200, 1024), at(0, 0), at(600, 1024)));
    write(2, new Box("w", at(1200, 1024), at(600, 0), at(600, 1024)));
    List<Path> pieces;
    try (Stream<Path> files = Files.list(folder)) {
      pieces = files.sorted().toList();
    }
    for (Path piece : pieces) {
      Snapshot snapshot = Checkpoints.find(folder).getFirst().snapshots("run", 0).getFirst();
      assertThatThrownBy(() ->
              snapshot.scan(
                  new RowRange(0, 1200), // in several blocks, of which the last is not shown
                  (first, rows, data) -> assertThat(piece.toFile().setLastModified(1)).isTrue()))
          .hasMessage(piece + ": the file changed since its header was read");
    }
    Snapshot snapshot = Checkpoints.find(folder).getFirst().snapshots("run", 0).getFirst();
    assertThat(values(snapshot, 0, 1200)).hasSize(1200 << 10);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverTheCutsTheValuesAreInTheirPlaces(int seed) throws Exception {
    Random random = new Random(seed);
    long[] whole = new long[1 + random.nextInt(4)];
    for (int d = 0; d < whole.length; d++) {
      whole[d] = 1 + random.nextLong(9);
    }
    List<Box> boxes = new ArrayList<>();
    cut(new Box("w", whole, new long[whole.length], whole.clone()), random, 5, boxes);
    Collections.shuffle(boxes, random);
    for (int rank = 0; rank < boxes.size(); rank++) {
      write(rank + 1, boxes.get(rank));
    }
    Snapshot snapshot = Checkpoints.find(folder).getFirst().snapshots("run", 0).getFirst();
    assertThat(snapshot.shape()).isEqualTo(Shape.of(whole));
    long rows = snapshot.shape().rows();
    long from = random.nextLong(rows);
    assertThat(values(snapshot, 0, rows)).isEqualTo(counting(snapshot, 0));
    assertThat(values(snapshot, from, rows)).isEqualTo(counting(snapshot, from));
  }

  @Test
  void whatDoesNotTileIsRefused() throws Exception {
    long[] whole = {4, 4};
    write(1, new Box("w", whole, at(0, 0), at(2, 4)));
    write(2, new Box("w", whole, at(3, 0), at(1, 4)));
    refused("tensor w has 12 of its 16 values; the other pieces are missing");
    write(2, new Box("w", whole, at(1, 0), at(3, 4)));
    refused("tensor w overlaps the same of");
    write(2, new Box("w", new long[] {4, 4, 1}, new long[] {2, 0, 0}, new long[] {2, 4, 1}));
    refused("tensor w is of another type or rank than in other files");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"w\":1}",
        "{\"w\":{\"saved_offsets\":1}}",
        "{\"w\":{\"saved_offsets\":[0,-1]}}",
        "{\"w\":{\"saved_offsets\":[0,\"1\"]}}",
        "{\"w\":{\"saved_offsets\":[0,99999999999999999999]}}",
        "{\"w\":{\"saved_offsets\":[0,0]},\"w\":{\"saved_offsets\":[0,0]}}",
        "{\"w\":{\"saved_offsets\":[0,9223372036854775807]}}",
        "{\"w\":{\"saved_offsets\":[0]}}",
      })
  void offsetsThatCannotBeAreRefused(String info) throws Exception {
    SafetensorsWriter.write(
        folder.resolve("shard-00001-model-00001-of-00001.safetensors"),
        Map.of("DCP_SHARDING_INFO", info),
        List.of(Tensor.of("w", Shape.of(2, 2), 1, 2, 3, 4)));
    refused(folder.toString());
  }

  @Test
  void aFileOfTheSetsNumbersThatNoRankHasIsMissed() throws Exception {
    long[] whole = {2, 2};
    write("shard-00001-model-00001-of-00002.safetensors", new Box("a", whole, at(0, 0), at(2, 2)));
    refused("other files of its set are missing");
    write("shard-00002-model-00002-of-00002.safetensors", new Box("b", whole, at(0, 0), at(2, 2)));
    assertThat(Checkpoints.find(folder).getFirst().snapshots("run", 0)).hasSize(2);
  }

  @Test
  void anEmptyTensorHasOnePieceToo() throws Exception {
    write(1, new Box("nothing", at(0, 4), at(0, 0), at(0, 4)));
    Snapshot snapshot = Checkpoints.find(folder).getFirst().snapshots("run", 0).getFirst();
    assertThat(snapshot.shape()).isEqualTo(Shape.of(0, 4));
    assertThat(snapshot.appendedMillis()).isPositive();
  }

  @Test
  void twoStepsInOneFolderAreBothWaitedFor() throws Exception {
    long[] whole = {4, 2};
    for (int step = 1; step <= 2; step++) {
      for (int rank = 1; rank <= 2; rank++) {
        Box box = new Box("w", whole, at(2 * (rank - 1L), 0), at(2, 2));
        SafetensorsWriter.write(
            folder.resolve("shard-%05d-model-step%d.safetensors".formatted(rank, step)),
            Map.of(
                "DCP_SHARDING_INFO",
                "{\"w\": {\"saved_offsets\": [%d, 0]}}".formatted(2 * (rank - 1)),
                "sinkwatch.step",
                String.valueOf(step)),
            List.of(box.tensor()));
      }
    }
    Survey survey = new Survey(folder, InstantSource.system(), _ -> {});
    List<Checkpoint> found = List.of();
    for (int looks = 0; found.isEmpty(); looks++) {
      found = survey.look();
      assertThat(looks).isLessThan(10);
    }
    assertThat(found).extracting(Checkpoint::step).containsExactly(1L, 2L);
  }

  @Test
  void aWatcherWaitsUntilNoRankAddsToIt() throws Exception {
    Path step = Files.createDirectories(folder.resolve("step-7"));
    Survey survey = new Survey(folder, InstantSource.system(), _ -> {});
    long[] whole = {4, 2};
    write(
        "step-7/shard-00001-model-00001-of-00001.safetensors",
        new Box("w", whole, at(0, 0), at(2, 2)));
    assertThat(survey.look()).isEmpty();
    assertThat(survey.look()).isEmpty(); // two rows alone look like all of a smaller tensor
    write(
        "step-7/shard-00002-model-00001-of-00001.safetensors",
        new Box("w", whole, at(2, 0), at(2, 2)));
    List<Checkpoint> found = List.of();
    int looks = 0;
    while (found.isEmpty()) {
      found = survey.look();
      assertThat(++looks).isLessThan(10);
    }
    assertThat(found).singleElement().returns(7L, Checkpoint::step);
    assertThat(found.getFirst().snapshots("run", 0).getFirst().shape()).isEqualTo(Shape.of(4, 2));
    assertThat(survey.look()).isEmpty();
    assertThat(step).isDirectory();
  }

  private static void cut(Box box, Random random, int depth, List<Box> into) {
    int d = random.nextInt(box.sizes().length);
    if (depth == 0 || box.sizes()[d] < 2) {
      into.add(box);
      return;
    }
    long left = 1 + random.nextLong(box.sizes()[d] - 1);
    long[] first = box.sizes().clone();
    first[d] = left;
    long[] second = box.sizes().clone();
    second[d] -= left;
    long[] behind = box.offsets().clone();
    behind[d] += left;
    cut(new Box(box.name(), box.whole(), box.offsets(), first), random, depth - 1, into);
    cut(new Box(box.name(), box.whole(), behind, second), random, depth - 1, into);
  }

  private void write(int rank, Box... boxes) throws IOException {
    write("shard-%05d-model-00001-of-00001.safetensors".formatted(rank), boxes);
  }

  private void write(String name, Box... boxes) throws IOException {
    List<String> info = new ArrayList<>();
    List<Tensor> tensors = new ArrayList<>();
    for (Box box : boxes) {
      List<Long> offsets = java.util.Arrays.stream(box.offsets()).boxed().toList();
      info.add("\"%s\": {\"saved_offsets\": %s}".formatted(box.name(), offsets));
      tensors.add(box.tensor());
    }
    SafetensorsWriter.write(
        folder.resolve(name),
        Map.of("DCP_SHARDING_INFO", "{" + String.join(", ", info) + "}", "DCP_VERSION", "1.0"),
        tensors);
  }

  private void refused(String why) {
    assertThatThrownBy(() -> Checkpoints.find(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(why);
  }

  private static double[] values(Snapshot snapshot, long from, long to) throws IOException {
    List<Double> values = new ArrayList<>();
    snapshot.scan(
        new RowRange(from, to),
        (first, rows, data) -> {
          for (long at = 0; at < data.byteSize(); at += Double.BYTES) {
            values.add(data.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at));
          }
        });
    return values.stream().mapToDouble(value -> value).toArray();
  }

  private static double[] counting(Snapshot snapshot, long fromRow) {
    long columns = snapshot.shape().columns();
    double[] values = new double[(int) (snapshot.shape().elements() - fromRow * columns)];
    java.util.Arrays.setAll(values, i -> i + fromRow * columns);
    return values;
  }

  private static long[] at(long row, long column) {
    return new long[] {row, column};
  }
}
