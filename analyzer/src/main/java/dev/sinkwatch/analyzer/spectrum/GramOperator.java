package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * G = B'B of a matrix B that is read once for each product: A itself, or for an operator P its
 * detail QPQ, Q = I - 11'/n.
 *
 * <p>The panels hold S = P - c 11'. With v in the detail subspace Pv = Sv, and Q P'Q Sv is S'(Sv)
 * less the column sums of S times the mean of Sv, less its own mean: so the means come off after
 * the pass.
 */
final class GramOperator {
  private final PanelMatrix matrix;
  private final double frobenius;
  private final double[] columnSums;
  private final boolean deflated;
  private final @Nullable Block without;

  private GramOperator(
      PanelMatrix matrix,
      double frobenius,
      double[] columnSums,
      boolean deflated,
      @Nullable Block without) {
    this.matrix = matrix;
    this.frobenius = frobenius;
    this.columnSums = columnSums;
    this.deflated = deflated;
    this.without = without;
  }

  /** A'A. */
  static GramOperator of(PanelMatrix matrix, double frobenius) {
    return new GramOperator(matrix, frobenius, new double[0], false, null);
  }

  /**
   * The square of an operator's detail.
   *
   * @param frobenius ||S||_F
   * @param columnSums of S
   */
  static GramOperator ofDetail(PanelMatrix matrix, double frobenius, double[] columnSums) {
    return new GramOperator(matrix, frobenius, columnSums, true, null);
  }

  /** The same on the vectors orthogonal to some, which are eigenvectors about. */
  GramOperator without(Block vectors) {
    return new GramOperator(matrix, frobenius, columnSums, deflated, vectors);
  }

  int size() {
    return matrix.columns();
  }

  boolean deflated() {
    return deflated;
  }

  /**
   * Error of a product with a vector of length 1, at most.
   *
   * @param sigma largest singular value of B, at most
   */
  static double rounding(double sigma) {
    return PanelMatrix.ROUNDING * sigma * sigma + Float.MIN_NORMAL;
  }

  /** What storing S in single precision may change in a singular value. */
  double storing() {
    return PanelMatrix.UNIT * frobenius;
  }

  /** G v in one pass. */
  Image times(Block v) throws IOException {
    return image(v, matrix.times(v.quads()));
  }

  /**
   * What a product has to say.
   *
   * @param z G v
   * @param means 1'Pv / sqrt(n), of each vector; empty for A itself
   * @param turned 1'P'Pv / sqrt(n); likewise
   */
  @SuppressWarnings("ArrayRecordComponent") // scratch, never compared
  record Image(Block z, double[] means, double[] turned) {}

  /** The image of v from S'(Sv), which this takes over. */
  Image image(Block v, PanelMatrix.Product product) {
    Block z = new Block(product.z(), v.b());
    if (without != null) {
      z.add(without, -1, without.transposeTimes(z));
    }
    if (!deflated) {
      return new Image(z, new double[0], new double[0]);
    }
    int n = size();
    double root = Math.sqrt(n);
    double shift = matrix.shift();
    double[] zSums = z.sums();
    double[] means = new double[v.b()];
    double[] turned = new double[v.b()];
    double[] factors = new double[v.b()];
    for (int c = 0; c < v.b(); c++) {
      double ySum = product.sums()[c];
      means[c] = ySum / root;
      // 1'P'y = 1'S'y + c n 1'y
      turned[c] = (zSums[c] + shift * matrix.scale() * n * ySum) / root;
      factors[c] = ySum / n;
    }
    z.subtract(columnSums, factors);
    z.centre();
    return new Image(z, means, turned);
  }

  /**
   * QP'P1, which the mean turns into.
   *
   * @param product S'S1, which this takes over
   */
  Block turnedMean(PanelMatrix.Product product) {
    Block z = new Block(product.z(), 1);
    // P'P1 = S'S1 + c n S'1 and a constant vector
    z.subtract(columnSums, new double[] {-matrix.shift() * matrix.scale() * size()});
    z.centre();
    return z;
  }
}
