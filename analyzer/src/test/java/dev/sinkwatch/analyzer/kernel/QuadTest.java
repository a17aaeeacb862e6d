package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Four vectors beside each other, against double precision entry by entry. */
class QuadTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 63, 65, 511, 512, 513, 1000, 4099})
  void allItDoesIsThatOfFourVectors(int n) {
    Random random = new Random(n);
    Quad a = gaussian(n, random);
    Quad b = gaussian(n, random);
    double[] dots = a.dots(b);
    double[] sums = a.sums();
    for (int r = 0; r < 4; r++) {
      double sum = 0;
      double all = 0;
      for (int i = 0; i < n; i++) {
        sum += a.get(i, r);
        all += Math.abs(a.get(i, r));
      }
      assertNear(sums[r], sum, all);
      for (int c = 0; c < 4; c++) {
        double dot = 0;
        double magnitudes = 0;
        for (int i = 0; i < n; i++) {
          dot += (double) a.get(i, r) * b.get(i, c);
          magnitudes += Math.abs((double) a.get(i, r) * b.get(i, c));
        }
        assertNear(dots[4 * r + c], dot, magnitudes);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 513, 1000})
  void additionsTakeTheRowsOfHFromTheOther(int n) {
    Random random = new Random(n);
    Quad a = gaussian(n, random);
    Quad b = gaussian(n, random);
    Quad sum = gaussian(n, new Random(n)); // as a
    double[] h = random.doubles(16, -1, 1).toArray();
    sum.add(b, h);
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < 4; c++) {
        double exact = a.get(i, c);
        double magnitudes = Math.abs(exact);
        for (int r = 0; r < 4; r++) {
          exact += b.get(i, r) * h[4 * r + c];
          magnitudes += Math.abs(b.get(i, r) * h[4 * r + c]);
        }
        assertNear(sum.get(i, c), exact, magnitudes);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 513, 1000})
  void whatIsTakenOffLeavesThePaddingZero(int n) {
    Random random = new Random(n);
    Quad a = gaussian(n, random);
    Quad taken = gaussian(n, new Random(n)); // as a
    double[] x = random.doubles(n, -1, 1).toArray();
    double[] factors = {1, -2, 0, 0.3};
    taken.subtract(x, factors);
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < 4; c++) {
        assertNear(taken.get(i, c), a.get(i, c) - factors[c] * x[i], Math.abs(a.get(i, c)) + 2);
      }
    }
    double[] before = a.sums();
    taken = gaussian(n, new Random(n));
    taken.centre();
    for (int c = 0; c < 4; c++) {
      assertThat(Math.abs(taken.sums()[c])).isLessThanOrEqualTo(1e-6 * n);
      assertNear(taken.get(0, c), a.get(0, c) - before[c] / n, Math.abs(a.get(0, c)) + 1);
    }
    float[] values = taken.values();
    int lanes = Kernels.best().lanes();
    for (int at = 0; at < values.length; at++) {
      if (at / (4 * lanes) * lanes + at % lanes >= n) {
        assertThat(values[at]).as("padding").isZero();
      }
    }
  }

  private static Quad gaussian(int n, Random random) {
    Quad quad = new Quad(n);
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < 4; c++) {
        quad.set(i, c, random.nextGaussian());
      }
    }
    return quad;
  }

  private static void assertNear(double actual, double exact, double magnitudes) {
    assertThat(Math.abs(actual - exact))
        .as("%s, exactly %s", actual, exact)
        .isLessThanOrEqualTo(1e-6 * magnitudes);
  }
}
