package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScalingLoopsTest {
  private static final ScalingLoops SCALAR = new ScalarScalingLoops();
  private static final ScalingLoops VECTOR = new VectorScalingLoops();

  /** Where the rows begin: not where a vector would like them to. */
  private static final int AT = 3;

  @Test
  void theVectorTwinIsTakenWhereItsModuleIs() {
    assertThat(ScalingLoops.best()).isInstanceOf(VectorScalingLoops.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 100, 257, 1023})
  void theTwinsAgree(int n) {
    Random random = new Random(n);
    double[] z = numbers(random, AT + 4 * n, 3);
    double[] g = numbers(random, n, 50);
    double[] positive = Arrays.stream(numbers(random, AT + 4 * n, 2)).map(Math::exp).toArray();
    double[] v = Arrays.stream(numbers(random, n, 2)).map(Math::exp).toArray();
    for (int rows = 1; rows <= ScalingLoops.BLOCK; rows++) {
      double[] sums = new double[8];
      double[] others = new double[8];
      SCALAR.products(positive, AT, n, rows, v, sums, 2);
      VECTOR.products(positive, AT, n, rows, v, others, 2);
      assertClose(others, sums);
      double[] totals = v.clone();
      double[] theirs = v.clone();
      SCALAR.accumulate(positive, AT, n, rows, sums, 2, totals);
      VECTOR.accumulate(positive, AT, n, rows, sums, 2, theirs);
      assertClose(theirs, totals);
    }
    assertThat(VECTOR.smallest(z, AT, n)).isEqualTo(SCALAR.smallest(z, AT, n));
    assertClose(
        new double[] {VECTOR.largest(z, AT, n, 7, g)},
        new double[] {SCALAR.largest(z, AT, n, 7, g)});
    double[] tops = g.clone();
    double[] theirs = g.clone();
    SCALAR.raise(z, AT, n, 7, 1.5, tops);
    VECTOR.raise(z, AT, n, 7, 1.5, theirs);
    assertClose(theirs, tops);
    double[] k = new double[z.length];
    double[] others = new double[z.length];
    SCALAR.exp(z, AT, n, 7, -0.25, g, k);
    VECTOR.exp(z, AT, n, 7, -0.25, g, others);
    assertClose(others, k);
  }

  @Test
  void exponentialsAreThoseOfTheLibrary() {
    int n = 1 << 16;
    double[] x = new double[n];
    Arrays.setAll(x, i -> -700 + 1400.0 * i / (n - 1));
    double[] k = new double[n];
    VECTOR.exp(x, 0, n, 1, 0, new double[n], k);
    for (int i = 0; i < n; i++) {
      double exact = Math.exp(x[i]);
      assertThat(Math.abs(k[i] - exact))
          .as("exp(%s)", x[i])
          .isLessThanOrEqualTo(2 * Math.ulp(exact));
    }
  }

  @Test
  void exponentialsEndBeforeDoublesDo() {
    double[] x = {
      -1e300,
      -701,
      -700,
      Double.NEGATIVE_INFINITY,
      0,
      -0.0,
      700,
      701,
      1e300,
      1e-300,
      0,
      0,
      0,
      0,
      0,
      -701,
      701
    };
    double[] expected = Arrays.stream(x).map(y -> Math.exp(Math.min(y, 700))).toArray();
    expected[0] = 0;
    expected[1] = 0;
    expected[15] = 0;
    for (ScalingLoops loops : new ScalingLoops[] {SCALAR, VECTOR}) {
      double[] k = new double[x.length];
      loops.exp(x, 0, x.length, 1, 0, new double[x.length], k);
      assertClose(k, expected);
      assertThat(k[4]).isEqualTo(1);
    }
  }

  private static double[] numbers(Random random, int count, double deviation) {
    double[] numbers = new double[count];
    Arrays.setAll(numbers, i -> deviation * random.nextGaussian());
    return numbers;
  }

  private static void assertClose(double[] actual, double[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(Math.abs(actual[i] - expected[i]))
          .as("%s at %d, expected %s", actual[i], i, expected[i])
          .isLessThanOrEqualTo(1e-12 * Math.abs(expected[i]));
    }
  }
}
