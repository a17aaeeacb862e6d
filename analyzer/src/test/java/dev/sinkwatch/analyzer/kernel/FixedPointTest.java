package dev.sinkwatch.analyzer.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Panels in fixed point: the twins' bits, what they lose, and when they are left as they are. */
class FixedPointTest {
  private static final Kernel VECTOR = new VectorKernel();
  private static final int L = VECTOR.lanes();
  private static final Kernel SCALAR = new ScalarKernel(L);
  private static final int LANES = Kernels.best().lanes();
  private static final int STRIP = Panel.TILES * 4 * L;
  private static final int BLOCK = Panel.STRIPS * STRIP;

  @ParameterizedTest
  @EnumSource(Fill.class)
  void bothWaysGiveTheSameBits(Fill fill) {
    Random random = new Random(1);
    float[] panel = fill.of(3 * BLOCK, random);
    float[] expected = new float[Panel.ROWS];
    float[] actual = new float[Panel.ROWS];
    Arrays.fill(actual, -1);
    SCALAR.largest(panel, expected);
    VECTOR.largest(panel, actual);
    assertThat(actual).isEqualTo(expected);
    float[] perStep = new float[Panel.ROWS];
    float[] steps = new float[Panel.ROWS];
    for (int row = 0; row < Panel.ROWS; row++) {
      steps[row] = Float.isFinite(expected[row]) ? expected[row] / 32767 : 1;
      perStep[row] = steps[row] > Float.MIN_NORMAL ? 1 / steps[row] : 0;
    }
    int[] words = new int[panel.length / 2];
    int[] wordsOfVectors = new int[panel.length / 2];
    float[][] sums = new float[4][Panel.ROWS];
    float[][] losses = new float[2][panel.length / Panel.ROWS];
    SCALAR.fix(panel, perStep, steps, words, sums[0], sums[1], losses[0]);
    VECTOR.fix(panel, perStep, steps, wordsOfVectors, sums[2], sums[3], losses[1]);
    assertThat(Arrays.mismatch(losses[1], losses[0])).isEqualTo(-1);
    assertThat(wordsOfVectors).isEqualTo(words);
    for (int row = 0; row < Panel.ROWS; row++) {
      assertNear(sums[2][row], sums[0][row], 1e-3 * sums[0][row]);
      assertNear(sums[3][row], sums[1][row], 1e-3 * sums[1][row]);
    }
    float[] back = new float[panel.length];
    float[] backOfVectors = new float[panel.length];
    SCALAR.unfix(words, steps, back);
    VECTOR.unfix(words, steps, backOfVectors);
    assertThat(Arrays.mismatch(backOfVectors, back)).isEqualTo(-1);
  }

