package dev.sinkwatch.analyzer.kernel;

import java.util.Arrays;

/**
 * The product A'(Av) with one vector: a quarter of the work of four, for the same traffic. Chains
 * of additions as in {@link GramPart}. For one thread.
 */
final class VectorPart implements ProductPart {
  private static final Kernel KERNEL = Kernels.best();
  private static final int LANES = KERNEL.lanes();
  private static final int STRIP = Panel.TILES * 4 * LANES;
  private static final int BLOCK = Panel.STRIPS * STRIP;
  private static final int PARTIAL = Panel.ROWS * LANES;
  private static final int CHAIN_BLOCKS = 2;
  private static final int CHAIN_PANELS = 4;

  private final PanelPool pool;
  private final float[] v;
  private final int blocks;
  private final float[] chain = new float[PARTIAL];
  private final float[] partial = new float[PARTIAL];
  private final float[] y = new float[Panel.ROWS];
  private final float[] zChain;
  private final float[] z;
  private double ySum;
  private int panels;

  VectorPart(Quad quad, PanelPool pool) {
    this.pool = pool;
    this.v = quad.first();
    this.blocks = v.length / (Panel.TILES * LANES);
    this.zChain = pool.zeros(v.length);
    this.z = pool.zeros(v.length);
  }

  @Override
  public void add(StoredPanel panel) {
    switch (panel) {
      case StoredPanel.Floats(var floats) -> add(floats);
      case StoredPanel.Fixed(var words, var steps) -> {
        float[] floats = pool.take(2 * words.length);
        KERNEL.unfix(words, steps, floats);
        add(floats);
        pool.give(floats);
      }
    }
  }

  private void add(float[] panel) {
    Arrays.fill(partial, 0);
    for (int block = 0; block < blocks; ) {
      Arrays.fill(chain, 0);
      for (int i = 0; i < CHAIN_BLOCKS && block < blocks; i++, block++) {
        for (int strip = 0; strip < Panel.STRIPS; strip++) {
          int at = block * BLOCK + strip * STRIP;
          KERNEL.leftOne(panel, at, v, block * Panel.TILES * LANES, chain, strip * 4 * LANES);
        }
      }
      add(partial, chain);
    }
    for (int row = 0; row < y.length; row++) {
      y[row] = KERNEL.sum(partial, row * LANES);
      ySum += y[row];
    }
    for (int block = 0; block < blocks; block++) {
      for (int tile = 0; tile < Panel.TILES; tile += 4) {
        int at = block * BLOCK + tile * 4 * LANES;
        KERNEL.rightOne(panel, at, y, 0, zChain, (block * Panel.TILES + tile) * LANES);
      }
    }
    panels++;
    if (panels % CHAIN_PANELS == 0) {
      flush();
    }
  }

  private void flush() {
    add(z, zChain);
    Arrays.fill(zChain, 0);
  }

  @Override
  public void into(double[][] product, double[] sums) {
    flush();
    for (int i = 0; i < z.length; i++) {
      product[0][i / LANES * 4 * LANES + i % LANES] += z[i];
    }
    sums[0] += ySum;
  }

  @Override
  public void release() {
    pool.give(zChain);
    pool.give(z);
  }

  private static void add(float[] to, float[] from) {
    for (int i = 0; i < to.length; i++) {
      to[i] += from[i];
    }
  }
}
