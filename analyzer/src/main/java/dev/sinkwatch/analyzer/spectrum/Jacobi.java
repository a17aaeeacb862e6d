package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.RotationLoops;
import java.util.Arrays;

/**
 * Singular values of a small or narrow matrix by one-sided Jacobi rotations: columns are made
 * orthogonal pair by pair, then their norms are the singular values. Accurate to rounding relative
 * to each column, and of fixed sequence, so that the same matrix gives the same bits. Cost about 4
 * m n² operations a sweep, 5 to 8 sweeps.
 *
 * <p>Hestenes 1958; Demmel and Veselic, "Jacobi's method is more accurate than QR", SIAM J. Matrix
 * Anal. Appl. 13, 1992; the order of pairs is de Rijk's, "A one-sided Jacobi algorithm for
 * computing the singular value decomposition on a vector computer", SIAM J. Sci. Stat. Comput. 10,
 * 1989; rotations as in Golub and Van Loan, Matrix Computations, 4th ed., section 8.6.3.
 */
public final class Jacobi {

  /** Rounding of a product of two columns, relative, for the square root of each row. */
  private static final double ORTHOGONAL = 0x1p-52;

  private static final int MAX_SWEEPS = 60;

  /** With less left of a norm's square its digits have gone. */
  private static final double LEFT = 0.1;

  /** Beyond it 1 is nothing beside zeta squared. */
  private static final double STEEP = 1e9;

  private static final RotationLoops LOOPS = RotationLoops.best();

  private Jacobi() {}

  /**
   * All singular values, largest first.
   *
   * @param a rows x columns, row-major, finite; not changed
   */
  public static double[] singularValues(double[] a, int rows, int columns) {
    // column by column in memory, and the shorter side as columns
    boolean wide = columns > rows;
    int m = wide ? columns : rows;
    int n = wide ? rows : columns;
    double scale = 0;
    for (double value : a) {
      scale = Math.max(scale, Math.abs(value));
    }
    double[] norms = new double[n];
    if (scale == 0) {
      return norms;
    }
    double[][] c = new double[n][RotationLoops.length(m)];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double value = a[i * columns + j] / scale;
        if (wide) {
          c[i][j] = value;
        } else {
          c[j][i] = value;
        }
      }
    }
    orthogonalise(c, m);
    for (int j = 0; j < n; j++) {
      norms[j] = Math.sqrt(LOOPS.dot(c[j], c[j])) * scale;
    }
    Arrays.sort(norms);
    for (int j = 0; j < n / 2; j++) {
      double swap = norms[j];
      norms[j] = norms[n - 1 - j];
      norms[n - 1 - j] = swap;
    }
    return norms;
  }

  private static void orthogonalise(double[][] c, int rows) {
    double orthogonal = ORTHOGONAL * Math.sqrt(rows);
    double[] squares = new double[c.length];
    boolean rotated = true;
    for (int sweep = 0; rotated && sweep < MAX_SWEEPS; sweep++) {
      rotated = false;
      for (int p = 0; p < c.length; p++) { // anew: what rotations made of them has lost digits
        squares[p] = LOOPS.dot(c[p], c[p]);
      }
      for (int p = 0; p < c.length - 1; p++) {
        longestTo(p, c, squares);
        for (int q = p + 1; q < c.length; q++) {
          double pq = LOOPS.dot(c[p], c[q]);
          double least = orthogonal * Math.sqrt(squares[p] * squares[q]);
          if (Math.abs(pq) > least && Math.abs(pq) > Double.MIN_NORMAL) {
            rotate(c, squares, p, q, pq);
            rotated = true;
          }
        }
      }
    }
  }

  /** Brings the longest of the columns from p on to p, which saves a third of the sweeps. */
  private static void longestTo(int p, double[][] c, double[] squares) {
    int longest = p;
    for (int q = p + 1; q < c.length; q++) {
      longest = squares[q] > squares[longest] ? q : longest;
    }
    double[] column = c[p];
    c[p] = c[longest];
    c[longest] = column;
    double square = squares[p];
    squares[p] = squares[longest];
    squares[longest] = square;
  }

  private static void rotate(double[][] c, double[] squares, int p, int q, double pq) {
    double zeta = (squares[q] - squares[p]) / (2 * pq);
    double t =
        Math.abs(zeta) > STEEP
            ? 0.5 / zeta
            : Math.copySign(1, zeta) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
    double cos = 1 / Math.sqrt(1 + t * t);
    LOOPS.rotate(c[p], c[q], cos, cos * t);
    squares[p] = after(squares[p], -t * pq, c[p]);
    squares[q] = after(squares[q], t * pq, c[q]);
  }

  private static double after(double before, double change, double[] column) {
    double after = before + change;
    return after < LEFT * before ? LOOPS.dot(column, column) : after;
  }
}
