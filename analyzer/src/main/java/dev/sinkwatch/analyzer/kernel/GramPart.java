package dev.sinkwatch.analyzer.kernel;

import java.util.Arrays;
import java.util.List;

/**
 * The product A'(AV) over some panels of A. Each panel is read twice, the second time from cache.
 * Floats are added to floats in chains of at most 64 before they join sums of sums, which bounds
 * the rounding ({@link PanelMatrix#ROUNDING}). For one thread.
 */
final class GramPart implements ProductPart {
  private static final Kernel KERNEL = Kernels.best();
  private static final int LANES = KERNEL.lanes();
  private static final int STRIP = Panel.TILES * 4 * LANES;
  private static final int BLOCK = Panel.STRIPS * STRIP;

  /** Floats of the partial products of a panel with one quad: 16 x 4 entries of L lanes. */
  private static final int PARTIAL = Panel.ROWS * 4 * LANES;

  /** Blocks of a row whose products are one chain of additions in each lane. */
  private static final int CHAIN_BLOCKS = 2;

  /** Panels whose rows are one chain of additions. */
  private static final int CHAIN_PANELS = 4;

  private final PanelPool pool;
  private final List<Quad> v;
  private final int blocks;
  private final float[] chain;
  private final float[] partial;
  private final float[] y;
  private final float[][] zChain;
  private final float[][] z;
  private final double[] ySums;
  private int panels;

  /**
   * @param v what to multiply with; with nothing there is nothing to do
   */
  GramPart(List<Quad> v, PanelPool pool) {
    int quads = v.size();
    int length = quads == 0 ? 0 : v.getFirst().values().length;
    this.pool = pool;
    this.v = v;
    this.blocks = length / STRIP;
    this.chain = new float[quads * PARTIAL];
    this.partial = new float[quads * PARTIAL];
    this.y = new float[quads * Panel.ROWS * 4];
    this.zChain = new float[quads][];
    this.z = new float[quads][];
    for (int q = 0; q < quads; q++) {
      zChain[q] = pool.zeros(length);
      z[q] = pool.zeros(length);
    }
    this.ySums = new double[quads * 4];
  }

  @Override
  public void add(StoredPanel panel) {
    if (v.isEmpty()) {
      return;
    }
    left(panel);
    for (int i = 0; i < y.length; i++) {
      y[i] = KERNEL.sum(partial, i * LANES);
    }
    if (panel instanceof StoredPanel.Fixed fixed) {
      scale(fixed.steps());
    }
    for (int i = 0; i < y.length; i++) {
      ySums[i / (Panel.ROWS * 4) * 4 + i % 4] += y[i];
    }
    if (panel instanceof StoredPanel.Fixed fixed) {
      scale(fixed.steps());
    }
    right(panel);
    panels++;
    if (panels % CHAIN_PANELS == 0) {
      flush();
    }
  }

  /** Of products with whole numbers: their rows count as so many steps, on the left and right. */
  private void scale(float[] steps) {
    for (int i = 0; i < y.length; i++) {
      y[i] *= steps[i / 4 % Panel.ROWS];
    }
  }

  private void left(StoredPanel panel) {
    Arrays.fill(partial, 0);
    for (int block = 0; block < blocks; ) {
      Arrays.fill(chain, 0);
      for (int i = 0; i < CHAIN_BLOCKS && block < blocks; i++, block++) {
        for (int strip = 0; strip < Panel.STRIPS; strip++) {
          for (int q = 0; q < z.length; q++) {
            float[] vectors = v.get(q).values();
            int at = block * BLOCK + strip * STRIP;
            int from = block * STRIP;
            int to = q * PARTIAL + strip * 16 * LANES;
            switch (panel) {
              case StoredPanel.Floats(var floats) ->
                  KERNEL.left(floats, at, vectors, from, chain, to);
              case StoredPanel.Fixed(var words, _) ->
                  KERNEL.left(words, at / 2, vectors, from, chain, to);
            }
          }
        }
      }
      add(partial, chain);
    }
  }

  private void right(StoredPanel panel) {
    for (int block = 0; block < blocks; block++) {
      for (int tile = 0; tile < Panel.TILES; tile += 4) {
        for (int q = 0; q < z.length; q++) {
          int at = block * BLOCK + tile * 4 * LANES;
          int from = q * Panel.ROWS * 4;
          int to = block * STRIP + tile * 4 * LANES;
          switch (panel) {
            case StoredPanel.Floats(var floats) -> KERNEL.right(floats, at, y, from, zChain[q], to);
            case StoredPanel.Fixed(var words, _) ->
                KERNEL.right(words, at / 2, y, from, zChain[q], to);
          }
        }
      }
    }
  }

  private void flush() {
    for (int q = 0; q < z.length; q++) {
      add(z[q], zChain[q]);
      Arrays.fill(zChain[q], 0);
    }
  }

  @Override
  public void into(double[][] product, double[] sums) {
    if (panels % CHAIN_PANELS > 0) {
      flush();
    }
    for (int q = 0; q < z.length; q++) {
      double[] to = product[q];
      float[] from = z[q];
      for (int i = 0; i < from.length; i++) {
        to[i] += from[i];
      }
    }
    for (int i = 0; i < sums.length; i++) {
      sums[i] += ySums[i];
    }
  }

  @Override
  public void release() {
    for (int q = 0; q < z.length; q++) {
      pool.give(zChain[q]);
      pool.give(z[q]);
    }
  }

  private static void add(float[] to, float[] from) {
    for (int i = 0; i < to.length; i++) {
      to[i] += from[i];
    }
  }
}
