package dev.sinkwatch.analyzer.kernel;

/**
 * Panels in fixed point: each row in whole numbers q of 16 bits from -32767 to 32767, which count
 * as steps of the row's own. Two rows share an array of ints: the numbers of an even row are the
 * low 16 bits, those of the odd one below it the high ones, in the order of a panel's floats.
 */
final class FixedPoint {

  /** Added to q it leaves q in the lowest bits, as floats of that size have no fractions. */
  static final float MIDDLE = 0x1.8p23f;

  private static final int MOST_STEPS = 32767;

  /** Rows whose largest entry is less, but not 0, or more, have steps that floats do not hold. */
  private static final float LEAST = 0x1p-100f;

  private static final float MOST = 0x1p100f;

  /** How far x / step as computed may be from what it is, in steps, for rounding. */
  private static final double ROUNDING = 0x1p-8;

  /** Sums of squares in floats, relative, at least; in longer chains each addition may round. */
  private static final double SUMMING = 1e-3;

  private FixedPoint() {}

  /**
   * Brings a panel into fixed point, if that changes it little.
   *
   * @param share of its Frobenius norm by which it may change, in that norm
   * @param words receives it, half as many as the panel has floats
   * @param steps receives the length of a step of each row
   * @param columnLosses what each column loses is added to these
   * @return the square of by how much it changes in Frobenius norm, at most; negative if that would
   *     be too much, when {@code words} and the losses may hold anything
   */
  static double fix(float[] panel, double share, int[] words, float[] steps, float[] columnLosses) {
    Kernel kernel = Kernels.best();
    float[] most = new float[Panel.ROWS];
    float[] perStep = new float[Panel.ROWS];
    kernel.largest(panel, most);
    for (int row = 0; row < Panel.ROWS; row++) {
      if (!(most[row] == 0 || (most[row] >= LEAST && most[row] <= MOST))) {
        return -1; // not finite, for one
      }
      steps[row] = most[row] / MOST_STEPS;
      perStep[row] = most[row] == 0 ? 0 : 1 / steps[row];
    }
    float[] errors = new float[Panel.ROWS];
    float[] squares = new float[Panel.ROWS];
    kernel.fix(panel, perStep, steps, words, errors, squares, columnLosses);
    double columns = panel.length / (double) Panel.ROWS;
    double rounding = ROUNDING * Math.sqrt(columns);
    double summing = Math.max(SUMMING, columns * PanelMatrix.UNIT);
    double error = 0;
    double whole = 0;
    for (int row = 0; row < Panel.ROWS; row++) {
      double step = steps[row];
      double length = step * (Math.sqrt(errors[row] * (1 + summing)) + rounding);
      error += length * length;
      whole += step * step * squares[row] * (1 - summing);
    }
    return error <= share * share * whole ? error : -1;
  }
}
