package dev.sinkwatch.analyzer.layer;

import static dev.sinkwatch.analyzer.layer.Layers.gaussian;
import static dev.sinkwatch.analyzer.layer.Layers.kind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Shape;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FootprintTest {
  private static final long MIB = 1 << 20;

  private static final int MOST_LOOKS = 200;

  private final Random random = new Random(1);

  @ParameterizedTest
  @CsvSource({"100, 20000", "20000, 100", "1000, 2000", "70, 200000"})
  void onePassAllocatesNoMoreThanIsReserved(int rows, int columns) throws IOException {
    LayerAnalysis analysis = analysis(1, 1L << 40);
    ArraySnapshot snapshot =
        ArraySnapshot.of("w", Shape.of(rows, columns), gaussian(rows * columns, random));
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    // as if each part had a thread: what one thread allocates for each part in turn counts as well
    long reserved = Footprint.of(rows, columns, Integer.MAX_VALUE).bytes(1, false);
    long allocated = Long.MAX_VALUE;
    // until they are compiled, which on a busy machine takes a while, loops over vectors allocate
    for (int i = 0; i < 6 || (i < MOST_LOOKS && allocated >= reserved + 4 * MIB); i++) {
      long before = thread.getCurrentThreadAllocatedBytes();
      analysis.judge(snapshot.with(kind(Kind.DENSE)), new LayerHistory());
      allocated = Math.min(allocated, thread.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(allocated).isLessThan(reserved + 4 * MIB);
    assertThat(reserved).as("not beyond reason").isLessThan(3 * allocated);
  }

  @Test
  void whatNeverFitsIsRefusedInOneLineWithTheNumbers() {
    int columns = 1_000_000;
    ArraySnapshot snapshot =
        ArraySnapshot.of("w", Shape.of(70, columns), new double[70 * columns / 10]);
    ArraySnapshot wide =
        new ArraySnapshot(
            snapshot.id(),
            snapshot.shape(),
            snapshot.dtype(),
            kind(Kind.DENSE),
            snapshot.data(),
            0);
    assertThatThrownBy(() -> analysis(0, 64 * MIB).judge(wide, new LayerHistory()))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> assertThat(e.rejection().reason()).isEqualTo(Reason.SNAPSHOT_TOO_LARGE))
        .hasMessageMatching(
            "judging \\[70,1000000\\] of F64 takes \\d+ MiB of memory; "
                + "of this heap of \\d+ MiB, 64 are for that");
  }

  @Test
  void panelsAreKeptAndVectorsMadeAsFarAsThereIsMemory() throws IOException {
    int rows = 80;
    int columns = 30_000;
    Footprint footprint = Footprint.of(rows, columns, 1);
    ArraySnapshot snapshot =
        ArraySnapshot.of("w", Shape.of(rows, columns), gaussian(rows * columns, random))
            .with(kind(Kind.DENSE));
    LayerVerdict all = judge(snapshot, footprint.bytes(Footprint.ALL_PRODUCTS, true), 1);
    LayerVerdict reading = judge(snapshot, footprint.bytes(Footprint.ALL_PRODUCTS, true) - 1, 0);
    Layers.assertSameBits(reading, all);
    LayerVerdict three = judge(snapshot, footprint.bytes(3, false) + 65536, 0);
    assertThat(three.passes()).isEqualTo(3);
    assertThat(three.get(Figure.SIGMA2_LOWER)).isLessThanOrEqualTo(all.get(Figure.SIGMA2_UPPER));
    assertThat(three.get(Figure.SIGMA2_UPPER))
        .isGreaterThan(all.get(Figure.SIGMA2_LOWER))
        .isFinite();
  }

  private static LayerVerdict judge(ArraySnapshot snapshot, long bytes, int reads)
      throws IOException {
    CountedReads counted = CountedReads.of(snapshot);
    LayerVerdict verdict = analysis(0, bytes).judge(counted, new LayerHistory());
    assertThat(counted.passes()).isEqualTo(reads == 0 ? verdict.passes() : reads);
    return verdict;
  }

  private static LayerAnalysis analysis(int passes, long bytes) {
    AnalysisSettings usual = AnalysisSettings.DEFAULT;
    return new LayerAnalysis(
        new AnalysisSettings(
            usual.profiles(), usual.eps(), usual.tolerance(), usual.failureProbability(), passes),
        new byte[1],
        new AnalysisResources(1, Long.MAX_VALUE, bytes, 0));
  }
}
