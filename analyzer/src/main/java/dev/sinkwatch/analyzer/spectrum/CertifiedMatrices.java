package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots that were certified last, one a layer, so that the distance of the next ones from
 * them carries the certificate on. Bounded in bytes: beyond that the longest unused go, and their
 * layers are certified anew. Safe for use by several threads.
 */
public final class CertifiedMatrices {
  private final long maxBytes;
  private final Map<Known, PanelMatrix> matrices = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<PanelMatrix> lent = Collections.newSetFromMap(new IdentityHashMap<>());
  private long bytes;

  /**
   * @param maxBytes most that they take together
   */
  public CertifiedMatrices(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * Lends the layer's matrix, if it is there and packed as {@code like} is; it comes back with
   * {@link #giveBack}.
   */
  synchronized @Nullable PanelMatrix lend(Known layer, PanelMatrix like) {
    PanelMatrix matrix = matrices.get(layer);
    if (matrix == null
        || matrix.rows() != like.rows()
        || matrix.columns() != like.columns()
        || matrix.shift() != like.shift()
        || matrix.scale() != like.scale()) {
      return null;
    }
    lent.add(matrix);
    return matrix;
  }

  /** Takes back what was lent; its panels are free when it is no longer kept. */
  synchronized void giveBack(PanelMatrix matrix) {
    lent.remove(matrix);
    if (!matrices.containsValue(matrix)) {
      matrix.release();
    }
  }

  /** Keeps a matrix whose panels are kept, instead of the layer's last. */
  synchronized void put(Known layer, PanelMatrix matrix) {
    PanelMatrix before = matrices.remove(layer);
    if (before != null) {
      drop(before);
    }
    if (!matrix.isKept() || size(matrix) > maxBytes) {
      matrix.release();
      return;
    }
    matrices.put(layer, matrix);
    bytes += size(matrix);
    Iterator<PanelMatrix> longestUnused = matrices.values().iterator();
    while (bytes > maxBytes) {
      PanelMatrix oldest = longestUnused.next();
      longestUnused.remove();
      drop(oldest);
    }
  }

  private void drop(PanelMatrix matrix) {
    bytes -= size(matrix);
    if (!lent.contains(matrix)) {
      matrix.release();
    }
  }

  /** Bytes that are kept. */
  public synchronized long bytes() {
    return bytes;
  }

  private static long size(PanelMatrix matrix) {
    return PanelMatrix.bytes(matrix.rows(), matrix.columns());
  }
}
