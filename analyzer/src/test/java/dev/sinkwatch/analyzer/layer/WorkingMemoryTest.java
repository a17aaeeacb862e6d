package dev.sinkwatch.analyzer.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinkwatch.ingest.RejectedException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WorkingMemoryTest {
  private static final long MIB = 1 << 20;

  private final WorkingMemory memory = new WorkingMemory(10 * MIB);

  @Test
  void whoFindsTooLittleWaitsUntilItIsGivenBack() throws Exception {
    CompletableFuture<Boolean> second;
    try (WorkingMemory.Reservation _ = memory.reserve(6 * MIB, "a")) {
      try (WorkingMemory.Reservation _ = memory.reserve(4 * MIB, "b")) {
        second = CompletableFuture.supplyAsync(this::reserveAll);
        assertThat(second).isNotDone();
      }
      assertThat(second).isNotDone();
    }
    assertThat(second.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void smallThingsDoNotQueue() throws Exception {
    CompletableFuture<Boolean> waiting;
    try (WorkingMemory.Reservation _ = memory.reserve(6 * MIB, "a")) {
      waiting = CompletableFuture.supplyAsync(this::reserveAll);
      memory.reserve(1000, "b").close();
    }
    assertThat(waiting.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void moreThanAllIsRefused() throws RejectedException {
    memory.reserve(10 * MIB, "all").close();
    assertThatThrownBy(() -> memory.reserve(10 * MIB + 1, "more"))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("judging more takes 11 MiB");
  }

  /** The shares of a heap and what may wait to be judged stay below it. */
  @Test
  void sharesLeaveRoom() {
    for (long heap : new long[] {768 * MIB, 1024 * MIB, 2048 * MIB, 4096 * MIB, 65536 * MIB}) {
      for (int lanes : new int[] {1, 2, 8, 64}) {
        long inFlight = 768 * MIB;
        AnalysisResources of = AnalysisResources.ofHeap(heap, lanes, 512 * MIB, lanes, inFlight);
        long panels = heap / 2; // where fewer are in use, others lie unused
        long sum =
            Math.max(panels, of.workingBytes() + lanes * (of.certifiedBytes() + of.frozenBytes()));
        assertThat(sum + Math.min(inFlight, heap / 3)).isLessThan(heap * 9 / 10);
        if (heap > 1200 * MIB) {
          long usual = Footprint.of(8192, 8192, 8).bytes(Footprint.ALL_PRODUCTS, true);
          assertThat(usual).as("8192 x 8192 is kept").isLessThan(of.workingBytes());
        }
      }
    }
    long check =
        740 * MIB / 8 * 5; // what a JVM with -Xmx768m and the serial collector calls its heap
    assertThat(Footprint.of(8192, 8192, 8).bytes(Footprint.ALL_PRODUCTS, true)).isLessThan(check);
  }

  private boolean reserveAll() {
    try {
      memory.reserve(memory.maxBytes(), "c").close();
      return true;
    } catch (RejectedException e) {
      return false;
    }
  }
}
