package dev.sinkwatch.dashboard.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.dashboard.SinkingRun;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which matrices are kept when not all can be. */
class RunMatricesTest {
  private static final long MOST = 8L << 20;

  private final RunMatrices matrices = new RunMatrices();
  private final SinkingRun large = new SinkingRun("r", 64, 1, 0);
  private final SinkingRun small = new SinkingRun("r", 4, 1, 0);

  @Test
  void whatIsKeptDoesNotChangeFromStepToStep() {
    for (int step = 0; step < 3; step++) {
      for (int layer = 0; layer < 300; layer++) {
        matrices.put(large.mixer("large" + layer, layer, step, 0.5));
      }
      assertThat(matrices.bytes()).isBetween(MOST - (64 << 10), MOST);
      assertThat(kept(0, 250)).isEqualTo(250);
      assertThat(kept(260, 300)).isZero();
    }
  }

  @Test
  void theLargestMakeRoomForSmallerOnes() {
    for (int layer = 0; layer < 300; layer++) {
      matrices.put(large.mixer("large" + layer, layer, 1, 0.5));
    }
    for (int layer = 0; layer < 2000; layer++) {
      matrices.put(small.mixer("small" + layer, layer, 1, 0.5));
      assertThat(has(small, "small" + layer)).isTrue();
    }
    assertThat(matrices.bytes()).isLessThanOrEqualTo(MOST);
    assertThat(has(small, "small0")).isTrue();
  }

  @Test
  void thoseOfAnEarlierAttemptGoFirst() {
    for (int layer = 0; layer < 300; layer++) {
      matrices.put(large.mixer("old" + layer, layer, 1, 0.5));
    }
    large.restart();
    for (int layer = 0; layer < 200; layer++) {
      matrices.put(large.mixer("large" + layer, layer, 1, 0.5));
    }
    assertThat(kept(0, 200)).isEqualTo(200);
  }

  private long kept(int from, int to) {
    return IntStream.range(from, to).filter(layer -> has(large, "large" + layer)).count();
  }

  private boolean has(SinkingRun run, String layer) {
    return matrices.get(run.mixer(layer, 0, 1, 0.5)) instanceof RunMatrices.Answer.Some;
  }
}
