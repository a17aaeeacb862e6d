package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PanelPoolTest {

  @Test
  void whatWasGivenBackIsTakenAgain() {
    PanelPool pool = new PanelPool(1000 * Float.BYTES);
    float[] panel = pool.take(100);
    pool.give(panel);
    assertThat(pool.held()).isEqualTo(100);
    assertThat(pool.take(100)).isSameAs(panel);
    assertThat(pool.held()).isZero();
  }

  @Test
  void panelsInUseTakeTheRoomOfUnusedOnes() {
    PanelPool pool = new PanelPool(1000 * Float.BYTES);
    List<float[]> small = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      small.add(pool.take(100));
    }
    small.forEach(pool::give);
    assertThat(pool.held()).isEqualTo(1000);
    float[] large = pool.take(350);
    assertThat(pool.held()).isEqualTo(600);
    pool.give(large);
    assertThat(pool.held()).isBetween(600L, 1000L);
  }

  @Test
  void moreThanFitsMayBeInUseButIsNotHeld() {
    PanelPool pool = new PanelPool(1000 * Float.BYTES);
    List<float[]> panels = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      panels.add(pool.take(400));
    }
    panels.forEach(pool::give);
    assertThat(pool.held()).isEqualTo(800);
  }
}
