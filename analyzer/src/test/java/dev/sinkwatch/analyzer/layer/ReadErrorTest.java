package dev.sinkwatch.analyzer.layer;

import static dev.sinkwatch.analyzer.layer.Layers.assertSameBits;
import static dev.sinkwatch.analyzer.layer.Layers.gaussian;
import static dev.sinkwatch.analyzer.layer.Layers.kind;
import static dev.sinkwatch.analyzer.layer.Layers.mixed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.sinkwatch.analyzer.ArraySnapshot;
import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import dev.sinkwatch.ingest.Shape;
import dev.sinkwatch.ingest.Snapshot;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Values that can no longer be read, in the middle of a pass whose panels are kept. */
class ReadErrorTest {
  private static final int REPETITIONS = 4;

  private final LayerAnalysis analysis =
      new LayerAnalysis(
          AnalysisSettings.DEFAULT, new byte[1], AnalysisResources.of(1, Long.MAX_VALUE));
  private final Random random = new Random(1);

  @Test
  void aMatrixGivesItsPanelsBackAndTheNextIsJudgedAsEver() throws IOException {
    // no other test has panels of that width, which are used again
    ArraySnapshot matrix = ArraySnapshot.of("w", Shape.of(300, 5000), gaussian(1_500_000, random));
    assertReleased(matrix.with(kind(Kind.DENSE)), 250, PanelMatrix.bytes(250, 5000));
  }

  @Test
  void soDoesAnOperator() throws IOException {
    int n = 1030;
    ArraySnapshot operator = ArraySnapshot.of("w", Shape.of(n, n), mixed(n, random));
    assertReleased(
        operator.with(kind(Kind.DOUBLY_STOCHASTIC)), n - 100, PanelMatrix.bytes(n - 200, n));
  }

  private void assertReleased(Snapshot snapshot, long readable, long packed) throws IOException {
    LayerVerdict expected = judge(snapshot);
    long usual = Long.MAX_VALUE;
    long afterError = Long.MAX_VALUE;
    // the least of some: until they are compiled, loops over vectors allocate as well
    for (int i = 0; i < REPETITIONS; i++) {
      usual = Math.min(usual, allocated(() -> judge(snapshot)));
      assertThatThrownBy(() -> judge(CountedReads.failingAfter(readable, snapshot)))
          .isInstanceOf(IOException.class);
      afterError = Math.min(afterError, allocated(() -> assertSameBits(judge(snapshot), expected)));
    }
    assertThat(afterError - usual)
        .as("panels that were packed before the error are not allocated again")
        .isLessThan(packed / 2);
  }

  private LayerVerdict judge(Snapshot snapshot) throws IOException {
    return analysis.judge(snapshot, LayerHistory.ofOneSnapshot());
  }

  private interface Work {
    void run() throws IOException;
  }

  private static long allocated(Work work) throws IOException {
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = thread.getCurrentThreadAllocatedBytes();
    work.run();
    return thread.getCurrentThreadAllocatedBytes() - before;
  }
}
