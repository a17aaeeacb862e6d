package dev.sinkwatch.analyzer.mixer;

import static dev.sinkwatch.analyzer.mixer.Agreement.agree;
import static dev.sinkwatch.analyzer.mixer.Agreement.close;
import static dev.sinkwatch.analyzer.mixer.Samples.diagonal;
import static dev.sinkwatch.analyzer.mixer.Samples.gaussian;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.analyzer.sinkhorn.Projection;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lanes say of operators as they are published what the plain way says of each. */
class PublishedMixersTest {

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 8, 15, 16})
  void ofEveryKind_agreeWithThePlainWay(int n) {
    List<double[]> operators = operators(n, new Random(n));
    for (double[] p : operators) {
      MixerBatch batch = Mixers.published(n, 1, false);
      assertThat(batch.add(p, 1)).isTrue();
      agree(batch.figures().figures(), PlainReading.ofOperator(p, n).build());
    }
    for (int size : new int[] {1, 7, 8, 9, 64, 1000}) {
      double[] all = new double[size * n * n];
      List<Figures> plain = new ArrayList<>();
      for (int b = 0; b < size; b++) {
        double[] p = operators.get(b % operators.size());
        System.arraycopy(p, 0, all, b * n * n, n * n);
        plain.add(PlainReading.ofOperator(p, n).build());
      }
      MixerBatch batch = Mixers.published(n, size, true);
      int half = size / 2;
      batch.add(all, half);
      batch.add(Arrays.copyOfRange(all, half * n * n, all.length), size - half);
      MixerFigures found = batch.figures();
      agree(found.figures(), Figures.liveliest(plain));
      assertThat(found.operators()).containsExactly(all);
      for (int b = 0; b < size; b++) {
        close(found.sigma2()[b], plain.get(b).get(Figure.SIGMA2), 1e-9, "sigma2 of " + b);
      }
    }
  }

  @Test
  void valuesBeyondAnyMixer_areDeclined() {
    double[] p = {1e200, 0, 0, 1};
    assertThat(Mixers.published(2, 1, false).add(p, 1)).isFalse();
    assertThat(Mixers.published(2, 1, false).add(new double[] {1e50, 0, 0, 1}, 1)).isTrue();
  }

  private static List<double[]> operators(int n, Random random) {
    List<double[]> operators = new ArrayList<>();
    operators.add(diagonal(n, 1));
    double[] shift = new double[n * n];
    double[] uniform = new double[n * n];
    double[] zeroRow = new double[n * n];
    double[] rankOne = new double[n * n];
    double[] rows = gaussian(random, n, 0.04);
    double[] columns = gaussian(random, n, 0.04);
    for (int i = 0; i < n; i++) {
      shift[i * n + (i + 1) % n] = 1;
      for (int j = 0; j < n; j++) {
        uniform[i * n + j] = 1.0 / n;
        zeroRow[i * n + j] = i == 1 ? 0 : 1.0 / n;
        rankOne[i * n + j] = (1 + rows[i]) * (1 + columns[j]) / n;
      }
    }
    operators.add(shift);
    operators.add(uniform);
    operators.add(zeroRow);
    operators.add(rankOne);
    operators.add(new double[n * n]);
    operators.add(plus(uniform, gaussian(random, n * n, 1e-9)));
    operators.add(plus(uniform, gaussian(random, n * n, 1e-6)));
    operators.add(plus(uniform, gaussian(random, n * n, 0.03))); // some entries negative
    operators.add(plus(shift, gaussian(random, n * n, 0.02)));
    operators.add(gaussian(random, n * n, 1));
    operators.add(gaussian(random, n * n, 1e-3));
    for (int i = 0; i < 5; i++) {
      operators.add(Projection.SITE.apply(gaussian(random, n * n, 1 + i), n));
    }
    return operators;
  }

  private static double[] plus(double[] p, double[] noise) {
    double[] sum = p.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += noise[i];
    }
    return sum;
  }
}
