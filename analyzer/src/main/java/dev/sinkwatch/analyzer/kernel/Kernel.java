package dev.sinkwatch.analyzer.kernel;

import dev.sinkwatch.ingest.Dtype;
import java.lang.foreign.MemorySegment;

/**
 * The innermost loops over a matrix. Two implementations, one with vector instructions and one
 * without; {@link Kernels} chooses. All are stateless, write to the arrays they are given alone,
 * and add in an order that depends on the sizes only: same input, same bits.
 *
 * <p>Layouts, in floats, with L = {@link #lanes()}:
 *
 * <ul>
 *   <li><b>tile</b>: 4 vectors of L neighbouring entries each, one behind the other. As a part of a
 *       matrix, 4 rows x L columns; as a part of a {@link Quad}, L entries of 4 vectors.
 *   <li><b>strip</b>: 32 tiles side by side, 4 rows x 32 L columns.
 *   <li><b>block</b>: 4 strips, one below the other, 16 rows x 32 L columns. A {@link Panel} is a
 *       row of blocks.
 * </ul>
 *
 * So both products walk through memory in its order with strides that the compiler knows.
 */
interface Kernel {

  /** Columns that one vector holds; a power of two. */
  int lanes();

  /** What it is, for a person: {@code 512-bit vectors}. */
  String name();

  /**
   * Decodes elements of a type that a float holds exactly (all but F64 and integers of 32 and 64
   * bits).
   *
   * @param first index of the first element in {@code data}, which may be unaligned
   * @param scratch overwritten with anything
   */
  void decode(
      Dtype dtype,
      MemorySegment data,
      long first,
      float[] target,
      int at,
      int count,
      short[] scratch);

  /**
   * Sums of four rows, row-major at a stride of {@code columns}: adds each to {@code columnSums},
   * and writes the row's sum and sum of squares, in double precision.
   *
   * @param sums receives 4 sums, then 4 sums of squares; not finite where an entry is not
   */
  void sums(float[] rows, int columns, double[] columnSums, double[] sums);

  /** The same of rows in double precision. */
  void sums(double[] rows, int columns, double[] columnSums, double[] sums);

  /** Floats that are smaller on average are rare, and lose digits of the logarithm. */
  double TINY = 0x1p-80;

  /**
   * Sum of p ln p over a row of an operator, where 0 ln 0 is 0. {@link #distances} must see to rows
   * whose entries are smaller than {@link #TINY} on average.
   *
   * @return NaN when an entry is negative or NaN
   */
  double weightLogs(float[] rows, int at, int columns);

  /** Sum of (p - shift)² over a row. */
  double fromShift(float[] rows, int at, int columns, double shift);

  /**
   * What one row of an operator tells beside its sums.
   *
   * @param figures receives sum (p - shift)², sum |p|, sum |p| ln |p|, and 1 where an entry is
   *     negative, else 0
   */
  void distances(double[] rows, int at, int columns, double shift, double[] figures);

  /**
   * Puts four rows, each less {@code shift}, into a strip of every block of a panel; columns beyond
   * the matrix's become zeros.
   *
   * @param strip 0 to 3
   */
  void pack(float[] rows, int columns, float shift, float[] panel, int strip);

  /**
   * The product of a strip with 32 tiles of a quad: entry (r, c) of the 4 x 4 product is the sum of
   * the L lanes at {@code (4 r + c) L}, to which this adds.
   */
  void left(float[] strip, int at, float[] quad, int quadAt, float[] partial, int partialAt);

  /**
   * Adds to 4 tiles of a quad the product of the transposes of 4 tiles of a block's every strip
   * with 16 x 4 numbers.
   *
   * @param y row-major {@code [16, 4]}
   */
  void right(float[] block, int at, float[] y, int yAt, float[] quad, int quadAt);

  /** {@link #left} for one vector: entries r of the product, at {@code r L}. */
  void leftOne(float[] strip, int at, float[] vector, int vectorAt, float[] partial, int partialAt);

  /** {@link #right} for one vector: 4 L entries of it. */
  void rightOne(float[] block, int at, float[] y, int yAt, float[] vector, int vectorAt);

  /**
   * target += source h for whole quads.
   *
   * @param h row-major 4 x 4
   */
  void combine(float[] target, float[] source, int tiles, float[] h);

  /** Sum of (a - b)² over floats {@code at} to {@code at + count - 1}, a multiple of 4 L. */
  double squaredDistance(float[] a, float[] b, int at, int count);

  /** {@link #left} of a strip in {@link FixedPoint}, in steps of each row. */
  void left(int[] strip, int at, float[] quad, int quadAt, float[] partial, int partialAt);

  /** {@link #right} of a block in {@link FixedPoint}, in steps of each row. */
  void right(int[] block, int at, float[] y, int yAt, float[] quad, int quadAt);

  /**
   * The largest magnitude in each row of a panel; not finite where an entry is not.
   *
   * @param most receives {@value Panel#ROWS} of them
   */
  void largest(float[] panel, float[] most);

  /**
   * Brings a panel into {@link FixedPoint}.
   *
   * @param perStep one divided by each row's step
   * @param steps of each row
   * @param words receives it
   * @param errors receives the sum of squares of what each row loses, in its steps
   * @param squares receives the sum of squares of each row, in its steps
   * @param columnLosses what each column loses is added to these, as many as the blocks have
   */
  void fix(
      float[] panel,
      float[] perStep,
      float[] steps,
      int[] words,
      float[] errors,
      float[] squares,
      float[] columnLosses);

  /**
   * Sum of (a - b)² over a panel and one in {@link FixedPoint}, differences rounded to single
   * precision: within 1e-5 but for those that are below 1e-19.
   */
  double squaredDistance(float[] panel, int[] words, float[] steps);

  /** The panel that is in fixed point. */
  void unfix(int[] words, float[] steps, float[] panel);

  /** Sum of the L floats at {@code at}, always in the same order. */
  float sum(float[] lanes, int at);
}
