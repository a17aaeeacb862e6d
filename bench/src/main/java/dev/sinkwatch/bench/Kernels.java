package dev.sinkwatch.bench;

import java.io.IOException;

/** The analyzer's inner work as the benchmarks call it. What is prepared is not timed. */
interface Kernels {

  /**
   * Sums of rows, of columns and of squares in one pass. Finds {@code total} (of all values),
   * {@code squares}, {@code firstColumn}.
   */
  Work sums(RawMatrix a) throws IOException;

  /**
   * Y = A V and Z = A'Y in one pass over A as the analyzer keeps it from the second pass on. Finds
   * {@code norm} (of Z, Frobenius) and {@code corner} (Z[0][0]).
   *
   * @param v columns x k, row-major
   */
  Work fused(RawMatrix a, float[] v, int k) throws IOException;

  /** The same over A's bytes as they came: decoding, and whatever form A takes then, are timed. */
  Work first(RawMatrix a, float[] v, int k) throws IOException;

  /**
   * The second singular value with its bounds, of a doubly stochastic matrix, without the figures
   * that a verdict has besides. Finds {@code sigma2}, {@code lower}, {@code upper}, {@code passes}.
   */
  Work spectrum(RawMatrix p) throws IOException;

  /**
   * A number of Sinkhorn iterations, rows then columns, from the values as they are. Finds {@code
   * seconds} of one iteration and {@code corner}, the first value then.
   */
  Work sinkhorn(RawMatrix p, int iterations) throws IOException;
}
