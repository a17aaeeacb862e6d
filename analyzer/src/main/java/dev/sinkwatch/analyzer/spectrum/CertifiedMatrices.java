package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots that were certified last, one a layer, so that the distance of the next ones from
 * them carries the certificate on. Bounded in bytes: beyond that the longest unused go, and their
 * layers are certified anew. Safe for use by several threads.
 */
public final class CertifiedMatrices {
  private final long maxBytes;
  private final Map<Known, PanelMatrix> matrices = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /**
   * @param maxBytes most that they take together
   */
  public CertifiedMatrices(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** The layer's, if it is there and packed as {@code like} is. */
  synchronized @Nullable PanelMatrix get(Known layer, PanelMatrix like) {
    PanelMatrix matrix = matrices.get(layer);
    return matrix != null
            && matrix.rows() == like.rows()
            && matrix.columns() == like.columns()
            && matrix.shift() == like.shift()
            && matrix.scale() == like.scale()
        ? matrix
        : null;
  }

  /** Keeps a matrix whose panels are kept, instead of the layer's last. */
  synchronized void put(Known layer, PanelMatrix matrix) {
    PanelMatrix before = matrices.remove(layer);
    if (before != null) {
      bytes -= size(before);
      before.release();
    }
    if (!matrix.isKept() || size(matrix) > maxBytes) {
      matrix.release();
      return;
    }
    matrices.put(layer, matrix);
    bytes += size(matrix);
    Iterator<PanelMatrix> longestUnused = matrices.values().iterator();
    while (bytes > maxBytes) {
      // not released: another thread may be measuring its distance right now
      bytes -= size(longestUnused.next());
      longestUnused.remove();
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
