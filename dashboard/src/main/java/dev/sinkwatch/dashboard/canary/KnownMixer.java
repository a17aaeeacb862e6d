package dev.sinkwatch.dashboard.canary;

import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Kind;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * A doubly stochastic matrix whose figures are known in closed form: P = a I + b C + (1 - a - b) J,
 * C the cyclic shift by an odd number of places, n a power of two. Its singular values on the
 * detail subspace are |a + b w^j|, w = exp(2 pi i / n), j = 1 ... n - 1, of which the first is the
 * largest. a and b are multiples of 1/1024, so that every value is a 32-bit float exactly.
 *
 * @param n 4 or more
 * @param identity a in 1024ths
 * @param shifted b in 1024ths
 * @param shift places, odd, below n
 */
record KnownMixer(int n, int identity, int shifted, int shift) {
  private static final double UNIT = 1024;

  /** Up to it figures are exact. */
  private static final int EXACT = 64;

  private static final double RELATIVE = 1e-9;
  private static final double ABSOLUTE = 1e-12;

  /**
   * Another mixer at each step of a layer, and in each layer of a step, so that a verdict that
   * belongs to another snapshot is wrong. Well away from every alarm: the detail gain is at least
   * 0.3.
   *
   * @param index of the layer
   */
  static KnownMixer of(int n, int index, long step) {
    return new KnownMixer(
        n,
        320 + (int) Math.floorMod(37 * step + 11L * index, 256L),
        64 + (int) Math.floorMod(53 * step + 17L * index, 256L),
        1 + 2 * (int) Math.floorMod(step, n / 2L));
  }

  /** Its rows from one to another, row-major, of 32-bit floats. */
  MemorySegment rows(int from, int to) {
    float everywhere = (float) ((UNIT - identity - shifted) / UNIT / n);
    float[] values = new float[(to - from) * n];
    for (int row = from; row < to; row++) {
      int start = (row - from) * n;
      Arrays.fill(values, start, start + n, everywhere);
      values[start + row] += (float) (identity / UNIT);
      values[start + (row + shift) % n] += (float) (shifted / UNIT);
    }
    return MemorySegment.ofArray(values);
  }

  /** True figures, none of them 0. */
  Map<Figure, Double> truth() {
    double a = identity / UNIT;
    double b = shifted / UNIT;
    double everywhere = (1 - a - b) / n;
    double gain = Math.sqrt(a * a + b * b + 2 * a * b * Math.cos(2 * Math.PI / n));
    double detailSquare = (n - 1) * (a * a + b * b) - 2 * a * b; // sum of |a + b w^j|^2
    Map<Figure, Double> truth = new EnumMap<>(Figure.class);
    truth.put(Figure.DETAIL_GAIN, gain);
    truth.put(Figure.SIGMA2, gain);
    truth.put(Figure.SIGMA1, 1.0);
    truth.put(Figure.MEAN_GAIN, 1.0);
    truth.put(Figure.BARYCENTER_DISTANCE, Math.sqrt(detailSquare / (n - 1)));
    truth.put(Figure.PERMUTATION_DISTANCE, 1 - (detailSquare + 1) / n);
    truth.put(
        Figure.ENTROPY,
        (information(a + everywhere)
                + information(b + everywhere)
                + (n - 2) * information(everywhere))
            / Math.log(n));
    return truth;
  }

  private static double information(double p) {
    return -p * Math.log(p);
  }

  /** Holds a verdict against the truth. */
  Comparison compare(LayerVerdict verdict) {
    boolean exact = n <= EXACT;
    if (verdict.kind() != Kind.DOUBLY_STOCHASTIC || verdict.n() != n || verdict.batch() != 1) {
      String what =
          "%s of size %d instead of a mixer of size %d"
              .formatted(verdict.kind().wireName(), verdict.n(), n);
      return new Comparison(exact, Double.NaN, false, what);
    }
    Comparison worst = new Comparison(exact, 0, true, "");
    for (Map.Entry<Figure, Double> entry : truth().entrySet()) {
      Comparison one = compare(entry.getKey(), entry.getValue(), verdict, exact);
      worst = worse(one, worst) ? one : worst;
    }
    return worst;
  }

  private static Comparison compare(
      Figure figure, double truth, LayerVerdict verdict, boolean exact) {
    double value = verdict.get(figure);
    double lower = value;
    double upper = value;
    if (!exact && figure == Figure.DETAIL_GAIN) {
      lower = verdict.get(Figure.DETAIL_GAIN_LOWER);
      upper = verdict.get(Figure.DETAIL_GAIN_UPPER);
    } else if (!exact && figure == Figure.SIGMA2) {
      lower = verdict.get(Figure.SIGMA2_LOWER);
      upper = verdict.get(Figure.SIGMA2_UPPER);
    }
    double rounding = RELATIVE * truth + ABSOLUTE;
    return new Comparison(
        exact,
        Math.abs(value - truth) / truth,
        lower <= truth + rounding && upper >= truth - rounding, // false for NaN
        "%s of step %d of %s is %s, in [%s, %s]; the mixer's is %s"
            .formatted(
                figure.key(),
                verdict.id().step(),
                verdict.id().layer(),
                value,
                lower,
                upper,
                truth));
  }

  private static boolean worse(Comparison one, Comparison other) {
    return one.right() == other.right()
        ? Double.compare(one.error(), other.error()) > 0 // NaN is the largest
        : !one.right();
  }
}
