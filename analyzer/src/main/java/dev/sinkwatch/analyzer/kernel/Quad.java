package dev.sinkwatch.analyzer.kernel;

import java.util.Arrays;

/**
 * Up to four vectors of n floats, of which entries i lie together: tile by tile as {@link Kernel}
 * says, padded with zeros to whole blocks. For one thread.
 */
public final class Quad {
  private static final Kernel KERNEL = Kernels.best();
  private static final int LANES = KERNEL.lanes();

  /** Strips of products whose lanes are added as floats before they go on as doubles. */
  private static final int CHAIN = 2;

  private final int n;
  private final float[] values;

  /** Four vectors of zeros. */
  public Quad(int n) {
    this.n = n;
    this.values = new float[Panel.blocks(n, LANES) * Panel.TILES * 4 * LANES];
  }

  public int size() {
    return n;
  }

  public float get(int i, int c) {
    return values[index(i, c)];
  }

  public void set(int i, int c, double value) {
    values[index(i, c)] = (float) value;
  }

  public Quad copy() {
    Quad copy = new Quad(n);
    System.arraycopy(values, 0, copy.values, 0, values.length);
    return copy;
  }

  float[] values() {
    return values;
  }

  /** The inner products of its four vectors (rows) with the other's (columns), row-major. */
  public double[] dots(Quad other) {
    double[] dots = new double[16];
    float[] lanes = new float[16 * LANES];
    int strip = Panel.TILES * 4 * LANES;
    for (int at = 0; at < values.length; ) {
      Arrays.fill(lanes, 0);
      for (int i = 0; i < CHAIN && at < values.length; i++, at += strip) {
        KERNEL.left(values, at, other.values, at, lanes, 0);
      }
      for (int i = 0; i < 16; i++) {
        dots[i] += KERNEL.sum(lanes, i * LANES);
      }
    }
    return dots;
  }

  /**
   * This += other h.
   *
   * @param h 4 x 4, row-major
   */
  public void add(Quad other, double[] h) {
    float[] floats = new float[16];
    for (int i = 0; i < 16; i++) {
      floats[i] = (float) h[i];
    }
    KERNEL.combine(values, other.values, values.length / (4 * LANES), floats);
  }

  /** The sum of each vector's entries. */
  public double[] sums() {
    double[] sums = new double[4];
    for (int tile = 0; tile < values.length; tile += 4 * LANES) {
      for (int c = 0; c < 4; c++) {
        sums[c] += KERNEL.sum(values, tile + c * LANES);
      }
    }
    return sums;
  }

  /** Vector c -= factor_c x for all four. */
  public void subtract(double[] x, double[] factors) {
    for (int i = 0; i < n; i++) {
      int at = index(i, 0);
      for (int c = 0; c < 4; c++) {
        values[at + c * LANES] -= (float) (x[i] * factors[c]);
      }
    }
  }

  /** Takes its mean off each vector. */
  public void centre() {
    double[] sums = sums();
    for (int i = 0; i < n; i++) {
      int at = index(i, 0);
      for (int c = 0; c < 4; c++) {
        values[at + c * LANES] -= (float) (sums[c] / n);
      }
    }
  }

  private static int index(int i, int c) {
    return (i / LANES * 4 + c) * LANES + i % LANES;
  }
}
