package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.kernel.RowSource;
import dev.sinkwatch.analyzer.kernel.Survey;
import dev.sinkwatch.analyzer.kernel.Team;
import java.io.IOException;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The two largest singular values of ordinary large matrices, by a randomized block Krylov search.
 * Immutable; safe for use by several threads.
 */
public final class MatrixSpectrum {

  /** Vectors of a block: both singular values have company, also close ones. */
  private static final int WIDTH = 4;

  /**
   * A sigma2 that is smaller than this share of sigma1 drowns in the rounding of sigma1, and is
   * looked for once more without it.
   */
  private static final double DROWNED = 0.05;

  private final double delta;
  private final Team team;

  /**
   * @param delta probability with which an upper bound may be false
   */
  public MatrixSpectrum(double delta, Team team) {
    this.delta = delta;
    this.team = team;
  }

  /**
   * What a look at a matrix gave.
   *
   * @param spectrum null when an entry is not finite
   */
  public record Judged(Survey survey, @Nullable Spectrum spectrum, int passes) {}

  /**
   * Judges a matrix.
   *
   * @param passes most passes over it, 1 or more
   * @param keep whether its panels may be kept in memory
   * @param random secret from whoever made the matrix
   */
  public Judged judge(RowSource a, int passes, boolean keep, RandomGenerator random)
      throws IOException {
    Judged judged = judge(a, 1, passes, keep, random);
    double scale = FloatRange.scale(judged.survey().frobenius());
    if (judged.spectrum() == null || scale == 1 || passes == 1) {
      return judged;
    }
    Judged again = judge(a, scale, passes, keep, random);
    return new Judged(again.survey(), again.spectrum(), again.passes() + judged.passes());
  }

  private Judged judge(RowSource a, double scale, int passes, boolean keep, RandomGenerator random)
      throws IOException {
    PanelMatrix matrix = new PanelMatrix(a, 0, scale, keep, team);
    try {
      Block start = Block.gaussian(a.columns(), WIDTH, random);
      BlockLanczos run = new BlockLanczos(start, List.of());
      PanelMatrix.First first = matrix.first(run.next().quads(), false, passes > 1, null);
      Survey survey = first.survey();
      PanelMatrix.Product product = first.product();
      if (survey.nonFinite() > 0 || product == null) {
        return new Judged(survey, null, 1);
      }
      double frobenius = scale * survey.frobenius();
      if (!Double.isFinite(frobenius) || (scale == 1 && FloatRange.scale(frobenius) != 1)) {
        return new Judged(survey, Spectrum.UNKNOWN, 1);
      }
      GramOperator gram = GramOperator.of(matrix, frobenius);
      KrylovSearch search = new KrylovSearch(gram, run, delta, frobenius, 0, 2);
      search.accept(product);
      search.run(passes);
      int made = search.products();
      double sigma2 = search.estimate(1);
      double lower2 = search.lower(1);
      if (sigma2 < DROWNED * search.estimate(0) && made + 1 < passes) {
        double most = behind(search.lower(0), frobenius, a);
        KrylovSearch behind = behindFirst(gram, search, most, random);
        behind.run(passes - made - 1);
        made += behind.products() + 1;
        sigma2 = behind.estimate(0);
        lower2 = behind.lower(0);
      }
      double sigma1 = search.estimate(0);
      double upper2 =
          Math.max(lower2, Math.min(search.upper(), behind(search.lower(0), frobenius, a)));
      Spectrum spectrum =
          new Spectrum(
              sigma1,
              search.lower(0),
              search.upper(),
              sigma1,
              Math.clamp(sigma2, lower2, upper2),
              lower2,
              upper2);
      return new Judged(survey, spectrum.scaled(1 / scale), made);
    } finally {
      matrix.release();
    }
  }

  /**
   * A search among the vectors orthogonal to the first singular vector: a lower bound of sigma2.
   */
  private KrylovSearch behindFirst(
      GramOperator gram, KrylovSearch search, double most, RandomGenerator random)
      throws IOException {
    // one step of the power method: what is left of others in it falls like their square
    Block image = gram.times(search.run().largest(1)).z();
    Block first = Orthonormal.of(image, List.of(), 0).q();
    Block start = Block.gaussian(gram.size(), WIDTH, random);
    start.add(first, -1, first.transposeTimes(start));
    return new KrylovSearch(
        gram.without(first), new BlockLanczos(start, List.of(first)), delta, most, 0, 1);
  }

  /** What the squares leave for sigma2 behind a sigma1 of at least that, rounded upwards. */
  private static double behind(double sigma1, double frobenius, RowSource a) {
    double squares = frobenius * frobenius;
    double rounding = 1e-15 * (a.rows() + a.columns()) * squares;
    return Math.sqrt(Math.min(Math.max(0, squares - sigma1 * sigma1), squares / 2) + rounding);
  }
}
