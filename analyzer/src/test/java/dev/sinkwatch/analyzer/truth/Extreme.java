package dev.sinkwatch.analyzer.truth;

import com.google.errorprone.annotations.Immutable;
import dev.sinkwatch.ingest.Dtype;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Matrices at the edge of what a type can hold. */
enum Extreme {
  ZERO(Dtype.F64, (i, j, random) -> 0),
  MINUS_ZERO(Dtype.F32, (i, j, random) -> -0.0),
  ZEROS_OF_BOTH_SIGNS(Dtype.F16, (i, j, random) -> (i + j) % 2 == 0 ? 0 : -0.0),
  CONSTANT(Dtype.F32, (i, j, random) -> 0.5),
  NEGATIVE_CONSTANT(Dtype.F64, (i, j, random) -> -3),
  RANK_ONE(Dtype.F64, (i, j, random) -> (1 + i) * (2.0 - j) / 1000),
  ONE_ENTRY(Dtype.F64, (i, j, random) -> i == 0 && j == 0 ? 1 : 0),
  SUBNORMAL(Dtype.F64, (i, j, random) -> 1e-310 * random.nextGaussian()),
  SUBNORMAL_CONSTANT(Dtype.F64, (i, j, random) -> 1e-310),
  SUBNORMAL_AMONG_ONES(Dtype.F64, (i, j, random) -> (i + j) % 3 == 0 ? 1 : 4.9e-324),
  SUBNORMAL_FLOATS(Dtype.F32, (i, j, random) -> 1e-40 * random.nextGaussian()),
  SUBNORMAL_HALVES(Dtype.F16, (i, j, random) -> 1e-6 * random.nextGaussian()),
  SUBNORMAL_BRAINS(Dtype.BF16, (i, j, random) -> 1e-39 * random.nextGaussian()),
  SUBNORMAL_EIGHT_BITS(Dtype.F8_E4M3, (i, j, random) -> 0.006 * random.nextGaussian()),
  TINY(Dtype.F64, (i, j, random) -> 1e-300 * random.nextGaussian()),
  TINY_CONSTANT(Dtype.F64, (i, j, random) -> 1e-300),
  LARGE(Dtype.F64, (i, j, random) -> 1e300 * random.nextGaussian()),
  LARGEST(Dtype.F64, (i, j, random) -> random.nextBoolean() ? 1e308 : -1e308),
  LARGEST_CONSTANT(Dtype.F64, (i, j, random) -> 1e308),
  LARGEST_FLOATS(Dtype.F32, (i, j, random) -> random.nextBoolean() ? 3e38 : -3e38),
  LARGEST_FLOAT_CONSTANT(Dtype.F32, (i, j, random) -> Float.MAX_VALUE),
  LARGEST_HALVES(Dtype.F16, (i, j, random) -> random.nextBoolean() ? 65504 : -65504),
  LARGEST_BRAINS(Dtype.BF16, (i, j, random) -> random.nextBoolean() ? 3e38 : -3e38),
  LARGEST_EIGHT_BITS(Dtype.F8_E5M2, (i, j, random) -> random.nextBoolean() ? 57344 : -57344),
  HUGE_AMONG_SMALL(Dtype.F64, (i, j, random) -> i == 0 && j == 0 ? 1e150 : 1e-150),
  HUGE_AMONG_ONES(Dtype.F64, (i, j, random) -> i == 0 && j == 0 ? 1e308 : 1),
  HUGE_FLOAT_AMONG_SMALL(Dtype.F32, (i, j, random) -> i == j && j == 0 ? 1e30 : 1e-10),
  HUGE_AMONG_RANDOM(
      Dtype.F32, (i, j, random) -> random.nextGaussian() * (i == 0 && j == 0 ? 1e6 : 1)),
  ALL_SCALES(Dtype.F64, (i, j, random) -> Math.pow(10, random.nextDouble(-300, 100))),
  GRADED_ROWS(Dtype.F64, (i, j, random) -> random.nextGaussian() * Math.pow(10, -4 * i));

  /** One value of a matrix. */
  @Immutable
  private interface Entry {
    double at(int i, int j, RandomGenerator random);
  }

  private final Dtype dtype;
  private final Entry entry;

  Extreme(Dtype dtype, Entry entry) {
    this.dtype = dtype;
    this.entry = entry;
  }

  Stored of(int rows, int columns) {
    RandomGenerator random = new SplittableRandom(8);
    double[] values = new double[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = entry.at(i / columns, i % columns, random);
    }
    return Stored.as(dtype, values);
  }
}
