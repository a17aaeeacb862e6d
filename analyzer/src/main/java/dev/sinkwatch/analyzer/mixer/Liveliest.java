package dev.sinkwatch.analyzer.mixer;

import static dev.sinkwatch.analyzer.mixer.Lanes.D;
import static dev.sinkwatch.analyzer.mixer.Lanes.WIDTH;
import static jdk.incubator.vector.DoubleVector.fromArray;

import dev.sinkwatch.analyzer.sinkhorn.Marginals;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The extremes of a batch, lane by lane until the end: what {@link Figures#liveliest} makes of all
 * its operators' figures. Figures that are monotonic functions of something cheaper are kept as
 * that: squares of norms, largest and smallest sums instead of their logarithms. For one thread.
 */
final class Liveliest {

  /** Row entropy, sum over rows, in nats. */
  static final int ENTROPY = 0;

  /** Smallest magnitudes of sums of rows and of columns. */
  static final int ROW_SUM_LEAST = 1;

  static final int COLUMN_SUM_LEAST = 2;
  static final int SQUARES_LEAST = 3;

  /** Squared contraction rate; negative when it could not be measured. */
  static final int RATE_LEAST = 4;

  private static final int MINIMA = 5; // the slots from here on are maxima

  static final int SQUARES = 5;
  static final int FROM_BARYCENTER = 6;
  static final int FROM_IDENTITY = 7;
  static final int ROW_RESIDUAL = 8;
  static final int COLUMN_RESIDUAL = 9;

  /** Variances of row and of column sums. */
  static final int LEAK_TO_DETAIL = 10;

  static final int LEAK_TO_MEAN = 11;
  static final int MEAN_GAIN = 12;
  static final int GAIN_FORWARD = 13;
  static final int GAIN_BACKWARD = 14;
  static final int DETAIL_GAIN = 15;
  static final int SIGMA1 = 16;
  static final int SIGMA2 = 17;
  static final int STABLE_RANK = 18;
  static final int ITERATIONS = 19;

  /** Squared contraction rate. */
  static final int RATE = 20;

  static final int SATURATION = 21;
  private static final int SLOTS = 22;

  private final int n;
  private final int lanes;

  /** What the tile at hand is said to be, slot by slot. */
  final double[] tile;

  private final double[] extremes = new double[SLOTS * WIDTH];
  private double iterations;
  private double rate;

  Liveliest(int n, int lanes) {
    this.n = n;
    this.lanes = lanes;
    this.tile = new double[SLOTS * lanes];
    Arrays.fill(extremes, 0, MINIMA * WIDTH, Double.POSITIVE_INFINITY);
  }

  /** Where in {@link #tile} a slot of the operators from lane {@code at} on is put. */
  int place(int slot, int at) {
    return slot * lanes + at;
  }

  /** Ends a tile, of which everything has been put. */
  void next() {
    for (int slot = 0; slot < MINIMA; slot++) {
      DoubleVector least = fromArray(D, extremes, slot * WIDTH);
      for (int at = slot * lanes; at < (slot + 1) * lanes; at += WIDTH) {
        DoubleVector next = fromArray(D, tile, at);
        least = least.blend(next, next.compare(VectorOperators.LT, least));
      }
      least.intoArray(extremes, slot * WIDTH);
    }
    for (int slot = MINIMA; slot < SLOTS; slot++) {
      DoubleVector most = fromArray(D, extremes, slot * WIDTH);
      for (int at = slot * lanes; at < (slot + 1) * lanes; at += WIDTH) {
        DoubleVector next = fromArray(D, tile, at);
        most = most.blend(next, next.compare(VectorOperators.GT, most));
      }
      most.intoArray(extremes, slot * WIDTH);
    }
  }

  /**
   * Of the tile's first operators the larger residual, of rows or of columns, one after another.
   */
  void residuals(int count, double[] target, int from) {
    for (int lane = 0; lane < count; lane++) {
      target[from + lane] =
          Math.max(tile[place(ROW_RESIDUAL, lane)], tile[place(COLUMN_RESIDUAL, lane)]);
    }
  }

  /**
   * Of one operator.
   *
   * @param contractionRate NaN when it could not be measured
   */
  void convergence(double iterationsToTolerance, double contractionRate) {
    iterations = Math.max(iterations, iterationsToTolerance);
    rate = Math.max(rate, contractionRate);
  }

  /** The batch's figures but for its depth. */
  Figures.Builder figures() {
    double gain = largest(DETAIL_GAIN);
    double sigma2 = largest(SIGMA2);
    double most = Math.max(largest(GAIN_FORWARD), largest(GAIN_BACKWARD));
    double least = Math.min(smallest(ROW_SUM_LEAST), smallest(COLUMN_SUM_LEAST));
    double spread =
        least == 0 ? Double.NaN : Math.max(Math.abs(Math.log(most)), Math.abs(Math.log(least)));
    return new Figures.Builder()
        .set(Figure.DETAIL_GAIN, gain)
        .set(Figure.DETAIL_GAIN_LOWER, gain)
        .set(Figure.DETAIL_GAIN_UPPER, gain)
        .set(Figure.SIGMA1, largest(SIGMA1))
        .set(Figure.SIGMA2, sigma2)
        .set(Figure.SIGMA2_LOWER, sigma2)
        .set(Figure.SIGMA2_UPPER, sigma2)
        .set(Figure.ROW_RESIDUAL, largest(ROW_RESIDUAL))
        .set(Figure.COLUMN_RESIDUAL, largest(COLUMN_RESIDUAL))
        .set(Figure.LEAK_TO_DETAIL, Math.sqrt(largest(LEAK_TO_DETAIL)))
        .set(Figure.LEAK_TO_MEAN, Math.sqrt(largest(LEAK_TO_MEAN)))
        .set(Figure.MEAN_GAIN, largest(MEAN_GAIN))
        .set(Figure.GAIN_FORWARD, largest(GAIN_FORWARD))
        .set(Figure.GAIN_BACKWARD, largest(GAIN_BACKWARD))
        .set(Figure.GAIN_SPREAD, spread)
        .set(Figure.ENTROPY, smallest(ENTROPY) / n / Math.log(n))
        .set(Figure.BARYCENTER_DISTANCE, Math.sqrt(largest(FROM_BARYCENTER) / (n - 1)))
        .set(Figure.IDENTITY_DISTANCE, Math.sqrt(largest(FROM_IDENTITY) / n))
        .set(Figure.PERMUTATION_DISTANCE, Marginals.permutationDistance(smallest(SQUARES_LEAST), n))
        .set(Figure.FROBENIUS, Math.sqrt(largest(SQUARES)))
        .set(Figure.STABLE_RANK, largest(STABLE_RANK));
  }

  /** What is said of logits besides. */
  void scalingInto(Figures.Builder figures) {
    double measured =
        smallest(RATE_LEAST) < 0 ? Double.NaN : Math.max(rate, Math.sqrt(largest(RATE)));
    figures
        .set(Figure.ITERATIONS_TO_TOLERANCE, Math.max(iterations, largest(ITERATIONS)))
        .set(Figure.CONTRACTION_RATE, measured)
        .set(Figure.SATURATION, largest(SATURATION));
  }

  private double largest(int slot) {
    double largest = extremes[slot * WIDTH];
    for (int lane = 1; lane < WIDTH; lane++) {
      largest = Math.max(largest, extremes[slot * WIDTH + lane]);
    }
    return largest;
  }

  private double smallest(int slot) {
    double smallest = extremes[slot * WIDTH];
    for (int lane = 1; lane < WIDTH; lane++) {
      smallest = Math.min(smallest, extremes[slot * WIDTH + lane]);
    }
    return smallest;
  }
}
