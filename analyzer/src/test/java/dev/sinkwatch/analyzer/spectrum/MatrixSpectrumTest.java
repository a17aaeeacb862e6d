package dev.sinkwatch.analyzer.spectrum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.kernel.Rows;
import dev.sinkwatch.analyzer.kernel.Team;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MatrixSpectrumTest {

  @ParameterizedTest
  @ValueSource(ints = {3, 20, 120})
  void ordinaryMatricesOfAnyRankAndShape(int rank) throws IOException {
    for (int[] shape : new int[][] {{150, 100}, {100, 150}, {130, 130}}) {
      double[] a = lowRank(shape[0], shape[1], rank, new Random(6));
      double[] sigma = Jacobi.singularValues(a, shape[0], shape[1]);
      Spectrum spectrum =
          Objects.requireNonNull(
              new MatrixSpectrum(1e-9, Team.alone())
                  .judge(new Rows(a, shape[1]), Integer.MAX_VALUE, true, new Random(7))
                  .spectrum());
      assertThat(spectrum.sigma1()).isCloseTo(sigma[0], within(1e-3 * sigma[0]));
      assertThat(spectrum.sigma2()).isCloseTo(sigma[1], within(1e-3 * sigma[1]));
      assertThat(spectrum.sigma2Lower()).isLessThanOrEqualTo(sigma[1] * (1 + 1e-9));
      assertThat(spectrum.sigma2Upper()).isGreaterThanOrEqualTo(sigma[1] * (1 - 1e-9));
    }
  }

  /** Squares of such entries vanish or overflow in floats, or the norm in doubles. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-300, 1e-30, 1e30, 1e200, 1.7e308})
  void onePassOverExtremeValuesTellsWhatTheNormDoes(double size) throws IOException {
    for (int[] shape : new int[][] {{150, 100}, {100, 150}}) {
      for (boolean alike : new boolean[] {false, true}) {
        Random random = new Random(8);
        double[] a = new double[shape[0] * shape[1]];
        Arrays.setAll(a, i -> alike ? 1 : random.nextDouble(-1, 1));
        double[] sigma = Jacobi.singularValues(a, shape[0], shape[1]);
        Arrays.setAll(a, i -> a[i] * size);
        MatrixSpectrum.Judged judged =
            new MatrixSpectrum(1e-9, Team.alone())
                .judge(new Rows(a, shape[1]), 1, true, new Random(9));
        Spectrum spectrum = Objects.requireNonNull(judged.spectrum());
        assertThat(judged.passes()).isEqualTo(1);
        assertThat(spectrum.gainLower()).isLessThanOrEqualTo(sigma[0] * size * (1 + 1e-12));
        assertThat(spectrum.gainUpper()).isGreaterThanOrEqualTo(sigma[0] * size * (1 - 1e-12));
        assertThat(spectrum.sigma1()).isBetween(spectrum.gainLower(), spectrum.gainUpper());
        assertThat(spectrum.sigma2Lower()).isZero();
        assertThat(spectrum.sigma2Upper()).isGreaterThanOrEqualTo(sigma[1] * size * (1 - 1e-12));
        assertThat(spectrum.sigma2()).isBetween(0.0, spectrum.sigma2Upper());
      }
    }
  }

  /** A power of two changes no digit where floats neither vanish nor overflow. */
  @Test
  void aPowerOfTwoIsNoMatter() throws IOException {
    double[] a = lowRank(90, 80, 70, new Random(6));
    Spectrum spectrum = judge(a, 80);
    for (int exponent : new int[] {-20, -3, 5}) {
      double[] scaled = Arrays.stream(a).map(value -> Math.scalb(value, exponent)).toArray();
      assertThat(judge(scaled, 80)).isEqualTo(spectrum.scaled(Math.scalb(1.0, exponent)));
    }
  }

  /** Two passes are no more than that, also where the first only finds the scale. */
  @Test
  void noMorePassesThanAllowed() throws IOException {
    double[] a = lowRank(90, 80, 70, new Random(6));
    Arrays.setAll(a, i -> 1e30 * a[i]);
    for (int passes = 1; passes < 9; passes++) {
      MatrixSpectrum.Judged judged =
          new MatrixSpectrum(1e-9, Team.alone())
              .judge(new Rows(a, 80), passes, true, new Random(9));
      assertThat(judged.passes()).isLessThanOrEqualTo(passes);
    }
  }

  /** A direction that outweighs all others is known from its image, however the start met it. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.01, 0.1, 0.5})
  void onePassKnowsADirectionThatGoverns(double rest) throws IOException {
    for (int[] shape : new int[][] {{400, 300}, {300, 400}}) {
      for (int seed = 0; seed < 5; seed++) {
        Random random = new Random(seed);
        double[] a = lowRank(shape[0], shape[1], 1, random);
        double[] others = gaussian(a.length, rest, random);
        Arrays.setAll(a, i -> a[i] + others[i]);
        double sigma1 = Jacobi.singularValues(a, shape[0], shape[1])[0];
        Spectrum spectrum = judge(a, shape[1], 1, seed);
        assertThat(spectrum.gainLower()).isBetween(0.9 * sigma1, sigma1 * (1 + 1e-9));
        assertThat(spectrum.sigma1()).isCloseTo(sigma1, within(0.1 * sigma1));
        assertThat(spectrum.gainUpper()).isGreaterThanOrEqualTo(sigma1 * (1 - 1e-9));
      }
    }
  }

  /** Spectra that fall fast and slowly, flat ones and ones with zeros, after a few passes. */
  @Test
  void noLowerBoundOfFewPassesIsFalse() throws IOException {
    Random random = new Random(11);
    for (int seed = 0; seed < 60; seed++) {
      int rows = 70 + random.nextInt(80);
      int columns = 70 + random.nextInt(80);
      double fall = Math.pow(10, -6 * random.nextDouble());
      double[] a = new double[rows * columns];
      for (int term = 0; term < 1 + seed % 7; term++) {
        double[] more = lowRank(rows, columns, 1 + random.nextInt(40), random);
        double size = Math.pow(fall, term);
        Arrays.setAll(a, i -> a[i] + size * more[i]);
      }
      double[] sigma = Jacobi.singularValues(a, rows, columns);
      for (int passes = 1; passes <= 6; passes++) {
        Spectrum spectrum = judge(a, columns, passes, seed);
        assertThat(spectrum.gainLower()).isLessThanOrEqualTo(sigma[0] * (1 + 1e-12));
        assertThat(spectrum.sigma2Lower()).isLessThanOrEqualTo(sigma[1] * (1 + 1e-12));
        assertThat(spectrum.gainUpper()).isGreaterThanOrEqualTo(sigma[0] * (1 - 1e-12));
        assertThat(spectrum.sigma2Upper()).isGreaterThanOrEqualTo(sigma[1] * (1 - 1e-12));
      }
    }
  }

  /** What is much smaller than sigma1 is found behind it, and its bounds are no further. */
  @ParameterizedTest
  @ValueSource(doubles = {0.04, 1e-3, 1e-4})
  void aSecondValueFarBehind(double share) throws IOException {
    int n = 110;
    for (int seed = 0; seed < 10; seed++) {
      Random random = new Random(seed);
      double[] a = lowRank(n, n, 1, random);
      double[] rest = lowRank(n, n, 1 + 20 * (seed % 3), random);
      double size = share * n / Jacobi.singularValues(rest, n, n)[0];
      Arrays.setAll(a, i -> a[i] + size * rest[i]);
      double[] sigma = Jacobi.singularValues(a, n, n);
      Spectrum spectrum = judge(a, n);
      assertThat(spectrum.sigma2()).isCloseTo(sigma[1], within(1e-3 * sigma[1]));
      assertThat(spectrum.sigma2Lower()).isLessThanOrEqualTo(sigma[1] * (1 + 1e-9));
      assertThat(spectrum.sigma2Upper()).isGreaterThanOrEqualTo(sigma[1] * (1 - 1e-9));
      // products behind it are off by a few units of 2^-24 of sigma1, which the start could hide in
      assertThat(spectrum.sigma2Upper()).isLessThanOrEqualTo(1.1 * sigma[1] + 4e-3 * sigma[0]);
    }
  }

  private static Spectrum judge(double[] a, int columns) throws IOException {
    return judge(a, columns, Integer.MAX_VALUE, 7);
  }

  private static Spectrum judge(double[] a, int columns, int passes, int seed) throws IOException {
    return Objects.requireNonNull(
        new MatrixSpectrum(1e-9, Team.alone())
            .judge(new Rows(a, columns), passes, true, new Random(seed))
            .spectrum());
  }

  private static double[] lowRank(int rows, int columns, int rank, Random random) {
    double[] left = gaussian(rows * rank, 1, random);
    double[] right = gaussian(rank * columns, 1, random);
    double[] a = new double[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int r = 0; r < rank; r++) {
        for (int j = 0; j < columns; j++) {
          a[i * columns + j] += left[i * rank + r] * right[r * columns + j];
        }
      }
    }
    return a;
  }

  private static double[] gaussian(int count, double deviation, Random random) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = deviation * random.nextGaussian();
    }
    return values;
  }
}
