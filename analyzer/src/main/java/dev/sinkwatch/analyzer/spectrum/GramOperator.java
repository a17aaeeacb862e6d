package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.kernel.Survey;
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
  private final Norms norms;
  private final @Nullable Block without;

  /**
   * What products in single precision pass through beside B itself.
   *
   * @param beside ||S|| is at most the length of (||B||, beside)
   * @param toMean ||JSQ||, J = 11'/n
   * @param shifted ||c 11'||
   */
  record Norms(double beside, double toMean, double shifted) {
    static final Norms NONE = new Norms(0, 0, 0);
  }

  private GramOperator(
      PanelMatrix matrix,
      double frobenius,
      double[] columnSums,
      boolean deflated,
      Norms norms,
      @Nullable Block without) {
    this.matrix = matrix;
    this.frobenius = frobenius;
    this.columnSums = columnSums;
    this.deflated = deflated;
    this.norms = norms;
    this.without = without;
  }

  /** A'A. */
  static GramOperator of(PanelMatrix matrix, double frobenius) {
    return new GramOperator(matrix, frobenius, new double[0], false, Norms.NONE, null);
  }

  /**
   * The square of an operator's detail.
   *
   * @param norms of the operator as the matrix is scaled
   */
  static GramOperator ofDetail(PanelMatrix matrix, Survey survey, OperatorNorms norms) {
    int n = matrix.columns();
    double scale = matrix.scale();
    double shift = scale * matrix.shift();
    double[] columnSums = new double[n];
    for (int j = 0; j < n; j++) {
      columnSums[j] = scale * (survey.columnSums()[j] - (double) matrix.shift() * n);
    }
    Survey.Mixing mixing = survey.mixing();
    return new GramOperator(
        matrix,
        mixing == null ? 0 : scale * Math.sqrt(mixing.fromShift()),
        columnSums,
        true,
        new Norms(norms.beside(shift), norms.leakToMean(), Math.abs(shift) * n),
        null);
  }

  /**
   * A'A on the vectors orthogonal to one, which is the first singular vector about.
   *
   * @param sigma1 the first singular value
   */
  GramOperator without(Block vector, double sigma1) {
    return new GramOperator(
        matrix, frobenius, columnSums, deflated, new Norms(sigma1, 0, 0), vector);
  }

  int size() {
    return matrix.columns();
  }

  /**
   * Error of a product with a vector v of length 1, at most. Half of {@link PanelMatrix#ROUNDING},
   * relative to ||S|| and the length of the vector, is the error e of y = Sv, and as much that of
   * S'y.
   *
   * <p>Of the detail, S'e comes out as QS'Qe, no longer than ||B|| |e|, since the mean of e goes
   * with that of y; y is as long as ||B|| and what v gives to the mean; and what rounding S changes
   * in its column sums meets the mean of y. Behind the first singular vector, S'e but for ||B|| |e|
   * is in its direction, where it is taken off.
   *
   * @param sigma ||B||, at most
   */
  double rounding(double sigma) {
    double s = Math.hypot(sigma, norms.beside);
    double y = Math.hypot(sigma, norms.toMean);
    return PanelMatrix.ROUNDING / 2 * s * (sigma + y)
        + PanelMatrix.UNIT * frobenius * norms.toMean
        + Float.MIN_NORMAL;
  }

  /**
   * What rounding may do to the entries of P'P between the constant vector and unit vectors of the
   * detail, and through what these give to the mean, in norm.
   *
   * @param sigma largest singular value of the detail, at most
   */
  double meanRounding(double sigma) {
    double s = Math.hypot(sigma, norms.beside);
    // ||P 1||² is that of P itself, all else of P as it is stored
    double stored = storing() * (2 * (s + norms.shifted) + storing());
    return 2 * PanelMatrix.ROUNDING * s * (s + norms.shifted + norms.toMean) + stored;
  }

  /** What storing S may change in a singular value. */
  double storing() {
    return PanelMatrix.UNIT * frobenius + matrix.quantizationError().frobenius();
  }

  /** G v in one pass. */
  Image times(Block v) throws IOException {
    return image(v, matrix.times(v.quads()));
  }

  /**
   * What a product has to say.
   *
   * @param z G v
   * @param means of the detail, 1'Pv / sqrt(n) of each vector; else empty
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
    return deflated ? detail(z, product.sums()) : new Image(z, new double[0], new double[0]);
  }

  private Image detail(Block z, double[] ySums) {
    int n = size();
    double root = Math.sqrt(n);
    double shift = matrix.shift();
    double[] zSums = z.sums();
    double[] means = new double[z.b()];
    double[] turned = new double[z.b()];
    double[] factors = new double[z.b()];
    for (int i = 0; i < z.b(); i++) {
      means[i] = ySums[i] / root;
      // 1'P'y = 1'S'y + c n 1'y
      turned[i] = (zSums[i] + shift * matrix.scale() * n * ySums[i]) / root;
      factors[i] = ySums[i] / n;
    }
    z.subtract(columnSums, factors);
    double[] losses = matrix.quantizationError().columnSums();
    if (losses.length > 0) {
      for (int i = 0; i < factors.length; i++) {
        factors[i] = -factors[i];
      }
      z.subtract(losses, factors); // the columns of what is stored have other sums
    }
    z.centre();
    return new Image(z, means, turned);
  }
}