  @Test
  void productsAreThoseOfTheNumbers() {
    Random random = new Random(2);
    int[] words = random.ints(BLOCK).toArray(); // of two blocks
    float[] ones = new float[Panel.ROWS];
    Arrays.fill(ones, 1);
    float[] numbers = new float[2 * words.length];
    SCALAR.unfix(words, ones, numbers);
    float[] quad = Fill.GAUSSIAN.of(2 * STRIP, random);
    float[] y = Fill.GAUSSIAN.of(2 * Panel.ROWS * 4, random);
    for (Kernel kernel : new Kernel[] {SCALAR, VECTOR}) {
      for (int strip = 0; strip < 2 * Panel.STRIPS; strip++) {
        int quadAt = strip / Panel.STRIPS * STRIP;
        float[] expected = Fill.GAUSSIAN.of(3 * 16 * L, random);
        float[] actual = expected.clone();
        SCALAR.left(numbers, strip * STRIP, quad, quadAt, expected, 16 * L);
        kernel.left(words, strip * STRIP / 2, quad, quadAt, actual, 16 * L);
        assertThat(Arrays.mismatch(actual, expected)).isEqualTo(-1);
      }
      for (int tile = 0; tile < 2 * Panel.TILES; tile += 4) {
        int at = tile / Panel.TILES * BLOCK + tile % Panel.TILES * 4 * L;
        float[] expected = Fill.GAUSSIAN.of(2 * STRIP, random);
        float[] actual = expected.clone();
        SCALAR.right(numbers, at, y, Panel.ROWS * 4, expected, tile * 4 * L);
        kernel.right(words, at / 2, y, Panel.ROWS * 4, actual, tile * 4 * L);
        assertThat(Arrays.mismatch(actual, expected)).isEqualTo(-1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-29, 1e-12, 1, 1e12, 1e28})
  void whatIsLostIsNoMoreThanWhatIsSaid(double size) {
    Random random = new Random(3);
    float[] panel = new float[5 * Panel.blockFloats(LANES)];
    for (int i = 0; i < panel.length; i++) {
      // rows of different sizes, and one of few values
      int row = row(i);
      double value = row == 5 ? random.nextInt(-9, 10) / 9.0 : random.nextGaussian();
      panel[i] = (float) (value * size * (1 + row));
    }
    int[] words = new int[panel.length / 2];
    float[] steps = new float[Panel.ROWS];
    float[] losses = new float[panel.length / Panel.ROWS];
    double said = Math.sqrt(FixedPoint.fix(panel, 1e-3, words, steps, losses));
    float[] ones = new float[Panel.ROWS];
    Arrays.fill(ones, 1);
    float[] numbers = new float[panel.length];
    Kernels.best().unfix(words, ones, numbers);
    double lost = 0;
    double squares = 0;
    double largest = 0;
    double[] columns = new double[losses.length];
    for (int i = 0; i < panel.length; i++) {
      double loss = panel[i] - (double) steps[row(i)] * numbers[i];
      lost += Math.pow(loss, 2);
      columns[column(i)] += loss;
      largest = Math.max(largest, Math.abs(loss));
      squares += Math.pow(panel[i], 2);
    }
    for (int j = 0; j < columns.length; j++) {
      assertThat((double) losses[j]).isCloseTo(columns[j], within(0.02 * largest));
    }
    for (Kernel kernel : new Kernel[] {SCALAR, VECTOR}) {
      double distance = kernel.squaredDistance(panel, words, steps);
      if (distance < Double.POSITIVE_INFINITY || size < 1e12) { // squares of floats overflow
        assertThat(distance).isCloseTo(lost, within(1e-5 * lost + 1e-38 * panel.length));
      }
    }
    assertThat(Math.sqrt(lost)).isPositive().isBetween(0.95 * said, said);
    assertThat(FixedPoint.fix(panel, 0.99 * said / Math.sqrt(squares), words, steps, losses))
        .isNegative();
  }

  @Test
  void whatHasNoStepsThatFitIsLeftAsItIs() {
    int[] words = new int[Panel.blockFloats(LANES) / 2];
    float[] steps = new float[Panel.ROWS];
    float[] panel = new float[Panel.blockFloats(LANES)];
    float[] losses = new float[panel.length / Panel.ROWS];
    assertThat(FixedPoint.fix(panel, 0, words, steps, losses)).as("zeros").isZero();
    assertThat(losses).containsOnly(0);
    assertThat(words).containsOnly(0);
    for (float wrong :
        new float[] {
          Float.NaN,
          Float.POSITIVE_INFINITY,
          Float.NEGATIVE_INFINITY,
          Float.MIN_VALUE,
          -0x1p-101f,
          Float.MAX_VALUE
        }) {
      panel[panel.length / 2 + 3] = wrong;
      assertThat(FixedPoint.fix(panel, 1, words, steps, losses)).as("%s", wrong).isNegative();
    }
    // an identity with little beside it
    Random random = new Random(4);
    for (int i = 0; i < panel.length; i++) {
      panel[i] = (float) (1e-4 * random.nextGaussian());
    }
    for (int row = 0; row < Panel.ROWS; row++) {
      panel[row / 4 * Panel.TILES * 4 * LANES + row % 4 * LANES] = 1;
    }
    assertThat(FixedPoint.fix(panel, 1e-4, words, steps, losses)).isNegative();
  }

  private static int row(int i) {
    return i / (Panel.TILES * 4 * LANES) % Panel.STRIPS * 4 + i / LANES % 4;
  }

  private static int column(int i) {
    int tile = 4 * LANES;
    int block = i / Panel.blockFloats(LANES);
    return (block * Panel.TILES + i % (Panel.TILES * tile) / tile) * LANES + i % LANES;
  }

  private static void assertNear(float actual, float exact, double slack) {
    if (Float.isFinite(exact) || Float.isFinite(actual)) {
      assertThat((double) Math.abs(actual - exact)).isLessThanOrEqualTo(slack);
    }
  }
}
