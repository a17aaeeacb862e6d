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

/** Large operators, snapshot after snapshot: when a certificate carries and when it does not. */
class CarriedOperatorsTest {

  @Test
  void snapshotsWithoutAGapAreCertifiedAgain() throws IOException {
    int n = 2048;
    Random random = new Random(12);
    double[] p =
        OperatorSpectrumTest.sinkhorn(OperatorSpectrumTest.gaussian(n * n, 1, random), n, 20);
    double[] goal =
        OperatorSpectrumTest.sinkhorn(OperatorSpectrumTest.gaussian(n * n, 1, random), n, 20);
    Known known = new Known(new CertifiedMatrices(1 << 26));
    OperatorSpectrum spectrum = new OperatorSpectrum(1e-9, new Team(2));
    int carried = 0;
    for (int step = 0; step <= 20; step++) {
      OperatorSpectrum.Judged judged =
          spectrum.judge(
              new Rows(p, n),
              known,
              survey -> true,
              upper -> false,
              new OperatorSpectrum.Allowance(Integer.MAX_VALUE, true),
              new Random(step));
      Spectrum found = Objects.requireNonNull(judged.spectrum());
      carried += judged.carried() ? 1 : 0;
      assertThat(found.gainUpper())
          .as("step %d", step)
          .isLessThanOrEqualTo(found.gainLower() * (judged.carried() ? 1.25 : 1.05));
      for (int i = 0; i < p.length; i++) {
        p[i] += 5e-4 * (goal[i] - p[i]);
      }
    }
    assertThat(carried).isEqualTo(18);
    known.forget();
  }

  /** The last snapshot's vectors do not meet what is new, and sums alone would pass it. */
  @Test
  void whatSumsAllowDoesNotHideANewDirection() throws IOException {
    Known known = new Known(new CertifiedMatrices(1 << 26));
    double[][] gains = {{0.85, 0, 0}, {0.85, 0.9, 0.8}};
    for (int step = 0; step < gains.length; step++) {
      OperatorSpectrum.Judged judged =
          new OperatorSpectrum(1e-9, new Team(2))
              .judge(
                  new Rows(blocks(gains[step], 280), 1120),
                  known,
                  survey -> true,
                  upper -> false,
                  new OperatorSpectrum.Allowance(Integer.MAX_VALUE, true),
                  new Random(step));
      double most = Arrays.stream(gains[step]).max().orElseThrow();
      assertThat(Objects.requireNonNull(judged.spectrum()).gain())
          .as("step %d", step)
          .isCloseTo(most, within(1e-3 * most));
    }
    known.forget();
  }

  /**
   * A 4 x 4 mixer of those gains, in the directions of a Hadamard matrix, of blocks of that size.
   */
  private static double[] blocks(double[] gains, int size) {
    int n = 4 * size;
    double[] p = new double[n * n];
    Arrays.setAll(
        p,
        at -> {
          int i = at / n / size;
          int j = at % n / size;
          double entry = 1;
          for (int direction = 1; direction < 4; direction++) {
            entry +=
                gains[direction - 1] * (Integer.bitCount(direction & (i ^ j)) % 2 == 0 ? 1 : -1);
          }
          return entry / n;
        });
    return p;
  }
}
