package dev.sinkwatch.analyzer.kernel;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;

/**
 * Panels, and vectors of sums, that were used and may be used again: allocating and clearing one
 * takes longer than a product with it, and the garbage collector copies those that live meanwhile.
 * Panels in use count as well, so that what lies here unused never adds to the most that is in use
 * at other times. Safe for use by several threads.
 */
final class PanelPool {
  private final long max;
  private final Shelf<float[]> floats = new Shelf<>(float[]::new, array -> array.length);
  private final Shelf<int[]> words = new Shelf<>(int[]::new, array -> array.length);
  private long used;
  private long held;

  /**
   * @param maxBytes most that is in use and lies here together, unless more is in use alone
   */
  PanelPool(long maxBytes) {
    this.max = maxBytes / Float.BYTES;
  }

  /** An array of that length, with anything in it. */
  float[] take(int length) {
    return floats.take(length);
  }

  /** The same, of zeros. */
  float[] zeros(int length) {
    float[] panel = take(length);
    Arrays.fill(panel, 0);
    return panel;
  }

  /** The same as {@link #take}, of ints. */
  int[] takeWords(int length) {
    return words.take(length);
  }

  /** Takes back what {@link #take} gave. */
  void give(float[] panel) {
    floats.give(panel);
  }

  /** Takes back what {@link #takeWords} gave. */
  void give(int[] panel) {
    words.give(panel);
  }

  /** Floats and ints in use. */
  synchronized long used() {
    return used;
  }

  /** Floats and ints that lie here unused. */
  synchronized long held() {
    return held;
  }

  /** Drops arrays of whatever length until the rest fits, and so many numbers more. */
  private void makeRoom(int more) {
    while (held > 0 && used + held + more > max) {
      floats.dropSome();
      words.dropSome();
    }
  }

  /** Arrays of one kind that are free, by length. */
  private final class Shelf<T> {
    private final IntFunction<T> allocation;
    private final ToIntFunction<T> length;
    private final Map<Integer, ArrayDeque<T>> free = new HashMap<>();

    Shelf(IntFunction<T> allocation, ToIntFunction<T> length) {
      this.allocation = allocation;
      this.length = length;
    }

    T take(int wanted) {
      synchronized (PanelPool.this) {
        ArrayDeque<T> known = free.get(wanted);
        if (known != null && !known.isEmpty()) {
          held -= wanted;
          used += wanted;
          return known.pop();
        }
        makeRoom(wanted);
        used += wanted;
      }
      try {
        return allocation.apply(wanted);
      } catch (Throwable e) {
        synchronized (PanelPool.this) {
          used -= wanted;
        }
        throw e;
      }
    }

    void give(T array) {
      int numbers = length.applyAsInt(array);
      synchronized (PanelPool.this) {
        used -= numbers;
        free.computeIfAbsent(numbers, _ -> new ArrayDeque<>()).push(array);
        held += numbers;
        makeRoom(0);
      }
    }

    /** One of each length. */
    void dropSome() {
      for (ArrayDeque<T> known : free.values()) {
        T dropped = known.poll();
        if (dropped != null) {
          held -= length.applyAsInt(dropped);
        }
      }
      free.values().removeIf(ArrayDeque::isEmpty);
    }
  }
}
