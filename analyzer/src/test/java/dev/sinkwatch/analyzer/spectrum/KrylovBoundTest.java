package dev.sinkwatch.analyzer.spectrum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.kernel.Rows;
import dev.sinkwatch.analyzer.kernel.Team;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bound of runs on diagonal matrices, whose singular values are there to be read. */
class KrylovBoundTest {
  private static final int N = 90;

  /** Singular values that a random start meets more or less well. */
  enum Values {
    /** One far ahead. */
    APART {
      @Override
      double of(int i) {
        return i == 0 ? 1 : 0.3 * (N - i) / N;
      }
    },
    /** All alike but for a little: after a few products none is told from the next. */
    CROWDED {
      @Override
      double of(int i) {
        return 1 - 0.01 * i / N;
      }
    },
    EVEN {
      @Override
      double of(int i) {
        return (double) (N - i) / N;
      }
    },
    EQUAL {
      @Override
      double of(int i) {
        return 0.7;
      }
    },
    /** Few that are not zero: the space is used up at once. */
    LOW_RANK {
      @Override
      double of(int i) {
        return i < 6 ? 1.0 / (i + 1) : 0;
      }
    };

    abstract double of(int i);
  }

  @ParameterizedTest
  @EnumSource(Values.class)
  void theBoundFailsNoMoreOftenThanItSays(Values values) throws IOException {
    double largest = values.of(0) * values.of(0);
    for (int products : new int[] {1, 2, 4, 8}) {
      int loose = 0;
      int strict = 0;
      int starts = 150;
      for (int seed = 0; seed < starts; seed++) {
        Run run = new Run(diagonal(values), 4, products, new Random(seed));
        loose += run.upper(0.1) < largest * (1 - 1e-6) ? 1 : 0;
        strict += run.upper(1e-9) < largest * (1 - 1e-6) ? 1 : 0;
      }
      // three standard deviations above one in ten
      assertThat(loose).as("%s, %d products", values, products).isLessThanOrEqualTo(26);
      assertThat(strict).as("%s, %d products", values, products).isZero();
    }
  }

  /** A direction that the start misses altogether is one that the bound must not deny. */
  @Test
  void aStartThatMissedTheLargestIsNotBelieved() throws IOException {
    double[] a = diagonal(Values.EVEN);
    a[0] = 1.2;
    int missed = 0;
    for (int seed = 0; seed < 20; seed++) {
      Block start = Block.gaussian(N, 4, new Random(seed));
      for (int c = 0; c < 4; c++) {
        // as small as happens once in 1e9 starts or less often
        start.quads().getFirst().set(0, c, 1e-3 * start.quads().getFirst().get(0, c));
      }
      Run run = new Run(a, start, 2);
      missed += run.ritz() < 1.2 * 1.2 * 0.9 ? 1 : 0;
      assertThat(run.upper(1e-12)).isGreaterThanOrEqualTo(1.2 * 1.2 * (1 - 1e-6));
    }
    assertThat(missed).as("the Ritz values alone know nothing of it").isEqualTo(20);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8})
  void itComesCloseWithEveryProduct(int width) throws IOException {
    double before = Double.POSITIVE_INFINITY;
    for (int products = 1; products <= 16; products *= 2) {
      double upper = new Run(diagonal(Values.APART), width, products, new Random(1)).upper(1e-9);
      assertThat(upper).isLessThanOrEqualTo(before * (1 + 1e-3));
      before = upper;
    }
    assertThat(before).isCloseTo(1, within(1e-2));
  }

  @Test
  void aLowerProbabilityOfFailureLoosensIt() throws IOException {
    Run run = new Run(diagonal(Values.EVEN), 4, 6, new Random(2));
    double before = 0;
    for (double delta : new double[] {0.5, 0.1, 1e-3, 1e-6, 1e-9}) {
      double upper = run.upper(delta);
      assertThat(upper).isGreaterThanOrEqualTo(before * (1 - 1e-6));
      before = upper;
    }
    assertThat(before).isLessThanOrEqualTo(run.most());
  }

  @Test
  void whatIsRefutedStaysRefutedAboveTheBound() throws IOException {
    Run run = new Run(diagonal(Values.EVEN), 4, 8, new Random(3));
    double upper = run.upper(1e-9);
    assertThat(upper).isLessThan(run.most());
    KrylovBound bound = new KrylovBound(run.lanczos, run.gram, 1e-9);
    for (double factor : new double[] {1 + 1e-9, 1.01, 1.1, 2, 10}) {
      assertThat(bound.refutes(upper * factor)).isTrue();
    }
    assertThat(bound.refutes(run.ritz() * (1 + 1e-6))).isFalse();
  }

  /** An interval is refuted only if all of it is; and the whole way up from the bound is. */
  @Test
  void anIntervalIsAsMuchAsAllItsPlaces() throws IOException {
    for (Values values : Values.values()) {
      for (int products : new int[] {1, 3, 6}) {
        Run run = new Run(diagonal(values), 4, products, new Random(products));
        KrylovBound bound = new KrylovBound(run.lanczos, run.gram, 1e-9);
        double upper = run.upper(1e-9);
        for (double low = upper; low < run.most(); low = upper + 1.1 * (low - upper) + 1e-4) {
          assertThat(bound.refutes(low)).as("%s %d %s", values, products, low).isTrue();
        }
        double around = run.ritz() * 0.999;
        assertThat(bound.refutes(around, upper)).isFalse();
      }
    }
  }

  private static double[] diagonal(Values values) {
    double[] a = new double[N * N];
    for (int i = 0; i < N; i++) {
      a[i * (N + 1)] = values.of(i);
    }
    return a;
  }

  /** Some products of A'A with a block. */
  private static final class Run {
    private final double frobenius;
    final GramOperator gram;
    final BlockLanczos lanczos;

    Run(double[] a, int width, int products, Random random) throws IOException {
      this(a, Block.gaussian(N, width, random), products);
    }

    Run(double[] a, Block start, int products) throws IOException {
      frobenius = Math.sqrt(Arrays.stream(a).map(value -> value * value).sum());
      gram = GramOperator.of(new PanelMatrix(new Rows(a, N), 0, 1, true, Team.alone()), frobenius);
      lanczos = new BlockLanczos(start, List.of());
      double sigma = Arrays.stream(a).max().orElse(0);
      while (lanczos.products() < products && !lanczos.exhausted()) {
        lanczos.accept(gram.times(lanczos.next()), gram.rounding(sigma));
      }
    }

    double ritz() {
      return lanczos.tridiagonal().eigenvalue(0, 0);
    }

    double most() {
      return frobenius * frobenius;
    }

    double upper(double delta) {
      return new KrylovBound(lanczos, gram, delta).upper(ritz(), most());
    }
  }
}
