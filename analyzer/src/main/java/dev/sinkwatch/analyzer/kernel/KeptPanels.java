package dev.sinkwatch.analyzer.kernel;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The panels of a matrix S from its first pass to its last, in single precision, or in fixed point
 * where that changes S little. Panels may be put in by several threads at once; whoever takes one
 * must know that it is there.
 */
final class KeptPanels {

  /** By how much fixed point may change S at most, in Frobenius norm, as a share of ||S||_2. */
  private static final double MOST_CHANGE = 1.0 / 96;

  private final PanelPool pool;
  private final boolean half;
  private final double share;
  private final StoredPanel[] panels;

  /** Squares of by how much fixed point has changed each. */
  private final double[] changes;

  /** What the columns of those of each part have lost, and the same of one of them. */
  private final float[][] losses;

  private final float[][] lossesOfOne;

  /**
   * @param parts that threads put panels in by, one thread a part
   * @param rank of S at most; ||S||_2 is no smaller than ||S||_F by more than its root
   * @param half whether panels may be in fixed point
   */
  KeptPanels(int count, int parts, long rank, boolean half, PanelPool pool) {
    this.pool = pool;
    this.half = half;
    this.share = MOST_CHANGE / Math.sqrt((double) rank);
    this.panels = new StoredPanel[count];
    this.changes = new double[count];
    this.losses = new float[parts][0];
    this.lossesOfOne = new float[parts][0];
  }

  /** Whether what {@link #keep} is given is the caller's again, or kept itself. */
  boolean copies() {
    return half;
  }

  /** Keeps a panel; returns what it is now. */
  StoredPanel keep(int part, int index, float[] floats) {
    panels[index] = half ? copy(part, index, floats) : new StoredPanel.Floats(floats);
    return panels[index];
  }

  private StoredPanel copy(int part, int index, float[] floats) {
    if (losses[part].length == 0) {
      losses[part] = new float[floats.length / Panel.ROWS];
      lossesOfOne[part] = new float[floats.length / Panel.ROWS];
    }
    float[] lost = lossesOfOne[part];
    Arrays.fill(lost, 0);
    int[] words = pool.takeWords(floats.length / 2);
    float[] steps = new float[Panel.ROWS];
    double change = FixedPoint.fix(floats, share, words, steps, lost);
    if (change >= 0) {
      changes[index] = change;
      for (int j = 0; j < lost.length; j++) {
        losses[part][j] += lost[j];
      }
      return new StoredPanel.Fixed(words, steps);
    }
    pool.give(words);
    float[] copy = pool.take(floats.length);
    System.arraycopy(floats, 0, copy, 0, floats.length);
    return new StoredPanel.Floats(copy);
  }

  StoredPanel get(int index) {
    return panels[index];
  }

  /** What they have lost of single precision, once all are there. */
  QuantizationError error(int columns) {
    double frobenius = Math.sqrt(Arrays.stream(changes).sum());
    if (frobenius == 0) {
      return QuantizationError.NONE;
    }
    double[] sums = new double[columns];
    for (float[] part : losses) {
      for (int j = 0; j < Math.min(columns, part.length); j++) {
        sums[j] += part[j];
      }
    }
    return new QuantizationError(frobenius, sums);
  }

  /** What they take, once all are there. */
  long bytes() {
    long bytes = 0;
    for (StoredPanel panel : panels) {
      bytes +=
          switch (panel) {
            case StoredPanel.Floats(var floats) -> Float.BYTES * (long) floats.length;
            case StoredPanel.Fixed(var words, _) -> Integer.BYTES * (long) words.length;
          };
    }
    return bytes;
  }

  /** Sum of (a - b)² over a panel and one that is kept, as the kernel gives it. */
  double squaredDistance(int index, float[] panel) {
    Kernel kernel = Kernels.best();
    return switch (panels[index]) {
      case StoredPanel.Floats(var floats) -> kernel.squaredDistance(panel, floats, 0, panel.length);
      case StoredPanel.Fixed(var words, var steps) -> kernel.squaredDistance(panel, words, steps);
    };
  }

  /** Gives all back to the pool; to be called once. */
  void release() {
    Stream.of(panels)
        .filter(Objects::nonNull)
        .forEach(panel -> {
          switch (panel) {
            case StoredPanel.Floats(var floats) -> pool.give(floats);
            case StoredPanel.Fixed(var words, _) -> pool.give(words);
          }
        });
  }
}
