package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.Survey;
import java.util.Arrays;
import java.util.Objects;

/**
 * What one pass over an operator P tells of its norms for certain. J = 11'/n, Q = I - J.
 *
 * @param frobenius ||P||_F
 * @param gainUpper no gain exceeds it: ||QPQ||_F, and of a P without negative entries the root of
 *     its largest row sum times its largest column sum, which ||P|| does not exceed (Schur's test);
 *     infinite where the squares of entries overflow
 * @param meanSquare ||PJ||²
 * @param n size of P
 * @param mean 1'P1 / n
 * @param leakToDetail ||QPJ||
 * @param leakToMean ||JPQ||
 */
record OperatorNorms(
    double frobenius,
    double gainUpper,
    double meanSquare,
    int n,
    double mean,
    double leakToDetail,
    double leakToMean) {

  /** Of a sum of squares whose summands are sums themselves, relative, for each of n. */
  private static final double ROUNDING = 1e-15;

  /**
   * Of a survey of an operator.
   *
   * @param shift c, what the matrix was shifted by
   */
  static OperatorNorms of(Survey survey, double shift) {
    double[] rowSums = Objects.requireNonNull(survey.rowSums());
    double[] columnSums = survey.columnSums();
    double fromShift = Objects.requireNonNull(survey.mixing()).fromShift();
    int n = columnSums.length;
    double total = 0;
    double meanSquare = 0;
    for (double sum : rowSums) {
      total += sum;
      meanSquare += sum * sum / n;
    }
    double toDetail = deviation(rowSums);
    double toMean = deviation(columnSums);
    double moved = total / n - shift * n; // the mean of P - c 11'
    double left = fromShift - toDetail * toDetail - toMean * toMean - moved * moved;
    double detailFrobenius = Math.sqrt(Math.max(0, left) + ROUNDING * n * fromShift);
    // where squares overflow the products do as well, whatever the sums tell
    boolean defined = detailFrobenius < Double.POSITIVE_INFINITY;
    return new OperatorNorms(
        survey.frobenius(),
        defined ? Math.min(detailFrobenius, schur(survey)) : detailFrobenius,
        meanSquare,
        n,
        total / n,
        toDetail,
        toMean);
  }

  /** Bound of ||P||, rounded upwards; infinite where an entry is negative. */
  private static double schur(Survey survey) {
    if (Objects.requireNonNull(survey.mixing()).negative()) {
      return Double.POSITIVE_INFINITY;
    }
    double row = Arrays.stream(Objects.requireNonNull(survey.rowSums())).max().orElse(0);
    double column = Arrays.stream(survey.columnSums()).max().orElse(0);
    return Math.sqrt(row) * Math.sqrt(column) * (1 + ROUNDING * survey.columnSums().length);
  }

  /** Standard deviation of sums. */
  private static double deviation(double[] sums) {
    double mean = 0;
    for (double sum : sums) {
      mean += sum;
    }
    mean /= sums.length;
    double squares = 0;
    for (double sum : sums) {
      squares += (sum - mean) * (sum - mean);
    }
    return Math.sqrt(squares / sums.length);
  }

  /**
   * Whether the singular vectors of P mix so much with the mean's that those of QPQ with the mean
   * beside do not tell sigma2 to 1e-4, and P itself must be searched.
   *
   * <p>With D = QPQ, m the mean, and a, b the leaks to detail and mean, P'P is [s, t'; t, D'D +
   * bb'] with s = m² + |a|² and t = mb + D'a. Behind s, far from it, the eigenvalues are those of
   * D'D + bb' - tt'/s about, where bb' and mb mb'/s go: |a||b| / m beside the gain remains, of the
   * first order, and the squares of |a| and |b| against those of the gap.
   */
  boolean mixed(double gain) {
    double larger = largerLeak();
    double apart = mean * mean - gain * gain;
    return leakToDetail * leakToMean > 1e-4 * gain * meanGain() || larger * larger > 1e-4 * apart;
  }

  /** ||JPJ||. */
  double meanGain() {
    return Math.abs(mean);
  }

  /** What the squares leave for sigma2 behind a sigma1 of at least that, rounded upwards. */
  double behind(double sigma1) {
    double squares = frobenius * frobenius;
    return Math.sqrt(
        Math.min(Math.max(0, squares - sigma1 * sigma1), squares / 2) + 2 * ROUNDING * n * squares);
  }

  /**
   * sigma2 is at most this, g = ||QPQ|| at most. With P'P = [s, t'; t, D'D + bb'] as of {@link
   * #mixed}, take the vectors orthogonal to (s, t), about the first singular vector. (-t'w/s, w) is
   * one, no shorter than w, and P'P makes of it w'(D'D + bb' - tt'/s)w. With t = mb + D'a that is
   * at most g² + |a|²|b|²/s + 2 (m/s) |a||b| g, so leaks count by their product (Courant and
   * Fischer's minimax theorem; Golub and Van Loan, 4th ed., theorem 8.1.2). Of P' it is the same
   * with the leaks exchanged. And of the vectors orthogonal to the mean alone it is g² + |b|².
   */
  double sigma2Upper(double gain) {
    double product = leakToDetail * leakToMean;
    double s = mean * mean + largerLeak() * largerLeak();
    double beyond = (product * product + 2 * meanGain() * product * gain) / s;
    double least = Math.min(leakToDetail, leakToMean);
    // undefined where all is 0, and nothing is known where it overflows
    return Math.hypot(gain, Math.sqrt(beyond < least * least ? beyond : least * least));
  }

  /**
   * The norm of all of P - c 11' but its detail, at most.
   *
   * @param shift c
   */
  double beside(double shift) {
    return Math.hypot(Math.hypot(leakToDetail, leakToMean), mean - shift * n);
  }

  double largerLeak() {
    return Math.max(leakToDetail, leakToMean);
  }

  /** The larger of ||PJ|| and ||JP||. */
  double sigma1Lower() {
    return Math.hypot(mean, largerLeak());
  }

  /**
   * P is diag(JPJ, QPQ) but for its leaks, which move no singular value by more than their norm
   * (Weyl).
   */
  double sigma2Lower(double gainLower) {
    return Math.max(0, Math.min(meanGain(), gainLower) - largerLeak());
  }

  /** What the norms alone tell. */
  Spectrum spectrum() {
    double sigma1 = sigma1Lower();
    double upper = sigma2Upper(gainUpper);
    return new Spectrum(gainUpper, 0, gainUpper, sigma1, upper, sigma2Lower(0), upper);
  }

  OperatorNorms scaled(double unit) {
    return new OperatorNorms(
        unit * frobenius,
        unit * gainUpper,
        unit * (unit * meanSquare),
        n,
        unit * mean,
        unit * leakToDetail,
        unit * leakToMean);
  }
}
