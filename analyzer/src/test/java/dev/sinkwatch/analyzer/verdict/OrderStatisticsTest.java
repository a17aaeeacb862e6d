package dev.sinkwatch.analyzer.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OrderStatisticsTest {

  @Test
  void findsWhatASortWouldInWhateverOrderItIsAsked() {
    Random random = new Random(1);
    for (int size : new int[] {1, 2, 31, 33, 100, 5000}) {
      for (int distinct : new int[] {1, 3, 1000}) {
        double[] values = random.ints(size, 0, distinct).asDoubleStream().toArray();
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        OrderStatistics ranked = new OrderStatistics(values, sorted[0], sorted[size - 1]);
        for (int asked = 0; asked < 50; asked++) {
          int rank = asked < 5 ? asked * (size - 1) / 4 : random.nextInt(size);
          assertThat(ranked.at(rank)).as("rank %d of %d", rank, size).isEqualTo(sorted[rank]);
        }
      }
    }
  }

  @Test
  void tellsValuesApartWhereverTheyCrowd() {
    Random random = new Random(2);
    double[][] crowds = {
      random.doubles(3000).map(x -> Math.exp(40 * x - 30)).toArray(),
      random.doubles(3000).map(x -> x < 0.999 ? Math.exp(-700 * x) : 1e300).toArray(),
      random.doubles(3000).map(x -> x - 0.5).toArray(),
      random.doubles(3000).map(x -> 1 + Math.ulp(1.0) * (int) (3000 * x)).toArray(),
      random
          .doubles(3000)
          .map(x -> (x < 0.5 ? -1 : 1) * Double.MIN_VALUE * (int) (9 * x))
          .toArray(),
      random.doubles(3000).map(x -> x < 0.5 ? -Double.MAX_VALUE : Double.MAX_VALUE).toArray(),
      random.doubles(3000).map(x -> x < 0.3 ? 0 : Double.POSITIVE_INFINITY).toArray(),
    };
    for (double[] values : crowds) {
      double[] before = values.clone();
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      OrderStatistics ranked = new OrderStatistics(values, sorted[0], sorted[sorted.length - 1]);
      for (int rank = 0; rank < sorted.length; rank += 1 + random.nextInt(20)) {
        assertThat(ranked.at(rank)).isEqualTo(sorted[rank]);
      }
      assertThat(values).isEqualTo(before);
    }
  }

  @Test
  void ofOneUndefinedValueAllIsUndefined() {
    for (int size : new int[] {2, 5000}) {
      double[] values = new double[size];
      values[size / 2] = Double.NaN;
      BatchSpread spread = BatchSpread.of(values);
      assertThat(spread.min()).isNaN();
      assertThat(spread.p95()).isNaN();
      assertThat(spread.max()).isNaN();
    }
  }
}
