package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.RotationLoops;
import java.util.Arrays;
import java.util.stream.Stream;

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
    double[] sigma = new double[n];
    if (scale == 0) {
      return sigma;
    }
    Column[] c = Stream.generate(() -> new Column(m)).limit(n).toArray(Column[]::new);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double value = a[i * columns + j] / scale;
        if (wide) {
          c[i].body[j] = value;
        } else {
          c[j].body[i] = value;
        }
      }
    }
    orthogonalise(c);
    for (int j = 0; j < n; j++) {
      sigma[j] = Math.sqrt(c[n - 1 - j].square) * scale;
    }
    Arrays.sort(sigma);
    for (int j = 0; j < n / 2; j++) {
      double swap = sigma[j];
      sigma[j] = sigma[n - 1 - j];
      sigma[n - 1 - j] = swap;
    }
    return sigma;
  }

  /** A column that is made orthogonal to others. */
  static final class Column {
    final double[] body;
    private final double threshold;

    /** Of another row, which is turned along but has no part in what is orthogonal. */
    double head;

    /** The body's inner product with itself, up to date once all are orthogonal. */
    double square;

    Column(int rows) {
      this.body = new double[RotationLoops.length(rows)];
      this.threshold = ORTHOGONAL * Math.sqrt(rows);
    }

    private void measure() {
      square = LOOPS.dot(body, body);
    }

    private boolean isOrthogonalTo(Column other, double product) {
      double most = threshold * Math.sqrt(square) * Math.sqrt(other.square);
      return !(Math.abs(product) > most && Math.abs(product) > Double.MIN_NORMAL);
    }

    private void rotate(Column other, double product) {
      double zeta = (other.square - square) / (2 * product);
      double t =
          Math.abs(zeta) > STEEP
              ? 0.5 / zeta
              : Math.copySign(1, zeta) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
      double cos = 1 / Math.sqrt(1 + t * t);
      double sin = cos * t;
      LOOPS.rotate(body, other.body, cos, sin);
      double mine = head;
      head = cos * mine - sin * other.head;
      other.head = sin * mine + cos * other.head;
      grow(-t * product);
      other.grow(t * product);
    }

    private void grow(double change) {
      double before = square;
      square += change;
      if (square < LEFT * before) {
        measure();
      }
    }
  }

  /** Turns columns among themselves, and changes their order, until all are orthogonal. */
  static void orthogonalise(Column[] c) {
    boolean rotated = true;
    for (int sweep = 0; rotated && sweep < MAX_SWEEPS; sweep++) {
      rotated = false;
      for (Column column : c) { // anew: what rotations made of it has lost digits
        column.measure();
      }
      for (int p = 0; p < c.length - 1; p++) {
        longestTo(p, c);
        for (int q = p + 1; q < c.length; q++) {
          double product = LOOPS.dot(c[p].body, c[q].body);
          if (!c[p].isOrthogonalTo(c[q], product)) {
            c[p].rotate(c[q], product);
            rotated = true;
          }
        }
      }
    }
  }

  /** Brings the longest of the columns from p on to p, which saves a third of the sweeps. */
  private static void longestTo(int p, Column[] c) {
    int longest = p;
    for (int q = p + 1; q < c.length; q++) {
      longest = c[q].square > c[longest].square ? q : longest;
    }
    Column column = c[p];
    c[p] = c[longest];
    c[longest] = column;
  }
}
