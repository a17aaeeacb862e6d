package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import org.jspecify.annotations.Nullable;

/**
 * What a layer's last snapshots left for its next: singular vectors to start from, the matrix that
 * was certified last, and how old its certificate is. Both are kept only where {@link
 * CertifiedMatrices} has room for them, which {@link #forget} gives back. For one thread at a time.
 */
public final class Known {
  private final CertifiedMatrices room;
  private @Nullable Block vectors;
  private @Nullable PanelMatrix matrix;
  private double gainUpper;
  private int age;

  public Known(CertifiedMatrices room) {
    this.room = room;
  }

  /** Forgets everything: the run began anew, or nobody asks for this layer any more. */
  public void forget() {
    vectors = null;
    PanelMatrix before = matrix;
    if (before != null) {
      matrix = null;
      room.giveBack(size(before));
      before.release();
    }
  }

  /** The matrix that was certified last, if it is there and packed as {@code like} is. */
  @Nullable PanelMatrix matrix(PanelMatrix like) {
    PanelMatrix known = matrix;
    return known != null
            && known.rows() == like.rows()
            && known.columns() == like.columns()
            && known.shift() == like.shift()
            && known.scale() == like.scale()
        ? known
        : null;
  }

  /** Whether matrices of so many columns are kept at all. */
  boolean keeps(int columns) {
    return room.keeps(columns);
  }

  /** Orthonormal vectors close to the right singular vectors of the largest singular values. */
  @Nullable Block vectors(int n) {
    return vectors != null && vectors.n() == n ? vectors : null;
  }

  /** Certified upper bound of the detail gain of the matrix that is kept. */
  double gainUpper() {
    return gainUpper;
  }

  /** What storing the matrix that is kept has changed in it beside rounding, in Frobenius norm. */
  double quantizationError() {
    return matrix == null ? 0 : matrix.quantizationError().frobenius();
  }

  /** Snapshots since it was certified. */
  int age() {
    return age;
  }

  /** The certificate was carried to one more snapshot, which left those vectors. */
  void carried(Block found) {
    vectors = found.b() == 0 ? null : found; // of an exactly uniform matrix nothing is left
    age++;
  }

  /**
   * A matrix was certified. It takes the place of the layer's last; without room for it, or without
   * panels, it is released.
   *
   * @param upper bound of its detail gain
   */
  void certified(PanelMatrix certified, double upper, Block found) {
    forget();
    if (certified.isKept() && room.take(size(certified))) {
      matrix = certified;
      vectors = found.b() == 0 ? null : found;
      gainUpper = upper;
      age = 0;
    } else {
      certified.release();
    }
  }

  /** Of the panels and of four vectors, bytes. */
  private static long size(PanelMatrix matrix) {
    return matrix.keptBytes() + PanelMatrix.bytes(1, matrix.columns()) / 4;
  }
}
