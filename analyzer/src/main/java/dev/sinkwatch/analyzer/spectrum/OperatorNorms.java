package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.Survey;
import java.util.Objects;

/**
 * What one pass over an operator P tells of its norms for certain. J = 11'/n, Q = I - J.
 *
 * @param frobenius ||P||_F
 * @param detailFrobenius ||QPQ||_F, rounded upwards: no gain exceeds it
 * @param meanSquare ||PJ||²
 * @param meanGain ||JPJ||
 * @param leakToDetail ||QPJ||
 * @param leakToMean ||JPQ||
 */
record OperatorNorms(
    double frobenius,
    double detailFrobenius,
    double meanSquare,
    double meanGain,
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
    double mean = total / n - shift * n; // of P - c 11'
    double left = fromShift - toDetail * toDetail - toMean * toMean - mean * mean;
    return new OperatorNorms(
        survey.frobenius(),
        Math.sqrt(Math.max(0, left) + ROUNDING * n * fromShift),
        meanSquare,
        Math.abs(total) / n,
        toDetail,
        toMean);
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
   * Whether the singular vectors of P mix so much with the mean's that those of QPQ do not tell
   * sigma2 to 1e-4, and P itself must. What leaks both ways adds to sigma2 by the square; what
   * leaks one way only turns the vectors, the more the closer the gain is to the mean's.
   */
  boolean mixed(double gain) {
    double square = gain * gain;
    double smaller = smallerLeak();
    double larger = largerLeak();
    double apart = meanGain * meanGain - square;
    return smaller * smaller > 1e-4 * square || larger * larger > 1e-4 * apart;
  }

  /** What the squares leave for sigma2 behind a sigma1 of at least that, rounded upwards. */
  double behind(double sigma1, int n) {
    double squares = frobenius * frobenius;
    return Math.sqrt(
        Math.min(Math.max(0, squares - sigma1 * sigma1), squares / 2) + 2 * ROUNDING * n * squares);
  }

  /** sigma2 exceeds ||QPQ|| by no more than it makes with it at a right angle. */
  double smallerLeak() {
    return Math.min(leakToDetail, leakToMean);
  }

  double largerLeak() {
    return Math.max(leakToDetail, leakToMean);
  }

  /** The larger of ||PJ|| and ||JP||. */
  double sigma1Lower() {
    return Math.hypot(meanGain, largerLeak());
  }

  /**
   * P is diag(JPJ, QPQ) but for its leaks, which move no singular value by more than their norm
   * (Weyl).
   */
  double sigma2Lower(double gainLower) {
    return Math.max(0, Math.min(meanGain, gainLower) - largerLeak());
  }

  /** What the norms alone tell. */
  Spectrum spectrum() {
    double sigma1 = sigma1Lower();
    double upper = Math.hypot(detailFrobenius, smallerLeak());
    return new Spectrum(detailFrobenius, 0, detailFrobenius, sigma1, upper, sigma2Lower(0), upper);
  }

  OperatorNorms scaled(double unit) {
    return new OperatorNorms(
        unit * frobenius,
        unit * detailFrobenius,
        unit * unit * meanSquare,
        unit * meanGain,
        unit * leakToDetail,
        unit * leakToMean);
  }
}
