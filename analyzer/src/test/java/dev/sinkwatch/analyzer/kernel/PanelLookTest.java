package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A first look that makes no products. */
class PanelLookTest {
  private static final int N = 150; // no whole number of panels, nor of blocks

  @ParameterizedTest
  @EnumSource(names = {"F64", "F32"})
  void aLookAloneFindsWhatOneWithProductsFinds(Dtype dtype) throws IOException {
    RowSource source = random(dtype);
    Survey alone = matrix(source).first(List.of(), true, false, null).survey();
    Survey beside = matrix(source).first(List.of(new Quad(N)), true, true, null).survey();
    assertThat(alone).usingRecursiveComparison().isEqualTo(beside);
  }

  private static PanelMatrix matrix(RowSource source) {
    return new PanelMatrix(source, 1f / N, 1, true, new Team(2));
  }

  private static RowSource random(Dtype dtype) {
    Random random = new Random(1);
    MemorySegment data =
        dtype == Dtype.F64
            ? MemorySegment.ofArray(random.doubles(N * N).toArray())
            : MemorySegment.ofArray(floats(random));
    return new RowSource() {
      @Override
      public long rows() {
        return N;
      }

      @Override
      public int columns() {
        return N;
      }

      @Override
      public Dtype dtype() {
        return dtype;
      }

      @Override
      public void read(long first, long count, Piece piece) {
        long rowBytes = (long) N * dtype.bytes();
        piece.take(data.asSlice(first * rowBytes, count * rowBytes), count * N);
      }
    };
  }

  private static float[] floats(Random random) {
    float[] values = new float[N * N];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }
}
