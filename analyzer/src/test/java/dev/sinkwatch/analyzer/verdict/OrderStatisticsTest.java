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
        OrderStatistics ranked = new OrderStatistics(values);
        for (int asked = 0; asked < 50; asked++) {
          int rank = asked < 5 ? asked * (size - 1) / 4 : random.nextInt(size);
          assertThat(ranked.at(rank)).as("rank %d of %d", rank, size).isEqualTo(sorted[rank]);
        }
      }
    }
  }
}
