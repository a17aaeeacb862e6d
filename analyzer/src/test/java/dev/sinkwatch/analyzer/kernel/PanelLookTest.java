package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;
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
    return PiecedRows.of(dtype, N, new Random(1).doubles(N * N).toArray());
  }
}
