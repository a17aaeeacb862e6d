package dev.sinkwatch.analyzer.kernel;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Panels, and vectors of sums, that were used and may be used again: allocating and clearing one
 * takes longer than a product with it, and the garbage collector copies those that live meanwhile.
 * Panels in use count as well, so that what lies here unused never adds to the most that is in use
 * at other times. Safe for use by several threads.
 */
final class PanelPool {
  private final long maxFloats;
  private final Map<Integer, ArrayDeque<float[]>> free = new HashMap<>();
  private long used;
  private long held;

  /**
   * @param maxBytes most that is in use and lies here together, unless more is in use alone
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
        used += length;
        return known.pop();
      }
      makeRoom(length);
      used += length;
    }
    try {
      return new float[length];
    } catch (Throwable e) {
      synchronized (this) {
        used -= length;
      }
      throw e;
    }
  }

  /** The same, of zeros. */
  float[] zeros(int length) {
    float[] panel = take(length);
    Arrays.fill(panel, 0);
    return panel;
  }

  /** Takes back what {@link #take} gave. */
  synchronized void give(float[] panel) {
    used -= panel.length;
    ArrayDeque<float[]> known = free.computeIfAbsent(panel.length, length -> new ArrayDeque<>());
    known.push(panel);
    held += panel.length;
    makeRoom(0);
  }

  /** Drops panels of whatever length until the rest fits, and so many floats more. */
  private void makeRoom(int more) {
    while (held > 0 && used + held + more > maxFloats) {
      for (ArrayDeque<float[]> known : free.values()) {
        float[] dropped = known.poll();
        if (dropped != null) {
          held -= dropped.length;
        }
      }
      free.values().removeIf(ArrayDeque::isEmpty);
    }
  }

  /** Floats in use. */
  synchronized long used() {
    return used;
  }

  /** Floats that lie here unused. */
  synchronized long held() {
    return held;
  }
}
