package dev.sinkwatch.analyzer.spectrum;

import org.jspecify.annotations.Nullable;

/**
 * What a layer's last snapshot left for its next: singular vectors to start from, and how old the
 * certificate is that {@link CertifiedMatrices} keeps for it. For one thread at a time.
 */
public final class Known {
  private @Nullable Block vectors;
  private double gainUpper;
  private int age;

  /** Forgets everything: the run began anew. */
  public void forget() {
    vectors = null;
  }

  /** Orthonormal vectors close to the right singular vectors of the largest singular values. */
  @Nullable Block vectors(int n) {
    return vectors != null && vectors.n() == n ? vectors : null;
  }

  void keep(Block found) {
    vectors = found.b() == 0 ? null : found; // of an exactly uniform matrix nothing is left
  }

  /** Certified upper bound of the detail gain of the matrix that is kept. */
  double gainUpper() {
    return gainUpper;
  }

  /** Snapshots since it was certified. */
  int age() {
    return age;
  }

  void certified(double upper) {
    gainUpper = upper;
    age = 0;
  }

  void older() {
    age++;
  }
}
