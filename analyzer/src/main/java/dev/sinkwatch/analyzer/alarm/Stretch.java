package dev.sinkwatch.analyzer.alarm;

/**
 * Operators of a chain that follow each other.
 *
 * @param from index of the first
 * @param to index of the last
 */
record Stretch(int from, int to) {

  /** Of the loss of a chain; where all operators lose the same, none loses more. */
  private static final double ROUNDING = 1e-9;

  /**
   * The operators that lose more detail than is usual in their chain: where the sum of the losses
   * beyond the mean loss is largest.
   *
   * @param depthGain after each operator; what has become 0 counts for the smallest number
   */
  static Stretch ofMostLoss(double[] depthGain) {
    int n = depthGain.length;
    double mean = -log(depthGain[n - 1]) / n;
    Stretch best = new Stretch(0, n - 1);
    double most = ROUNDING * n * mean;
    double sum = 0;
    int from = 0;
    for (int l = 0; l < n; l++) {
      sum += -log(depthGain[l]) + (l == 0 ? 0 : log(depthGain[l - 1])) - mean;
      if (sum > most) {
        most = sum;
        best = new Stretch(from, l);
      }
      if (sum <= 0) {
        sum = 0;
        from = l + 1;
      }
    }
    return best;
  }

  int operators() {
    return to - from + 1;
  }

  /** What these operators alone leave, of the gains after each operator of the chain. */
  double gain(double[] depthGain) {
    return Math.exp(log(depthGain[to]) - (from == 0 ? 0 : log(depthGain[from - 1])));
  }

  private static double log(double gain) {
    return Math.log(Math.max(gain, Double.MIN_NORMAL));
  }
}
