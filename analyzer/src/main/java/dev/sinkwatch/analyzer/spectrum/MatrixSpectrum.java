package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.kernel.RowSource;
import dev.sinkwatch.analyzer.kernel.Survey;
import dev.sinkwatch.analyzer.kernel.Team;
import dev.sinkwatch.ingest.Dtype;
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
  static final int WIDTH = 4;

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
    // one start for both looks: the scale depends on the matrix alone, and shall be no matter
    Block start = Block.gaussian(a.columns(), WIDTH, random);
    Judged judged = judge(a, start, 1, passes, keep, random);
    double scale = FloatRange.scaleOf(judged.survey().frobenius());
    if (judged.spectrum() == null || scale == 1 || passes == 1) {
      return judged;
    }
    Judged again = judge(a, start, scale, passes - 1, keep, random);
    return new Judged(again.survey(), again.spectrum(), again.passes() + judged.passes());
  }

  private Judged judge(
      RowSource a, Block start, double scale, int passes, boolean keep, RandomGenerator random)
      throws IOException {
    boolean half = !KrylovSearch.thorough((int) Math.min(a.rows(), a.columns()));
    PanelMatrix matrix = new PanelMatrix(a, 0, scale, keep, half, team);
    try {
      BlockLanczos run = new BlockLanczos(start, List.of());
      PanelMatrix.First first = matrix.first(run.next().quads(), false, passes > 1, null);
      return judge(matrix, first, run, passes, random);
    } finally {
      matrix.release();
    }
  }

  /**
   * Goes on from the first pass.
   *
   * @param run whose first block it was made with
   */
  Judged judge(
      PanelMatrix matrix,
      PanelMatrix.First first,
      BlockLanczos run,
      int passes,
      RandomGenerator random)
      throws IOException {
    double scale = matrix.scale();
    Survey survey = first.survey();
    PanelMatrix.Product product = first.product();
    if (survey.nonFinite() > 0 || product == null) {
      return new Judged(survey, null, 1);
    }
    if (scale == 1 && FloatRange.scaleOf(survey.frobenius()) != 1) {
      return new Judged(survey, ofNorm(survey, matrix), 1);
    }
    double entries = (double) matrix.rows() * matrix.columns();
    double frobenius = FloatRange.scaled(survey.frobenius(), scale, entries);
    // half of the probability for each of the searches
    GramOperator gram = GramOperator.of(matrix, frobenius);
    KrylovSearch search = new KrylovSearch(gram, run, delta / 2, frobenius, 0, 2);
    search.accept(product);
    search.run(passes);
    int made = search.products();
    double most = behind(search.lower(0), frobenius, matrix);
    SecondValue second =
        SecondValue.of(gram, search, most, search.upper(), delta / 2, false, passes - made, random);
    made += second.products();
    double sigma1 = search.estimate(0);
    Spectrum spectrum =
        new Spectrum(
            sigma1,
            search.lower(0),
            search.upper(),
            sigma1,
            Math.clamp(second.estimate(), second.lower(), second.upper()),
            second.lower(),
            second.upper());
    return new Judged(survey, spectrum.scaled(1 / scale), made);
  }

  /**
   * A matrix that is judged as its rows come.
   *
   * @param random secret from whoever made the matrix
   */
  public StreamedDense streamed(Dtype dtype, long rows, int columns, RandomGenerator random) {
    return new StreamedDense(this, dtype, rows, columns, random);
  }

  /**
   * What the norm and the sums of columns tell: sigma1 is at most ||A||_F and at least what it
   * would be if all were equal, and ||A'1|| / ||1||; sigma2 no more than what the squares leave for
   * it beside a sigma1 that is not smaller. Estimates are in between, sigma1 in the middle of the
   * logarithms. Infinite where the norm is beyond all doubles.
   */
  private static Spectrum ofNorm(Survey survey, PanelMatrix a) {
    double rows = a.rows();
    double frobenius = survey.frobenius();
    double least = Math.min(frobenius, Double.MAX_VALUE) / Math.sqrt(Math.min(rows, a.columns()));
    double sums = 0;
    for (double sum : survey.columnSums()) {
      sums = Math.hypot(sums, sum); // A'1
    }
    double rounding = 1e-15 * (a.rows() + a.columns());
    if (sums <= frobenius * Math.sqrt(rows)) { // else they are beyond doubles, or undefined
      least = Math.max(least, Math.min(frobenius, sums / Math.sqrt(rows)));
    }
    double lower = least * (1 - rounding);
    double upper = frobenius * (1 + rounding);
    double sigma1 = Math.min(upper, Math.sqrt(lower) * Math.sqrt(upper));
    double left = upper * Math.sqrt(Math.max(0, 1 - lower / upper * (lower / upper)));
    double upper2 = Double.isInfinite(upper) ? upper : Math.min(left, upper * Math.sqrt(0.5));
    return new Spectrum(sigma1, lower, upper, sigma1, Math.min(sigma1, upper2), 0, upper2);
  }

  /** What the squares leave for sigma2 behind a sigma1 of at least that, rounded upwards. */
  private static double behind(double sigma1, double frobenius, PanelMatrix a) {
    double squares = frobenius * frobenius;
    double rounding = 1e-15 * (a.rows() + a.columns()) * squares;
    return Math.sqrt(Math.min(Math.max(0, squares - sigma1 * sigma1), squares / 2) + rounding);
  }
}
