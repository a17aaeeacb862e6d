package dev.sinkwatch.analyzer.kernel;

import org.slf4j.LoggerFactory;

/**
 * The loops over rows that scaling a matrix K to its marginals consists of. K is row-major, n
 * columns; {@code at} is where a row (or the first of several) begins in it. Sums are made in an
 * order that depends on n and on nothing else, compiled or interpreted, so that the same numbers
 * give the same bits. Safe for use by several threads on rows of their own.
 */
public sealed interface ScalingLoops permits ScalarScalingLoops, VectorScalingLoops {

  /** Rows that are taken together, so that the vectors beside them are read once for all. */
  int BLOCK = 4;

  /** exp of less is 0, and exp of more is not asked for: both ends stay clear of subnormals. */
  double LARGEST_EXPONENT = 700;

  /** The fastest that this JVM can run. */
  static ScalingLoops best() {
    return Best.LOOPS;
  }

  /**
   * {@code sums[first + r]} = sum over j of K[r, j] v[j] for each of {@code rows} rows.
   *
   * @param rows 1 to {@link #BLOCK}
   */
  void products(double[] k, int at, int n, int rows, double[] v, double[] sums, int first);

  /**
   * {@code totals[j]} += sum over r of u[first + r] K[r, j].
   *
   * @param rows 1 to {@link #BLOCK}
   */
  void accumulate(double[] k, int at, int n, int rows, double[] u, int first, double[] totals);

  /** Largest over j of scale z[j] + g[j] in one row. */
  double largest(double[] z, int at, int n, double scale, double[] g);

  /** Smallest value of one row. */
  double smallest(double[] k, int at, int n);

  /** {@code tops[j]} = max(tops[j], scale z[j] + shift) over one row. */
  void raise(double[] z, int at, int n, double scale, double shift, double[] tops);

  /**
   * K[j] = exp(scale z[j] + shift + g[j]) over one row, within an ulp or two; 0 where the exponent
   * is below -{@link #LARGEST_EXPONENT}, and exp({@link #LARGEST_EXPONENT}) where it is above that.
   */
  void exp(double[] z, int at, int n, double scale, double shift, double[] g, double[] k);

  /** Chosen once; the class of the vector twin is not loaded where its module is missing. */
  final class Best {
    private static final ScalingLoops LOOPS = choose();

    private Best() {}

    private static ScalingLoops choose() {
      if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
        return new VectorScalingLoops();
      }
      LoggerFactory.getLogger(ScalingLoops.class)
          .warn(
              "scaling large matrices without vector instructions: start Java with"
                  + " --add-modules jdk.incubator.vector");
      return new ScalarScalingLoops();
    }
  }
}
