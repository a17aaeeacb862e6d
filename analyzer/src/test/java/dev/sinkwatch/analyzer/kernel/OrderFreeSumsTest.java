package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrderFreeSumsTest {
  private static final int LENGTH = 50;

  private final Random random = new Random(1);

  @ParameterizedTest
  @CsvSource({"0, 0", "-30, 30", "-200, 200", "-1000, -900", "-1074, 1020"})
  void everyOrderHasTheSameBits(int least, int most) {
    List<double[]> vectors = vectors(least, most);
    double[] sums = sums(vectors);
    for (int i = 0; i < 20; i++) {
      Collections.shuffle(vectors, random);
      assertThat(sums(vectors)).containsExactly(sums);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "-40, 0", "500, 540", "-900, -860"})
  void sumsAreExactWhereTheirDigitsAre(int least, int most) {
    List<double[]> vectors = vectors(least, most);
    double[] sums = sums(vectors);
    for (int j = 0; j < LENGTH; j++) {
      BigDecimal exact = BigDecimal.ZERO;
      for (double[] vector : vectors) {
        exact = exact.add(new BigDecimal(vector[j]));
      }
      assertThat(sums[j]).isCloseTo(exact.doubleValue(), within(exact));
    }
  }

  private static org.assertj.core.data.Offset<Double> within(BigDecimal exact) {
    return org.assertj.core.data.Offset.offset(2 * Math.ulp(exact.doubleValue()));
  }

  @Test
  void whatIsNotFiniteIsSo() {
    List<double[]> vectors = new ArrayList<>();
    vectors.add(new double[] {1, 1, 1, 1});
    vectors.add(new double[] {Double.POSITIVE_INFINITY, 2, Double.NEGATIVE_INFINITY, Double.NaN});
    vectors.add(new double[] {1, 2, Double.POSITIVE_INFINITY, 1});
    assertThat(sums(vectors)).containsExactly(Double.POSITIVE_INFINITY, 5, Double.NaN, Double.NaN);
    assertThat(sums(List.of(new double[] {Double.NaN, 0}))).containsExactly(Double.NaN, 0);
  }

  @Test
  void nothingAddsUpToNothing() {
    assertThat(sums(List.of(new double[3], new double[3]))).containsExactly(0, 0, 0);
    assertThat(sums(List.of(new double[] {1e-300, -1, 3}, new double[] {-1e-300, 1, -3})))
        .containsExactly(0, 0, 0);
  }

  private List<double[]> vectors(int least, int most) {
    List<double[]> vectors = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      double[] vector = new double[LENGTH];
      Arrays.setAll(
          vector, j -> Math.scalb(random.nextGaussian(), random.nextInt(least, most + 1)));
      vectors.add(vector);
    }
    return vectors;
  }

  private static double[] sums(List<double[]> vectors) {
    OrderFreeSums sums = new OrderFreeSums(vectors.getFirst().length, 4);
    vectors.forEach(vector -> sums.add(vector.clone()));
    return sums.values();
  }
}
