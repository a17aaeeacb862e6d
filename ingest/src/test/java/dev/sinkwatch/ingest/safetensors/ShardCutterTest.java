package dev.sinkwatch.ingest.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.Hints;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Shard;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardCutterTest {

  /** A snapshot in memory, which hands out its rows in blocks of a given size from one buffer. */
  private record InMemory(Shape shape, Dtype dtype, MemorySegment data, long blockRows)
      implements Snapshot {

    @Override
    public SnapshotId id() {
      return new SnapshotId("r", 0, "w", 1);
    }

    @Override
    public Hints hints() {
      return Hints.NONE;
    }

    @Override
    public long appendedMillis() {
      return 5;
    }

    @Override
    public void scan(RowRange range, BlockVisitor visitor) {
      long rowBytes = shape.columns() * dtype.bytes();
      MemorySegment reused = MemorySegment.ofArray(new byte[(int) (blockRows * rowBytes)]);
      for (long row = range.from(); row < range.to(); row += blockRows) {
        long rows = Math.min(blockRows, range.to() - row);
        MemorySegment.copy(data, row * rowBytes, reused, 0, rows * rowBytes);
        visitor.block(row, rows, reused.asSlice(0, rows * rowBytes));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    // rows, columns, bytes a shard may have, rows a block has, shards
    "10, 4, 32, 3, 5",
    "10, 4, 47, 1, 5",
    "10, 4, 48, 10, 4",
    "10, 4, 1, 4, 10",
    "10, 4, 1000, 3, 1",
    "1, 4, 1000, 1, 1",
    "12, 1, 12, 5, 4"
  })
  void cutsWholeRows(int rows, int columns, int maxBytes, int blockRows, int expected)
      throws Exception {
    byte[] values = new byte[rows * columns * 4];
    new Random(3).nextBytes(values);
    Snapshot snapshot =
        new InMemory(Shape.of(rows, columns), Dtype.F32, MemorySegment.ofArray(values), blockRows);
    List<Shard> shards = new ArrayList<>();

    ShardCutter.cut(snapshot, maxBytes, shards::add);

    assertThat(shards).hasSize(expected);
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    long next = 0;
    for (Shard shard : shards) {
      assertThat(shard.rows().from()).isEqualTo(next);
      next = shard.rows().to();
      assertThat(shard.shape()).isEqualTo(snapshot.shape());
      assertThat(shard.data().byteSize()).isLessThanOrEqualTo(Math.max(maxBytes, columns * 4));
      assertThat(shard.appendedMillis()).isEqualTo(5);
      joined.writeBytes(shard.data().toArray(ValueLayout.JAVA_BYTE));
    }
    assertThat(next).isEqualTo(rows);
    assertThat(joined.toByteArray()).isEqualTo(values);
  }

  @Test
  void anEmptyTensorIsOneShard() throws Exception {
    Snapshot snapshot =
        new InMemory(Shape.of(3, 0), Dtype.F32, MemorySegment.ofArray(new byte[0]), 1);
    List<Shard> shards = new ArrayList<>();

    ShardCutter.cut(snapshot, ShardCutter.DEFAULT_BYTES, shards::add);

    assertThat(shards).singleElement().extracting(Shard::rows).isEqualTo(new RowRange(0, 3));
  }

  @Test
  void whatBelongsTogetherHasOneKey() {
    assertThat(ShardKey.of("r", "layers.0.attn.w")).isEqualTo("r/layers.0");
    assertThat(ShardKey.of("r", "transformer.h.11.hc_attn.H_res_logits"))
        .isEqualTo("r/transformer.h.11");
    assertThat(ShardKey.of("r", "layers.12")).isEqualTo("r/layers.12");
    assertThat(ShardKey.of("r", "conv2d.3.w")).isEqualTo("r/conv2");
    assertThat(ShardKey.of("r", "embed.weight")).isEqualTo("r/embed.weight");
    assertThat(ShardKey.of("r", "7")).isEqualTo("r/7");
    assertThat(ShardKey.of("r", "h.\u0661.2.w")).isEqualTo("r/h.\u0661.2");
  }
}
