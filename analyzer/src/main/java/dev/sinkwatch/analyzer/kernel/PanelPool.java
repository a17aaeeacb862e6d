package dev.sinkwatch.analyzer.kernel;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Panels that were used and may be used again: allocating and clearing one takes longer than a
 * product with it. Bounded; what is beyond the bound is left to the garbage collector. Safe for use
 * by several threads.
 */
final class PanelPool {
  private final long maxFloats;
  private final Map<Integer, ArrayDeque<float[]>> free = new HashMap<>();
  private long held;

  /**
   * @param maxBytes most that lies here unused
   */
  PanelPool(long maxBytes) {
    this.maxFloats = maxBytes / Float.BYTES;
  }

  /** An array of that length, with anything in it. */
  float[] take(int length) {
    synchronized (this) {
      ArrayDeque<float[]> known = free.get(length);
      if (known != null && !known.isEmpty()) {
        held -= length;
        return known.pop();
      }
    }
    return new float[length];
  }

  synchronized void give(float[] panel) {
    if (held + panel.length > maxFloats) {
      free.clear(); // of other sizes, most likely: what is in use now matters more
      held = 0;
    }
    if (panel.length <= maxFloats) {
      free.computeIfAbsent(panel.length, length -> new ArrayDeque<>()).push(panel);
      held += panel.length;
    }
  }
}
