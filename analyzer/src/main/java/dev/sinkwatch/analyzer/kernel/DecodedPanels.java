package dev.sinkwatch.analyzer.kernel;

import org.jspecify.annotations.Nullable;

/**
 * The panels of one part of a matrix as its rows are decoded: kept, or one after the other in the
 * same place. What is not kept is the pool's again once this is closed, also where reading has
 * broken off. For one thread.
 */
final class DecodedPanels implements SurveyPart.Panels, AutoCloseable {
  private static final float[] NONE = {};

  private final int part;
  private final int length;
  private final @Nullable KeptPanels kept;
  private final PanelPool pool;
  private final Taker taker;
  private final boolean reused;
  private int index;
  private float[] open;

  /** Is shown each panel once it is full. */
  interface Taker {

    /**
     * @param panel as it is stored from now on
     * @param floats what it was in single precision
     */
    void take(int index, StoredPanel panel, float[] floats);
  }

  /**
   * @param part of those that {@code kept} tells apart
   * @param index of the part's first panel
   * @param length of a panel
   * @param kept takes them; null when a look is all
   */
  DecodedPanels(
      int part, int index, int length, @Nullable KeptPanels kept, PanelPool pool, Taker taker) {
    this.part = part;
    this.index = index;
    this.length = length;
    this.kept = kept;
    this.pool = pool;
    this.taker = taker;
    this.reused = kept == null || kept.copies();
    this.open = reused ? pool.take(length) : NONE;
  }

  @Override
  public float[] next() {
    open = reused ? open : pool.take(length);
    return open;
  }

  @Override
  public void full(float[] floats) {
    open = reused ? floats : NONE;
    taker.take(
        index,
        kept == null ? new StoredPanel.Floats(floats) : kept.keep(part, index, floats),
        floats);
    index++;
  }

  @Override
  public void close() {
    if (open.length > 0) {
      pool.give(open);
    }
  }
}
