package dev.sinkwatch.analyzer.kernel;

import java.util.function.IntToDoubleFunction;

/**
 * The Euclidean norm of any number of values, also where their squares overflow or vanish. Plain
 * sums row by row; only rows whose sum leaves the safe range are read again, scaled by a power of
 * two. For one thread.
 *
 * <p>Three accumulators as in Blue, "A portable Fortran program to find the Euclidean norm of a
 * vector", ACM Trans. Math. Softw. 4, 1978.
 */
public final class SumOfSquares {

  /** Sums of squares between these lose nothing that matters to overflow or underflow. */
  private static final double SAFE_LEAST = 0x1p-850;

  private static final double SAFE_MOST = 0x1p1000;

  /** Makes values safe whose squares are not. */
  private static final double SHRINK = 0x1p-600;

  private static final double GROW = 0x1p600;

  private double squares;
  private double shrunk;
  private double grown;

  /**
   * Takes the first {@code count} values of a row.
   *
   * @return the plain sum of their squares, as the arithmetic of doubles has it
   */
  public double add(double[] row, int count) {
    double plain = plain(row, count);
    add(plain, i -> row[i], count);
    return plain;
  }

  /**
   * Takes a row.
   *
   * @param plain the sum of its squares, as the arithmetic of doubles has it
   * @param row its values
   */
  void add(double plain, IntToDoubleFunction row, int count) {
    if (plain >= SAFE_LEAST && plain <= SAFE_MOST) {
      squares += plain;
    } else if (plain < SAFE_LEAST) {
      grown += sum(row, count, GROW);
    } else {
      shrunk += sum(row, count, SHRINK);
    }
  }

  /** Takes what another has taken. */
  void add(SumOfSquares other) {
    squares += other.squares;
    shrunk += other.shrunk;
    grown += other.grown;
  }

  /** Infinite only when it is beyond all doubles. */
  public double norm() {
    double norm = Math.hypot(Math.sqrt(squares), Math.sqrt(grown) / GROW);
    return Math.hypot(norm, Math.sqrt(shrunk) / SHRINK);
  }

  /** In four chains, since each addition waits for the one before it. */
  private static double plain(double[] row, int count) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int j = 0;
    for (; j <= count - 4; j += 4) {
      s0 += row[j] * row[j];
      s1 += row[j + 1] * row[j + 1];
      s2 += row[j + 2] * row[j + 2];
      s3 += row[j + 3] * row[j + 3];
    }
    for (; j < count; j++) {
      s0 += row[j] * row[j];
    }
    return (s0 + s1) + (s2 + s3);
  }

  private static double sum(IntToDoubleFunction row, int count, double scale) {
    double sum = 0;
    for (int j = 0; j < count; j++) {
      double value = scale * row.applyAsDouble(j);
      sum += value * value;
    }
    return sum;
  }
}
