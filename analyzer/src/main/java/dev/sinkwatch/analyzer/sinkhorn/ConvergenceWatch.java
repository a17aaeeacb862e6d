package dev.sinkwatch.analyzer.sinkhorn;

/**
 * Follows a scaling from its first iteration until both figures of {@link Convergence} are known.
 * For one thread.
 */
final class ConvergenceWatch {

  /** Below it a step is rounding, and its ratio noise. */
  private static final double NOISE = 1e-11;

  /**
   * A rate that changes by no more than this, relatively, is the limit; not one above 1, which is
   * that of leaving a state that seemed one.
   */
  private static final double SETTLED = 1e-6;

  private static final int MAX_ITERATIONS = 1000;

  /**
   * Matrix elements that the search for convergence may pass over: 2^31, at n = 4096 128 iterations
   * and one to two seconds of one thread.
   */
  private static final long MAX_WORK = 1L << 31;

  private final double tolerance;
  private final int modelIterations;
  private final int most;

  /** Iterations after which an epsilon forbids convergence. */
  private final int searched;

  private final double[] last;
  private int seen;
  private double converged = Double.POSITIVE_INFINITY;
  private double step = Double.NaN;
  private double rate = Double.NaN;
  private boolean settled;

  ConvergenceWatch(int n, double tolerance, Projection projection) {
    this.tolerance = tolerance;
    this.modelIterations = Math.min(MAX_ITERATIONS, projection.iterations());
    this.most =
        (int) Math.max(modelIterations, Math.min(MAX_ITERATIONS, MAX_WORK / ((long) n * n)));
    // with rows divided by sum + epsilon all columns sum to less than n, so the least of them to
    // less than 1, and epsilon / (1 + epsilon) is missing from it after its own division
    double missing = projection.missing();
    this.searched = missing >= tolerance ? 1 : most;
    this.last = new double[n];
  }

  /**
   * Takes in the next iteration.
   *
   * @param sums of the side that it left inexact; not kept
   * @param residual largest |sum - 1| over both sides
   */
  void see(double[] sums, double residual) {
    seen++;
    if (Double.isInfinite(converged) && seen <= searched && residual < tolerance) {
      converged = seen;
    }
    if (settled) {
      return;
    }
    double squares = 0;
    for (int i = 0; i < last.length; i++) {
      double d = sums[i] - last[i];
      squares += d * d;
      last[i] = sums[i];
    }
    if (seen == 1) {
      return; // nothing came before
    }
    double now = Math.sqrt(squares);
    if (now <= NOISE) {
      // it may be a pause, in which scalings drift until another entry decides
      settled = searched < most;
    } else if (step > NOISE) {
      double ratio = now / step;
      settled = ratio < 1 && Math.abs(ratio - rate) <= SETTLED * ratio;
      rate = ratio;
    }
    step = now;
  }

  /** Whether another iteration would add nothing. */
  boolean done() {
    if (Double.isInfinite(converged) && seen < searched) {
      return false;
    }
    return settled || seen >= (Double.isInfinite(converged) ? most : modelIterations);
  }

  Convergence convergence() {
    return new Convergence(converged, rate);
  }
}
