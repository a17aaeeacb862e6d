package dev.sinkwatch.analyzer.kernel;

import java.util.function.Supplier;

/**
 * The loops over pairs of columns that Jacobi's rotations consist of. Columns are arrays of one
 * length, a multiple of {@link #UNIT}, what is beyond the matrix filled with zeros. Sums are made
 * in an order that depends on the length and on nothing else, compiled or interpreted, so that the
 * same numbers give the same bits. Stateless.
 */
public sealed interface RotationLoops permits ScalarRotationLoops, VectorRotationLoops {

  /** No vector of doubles is longer. */
  int UNIT = 8;

  /** The fastest that this JVM can run. */
  static RotationLoops best() {
    return Best.LOOPS;
  }

  /** Length of an array that takes that many rows. */
  static int length(int rows) {
    return Math.multiplyExact((rows - 1) / UNIT + 1, UNIT);
  }

  /** The inner product of two columns. */
  double dot(double[] x, double[] y);

  /** Turns two columns: x becomes cos x - sin y, and y becomes sin x + cos y. */
  void rotate(double[] x, double[] y, double cos, double sin);

  /** Chosen once; the class of the vector twin is not loaded where its module is missing. */
  final class Best {
    private static final RotationLoops LOOPS = choose();

    private Best() {}

    private static RotationLoops choose() {
      if (Kernels.vectors()) { // which says so once for all loops where it is not
        Supplier<RotationLoops> vector = VectorRotationLoops::new;
        return vector.get();
      }
      return new ScalarRotationLoops();
    }
  }
}
