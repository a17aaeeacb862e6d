package dev.sinkwatch.analyzer.spectrum;

import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.kernel.Rows;
import dev.sinkwatch.analyzer.kernel.Team;
import java.io.IOException;
import java.util.Objects;
import java.util.Random;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Operators whose sums are far from 1, so that sigma2 is not the detail gain: bounds hold and, when
 * passes are not limited, estimates are as accurate as of any other operator.
 */
class LeakyOperatorsTest {

  /** How sums differ from 1. */
  enum Leak {
    /** Rows between half and one and a half. */
    ROWS {
      @Override
      void distort(double[] p, int n, Random random) {
        scaleRows(p, n, () -> 1 + random.nextDouble(-0.5, 0.5));
      }
    },
    ROWS_BY_A_TENTH {
      @Override
      void distort(double[] p, int n, Random random) {
        scaleRows(p, n, () -> 1 + random.nextDouble(-0.1, 0.1));
      }
    },
    /** Softmax over rows alone. */
    COLUMNS {
      @Override
      void distort(double[] p, int n, Random random) {
        scaleColumns(p, n, () -> Math.exp(2 * random.nextGaussian()));
        for (int i = 0; i < n; i++) {
          double sum = 0;
          for (int j = 0; j < n; j++) {
            sum += p[i * n + j];
          }
          for (int j = 0; j < n; j++) {
            p[i * n + j] /= sum;
          }
        }
      }
    },
    BOTH {
      @Override
      void distort(double[] p, int n, Random random) {
        scaleRows(p, n, () -> 1 + random.nextDouble(-0.5, 0.5));
        scaleColumns(p, n, () -> 1 + random.nextDouble(-0.5, 0.5));
      }
    },
    /** The first row is no sample of the others. */
    ALL_BUT_THE_FIRST_ROW {
      @Override
      void distort(double[] p, int n, Random random) {
        for (int i = n; i < n * n; i++) {
          p[i] *= 30;
        }
      }
    },
    ONLY_THE_FIRST_ROW {
      @Override
      void distort(double[] p, int n, Random random) {
        for (int i = 0; i < n; i++) {
          p[i] *= 0.1;
        }
      }
    },
    /** Rows and columns differ by powers of ten: nearly of rank one. */
    GRADED {
      @Override
      void distort(double[] p, int n, Random random) {
        scaleRows(p, n, () -> Math.pow(10, random.nextDouble(-3, 0)));
        scaleColumns(p, n, () -> Math.pow(10, random.nextDouble(-3, 0)));
      }
    };

    abstract void distort(double[] p, int n, Random random);
  }

  @ParameterizedTest
  @EnumSource(Leak.class)
  void boundsHoldAndEstimatesAreAccurate(Leak leak) throws IOException {
    SoftAssertions softly = new SoftAssertions();
    int seed = 0;
    for (int n : new int[] {65, 90, 140}) {
      for (double deviation : new double[] {2, 1, 0.1, 1e-2, 1e-3}) {
        Random random = new Random(seed++);
        double[] p = bulk(n, deviation, random);
        leak.distort(p, n, random);
        hold(softly, p, n, random, "%s %d %s".formatted(leak, n, deviation));
      }
    }
    softly.assertAll();
  }

  private static void hold(SoftAssertions softly, double[] p, int n, Random random, String which)
      throws IOException {
    double[] sigma = Jacobi.singularValues(p, n, n);
    double gain = Jacobi.singularValues(centred(p, n), n, n)[0];
    OperatorSpectrum.Judged judged =
        new OperatorSpectrum(1e-9, Team.alone())
            .judge(
                new Rows(p, n),
                new Known(new CertifiedMatrices(0)),
                survey -> true,
                upper -> false,
                new OperatorSpectrum.Allowance(Integer.MAX_VALUE, true),
                random);
    Spectrum s = Objects.requireNonNull(judged.spectrum());
    // what the reference itself rounds
    double tiny = 1e-13 * sigma[0];
    softly.assertThat(s.gainLower()).as("%s gain", which).isLessThanOrEqualTo(gain + tiny);
    softly.assertThat(s.gainUpper()).as("%s gain", which).isGreaterThanOrEqualTo(gain - tiny);
    softly.assertThat(s.sigma2Lower()).as("%s sigma2", which).isLessThanOrEqualTo(sigma[1] + tiny);
    softly
        .assertThat(s.sigma2Upper())
        .as("%s sigma2", which)
        .isGreaterThanOrEqualTo(sigma[1] - tiny);
    double total = java.util.Arrays.stream(p).sum();
    double toMean = 0;
    for (int j = 0; j < n; j++) {
      double sum = -total / n;
      for (int i = 0; i < n; i++) {
        sum += p[i * n + j];
      }
      toMean = Math.hypot(toMean, sum / Math.sqrt(n));
    }
    // the products pass through what details give to the mean: of its square 12 2^-24 are left
    if (gain > 0.02 * toMean) {
      softly.assertThat(s.gain()).as("%s gain", which).isCloseTo(gain, within(1e-3 * gain + tiny));
    }
    softly.assertThat(judged.passes()).as("%s passes", which).isLessThanOrEqualTo(30);
    softly
        .assertThat(s.sigma1())
        .as("%s sigma1", which)
        .isCloseTo(sigma[0], within(1e-3 * sigma[0]));
    softly
        .assertThat(s.sigma2())
        .as("%s sigma2", which)
        .isCloseTo(sigma[1], within(1e-3 * sigma[1] + tiny));
  }

  private interface Factor {
    double next();
  }

  private static void scaleRows(double[] p, int n, Factor factor) {
    for (int i = 0; i < n; i++) {
      double by = factor.next();
      for (int j = 0; j < n; j++) {
        p[i * n + j] *= by;
      }
    }
  }

  private static void scaleColumns(double[] p, int n, Factor factor) {
    for (int j = 0; j < n; j++) {
      double by = factor.next();
      for (int i = 0; i < n; i++) {
        p[i * n + j] *= by;
      }
    }
  }

  /** A doubly stochastic matrix by Sinkhorn's scaling. */
  private static double[] bulk(int n, double deviation, Random random) {
    double[] p = new double[n * n];
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp(deviation * random.nextGaussian());
    }
    for (int side = 0; side < 80; side++) {
      double[] sums = new double[n];
      for (int i = 0; i < p.length; i++) {
        sums[side % 2 == 0 ? i / n : i % n] += p[i];
      }
      for (int i = 0; i < p.length; i++) {
        p[i] /= sums[side % 2 == 0 ? i / n : i % n];
      }
    }
    return p;
  }

  private static double[] centred(double[] p, int n) {
    double[] centred = p.clone();
    for (int again = 0; again < 2; again++) {
      double[] rows = new double[n];
      double[] columns = new double[n];
      double mean = 0;
      for (int i = 0; i < p.length; i++) {
        rows[i / n] += centred[i] / n;
        columns[i % n] += centred[i] / n;
        mean += centred[i] / n / n;
      }
      for (int i = 0; i < p.length; i++) {
        centred[i] -= rows[i / n] + (columns[i % n] - mean);
      }
    }
    return centred;
  }
}
