package dev.sinkwatch.analyzer.alarm;

import java.util.Arrays;

/**
 * How far the mean of a noisy, autocorrelated sequence strays: its long-run standard deviation a
 * value, the square root of the spectral density at frequency zero. Under first-order
 * autocorrelation phi with standard deviation sigma it is sigma sqrt((1 + phi) / (1 - phi)).
 *
 * <p>It is read off second differences x_t - 2 x_(t-a) + x_(t-2a) at a = 1 and a = {@value #SPAN},
 * in which a steady drift cancels. Their variances stand in the ratio (1 - phi^a)(3 - phi^a) / ((1
 * - phi)(3 - phi)), which tells phi. Both are running means in which one value counts for at most
 * nine times the mean, so that a jump is no noise, and which forget, so that noise may grow with
 * the learning rate. For one thread.
 */
final class NoiseScale {

  /** The wide differences are between values so far apart. */
  static final int SPAN = 8;

  /** Values that a wide difference takes, less the newest. */
  static final int RECENT = 2 * SPAN;

  /** The running means forget over so many values. */
  private static final int MEMORY = 256;

  /** A squared difference counts up to so many times the mean. */
  private static final double MOST = 9;

  /** Mean squares below this, of white noise of 0.02, are taken for this. */
  private static final double LEAST = 6 * 0.02 * 0.02;

  /** Beyond this autocorrelation noise and drift cannot be told apart. */
  private static final double MOST_CORRELATED = 0.97;

  private final double[] recent = new double[RECENT];
  private int values;
  private double narrow;
  private double wide;

  NoiseScale() {}

  /** Goes on where another one stopped. */
  NoiseScale(DriftState state) {
    values = state.recent().size();
    for (int i = 0; i < values; i++) {
      recent[i] = state.recent().get(i);
    }
    narrow = state.narrow();
    wide = state.wide();
  }

  /**
   * Takes the next value in.
   *
   * @param age how many came before it
   */
  void accept(double value, int age) {
    if (values == RECENT) {
      narrow = mean(narrow, value - 2 * recent[RECENT - 1] + recent[RECENT - 2], age);
      wide = mean(wide, value - 2 * recent[RECENT - SPAN] + recent[0], age);
      System.arraycopy(recent, 1, recent, 0, RECENT - 1);
      recent[RECENT - 1] = value;
    } else {
      recent[values++] = value;
    }
  }

  /** What comes next does not follow from what was. */
  void interrupt() {
    values = 0;
  }

  private static double mean(double mean, double difference, int age) {
    double square = Math.min(difference * difference, MOST * Math.max(mean, LEAST));
    return mean + (square - mean) / Math.clamp(age - RECENT + 1L, 1, MEMORY);
  }

  /**
   * @param deviation standard deviation of one value
   * @param longRun what counts of it where values are added up
   */
  record Scale(double deviation, double longRun) {}

  Scale scale() {
    double least = Math.max(narrow, LEAST);
    double phi = correlation(Math.max(wide, LEAST) / least);
    double deviation = Math.sqrt(least / (2 * (1 - phi) * (3 - phi)));
    return new Scale(deviation, deviation * Math.sqrt((1 + phi) / (1 - phi)));
  }

  /** The autocorrelation at which the two variances stand in that ratio. */
  private static double correlation(double ratio) {
    double low = 0;
    double high = MOST_CORRELATED;
    for (int i = 0; i < 20; i++) {
      double phi = (low + high) / 2;
      double power = Math.pow(phi, SPAN);
      if ((1 - power) * (3 - power) / ((1 - phi) * (3 - phi)) < ratio) {
        low = phi;
      } else {
        high = phi;
      }
    }
    return low;
  }

  double[] recent() {
    return Arrays.copyOf(recent, values);
  }

  double narrow() {
    return narrow;
  }

  double wide() {
    return wide;
  }
}
