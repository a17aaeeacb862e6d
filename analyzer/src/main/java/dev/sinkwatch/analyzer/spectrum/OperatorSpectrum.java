package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.kernel.Quad;
import dev.sinkwatch.analyzer.kernel.RowSource;
import dev.sinkwatch.analyzer.kernel.Survey;
import dev.sinkwatch.analyzer.kernel.Team;
import java.io.IOException;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.jspecify.annotations.Nullable;

/**
 * The singular values of large operators P. The first snapshot of a layer takes a randomized block
 * Krylov search for the detail gain ||QPQ||, the mean deflated. The next ones take one pass with
 * the last one's singular vectors, as long as the certificate carries: ||QP_tQ|| is at most
 * ||QP_cQ|| + ||P_t - P_c||_F by the triangle inequality, P_c the snapshot that was certified.
 * Immutable; safe for use by several threads, each with layers of its own.
 */
public final class OperatorSpectrum {

  /** Vectors of a block: fewer operations than with eight, for a few passes more. */
  private static final int WIDTH = 4;

  /** With more the chance that the start meets no direction well is so much smaller. */
  private static final int THOROUGH_WIDTH = 8;

  /** Products with the last snapshot's vectors, where one more costs next to nothing. */
  private static final int THOROUGH_WARM = 3;

  /** Most relative width of an interval while a certificate is carried. */
  private static final double CARRIED_INTERVAL = 0.25;

  /** The snapshot of this number since the last certificate is certified again. */
  private static final int RENEWAL = 10;

  /** Singular vectors that are taken together with the constant one. */
  private static final int TOGETHER = 6;

  private static final int MIXED_PRODUCTS = 12;

  private final double delta;
  private final Team team;

  /**
   * @param delta probability with which an upper bound may be false
   */
  public OperatorSpectrum(double delta, Team team) {
    this.delta = delta;
    this.team = team;
  }

  /**
   * What a look at an operator gave.
   *
   * @param spectrum null when an entry is not finite, or when it is no operator
   * @param carried whether the upper bounds rest on an earlier snapshot's certificate
   */
  public record Judged(Survey survey, @Nullable Spectrum spectrum, int passes, boolean carried) {}

  /**
   * What one look may cost.
   *
   * @param passes most passes over the matrix, 1 or more
   * @param keep whether its panels may be kept in memory
   */
  public record Allowance(int passes, boolean keep) {}

  /**
   * Judges an operator.
   *
   * @param known what the layer's last snapshot left; takes what this one leaves
   * @param operator given the first pass, whether the matrix is what it was taken for; if not, the
   *     look ends there and leaves nothing
   * @param caution given an upper bound of the gain that is only carried, whether it must be
   *     certified instead
   * @param random secret from whoever made the matrix
   */
  public Judged judge(
      RowSource p,
      Known known,
      Predicate<Survey> operator,
      DoublePredicate caution,
      Allowance allowance,
      RandomGenerator random)
      throws IOException {
    Judged judged = new Look(p, known, operator, caution, allowance, random, 1).judge();
    double scale = scale(judged.survey());
    if (judged.spectrum() == null || scale == 1 || allowance.passes() == 1) {
      return judged;
    }
    // nearly uniform, or far from any operator: once more, where floats neither vanish nor overflow
    known.forget();
    Judged again = new Look(p, known, operator, caution, allowance, random, scale).judge();
    return new Judged(
        again.survey(), again.spectrum(), again.passes() + judged.passes(), again.carried());
  }

  /** What brings the matrix, as it was shifted, to where floats neither vanish nor overflow. */
  private static double scale(Survey survey) {
    Survey.Mixing mixing = survey.mixing();
    return mixing == null ? 1 : FloatRange.scale(Math.sqrt(mixing.fromShift()));
  }

  /** One look at one operator. */
  private final class Look {
    private final Known known;
    private final Predicate<Survey> operator;
    private final DoublePredicate caution;
    private final Allowance allowance;
    private final RandomGenerator random;
    private final double scale;
    private final PanelMatrix matrix;
    private final int n;

    Look(
        RowSource p,
        Known known,
        Predicate<Survey> operator,
        DoublePredicate caution,
        Allowance allowance,
        RandomGenerator random,
        double scale)
        throws IOException {
      this.known = known;
      this.operator = operator;
      this.caution = caution;
      this.allowance = allowance;
      this.random = random;
      this.scale = scale;
      this.n = p.columns();
      this.matrix = new PanelMatrix(p, shift(p), scale, allowance.keep(), team);
    }

    /**
     * 1/n; or what all entries of the first row are if they are the same, as in a collapse; or 0
     * where that row has little to do with a doubly stochastic matrix.
     */
    private static float shift(RowSource p) throws IOException {
      double[] row = PanelMatrix.firstRow(p);
      double sum = 0;
      boolean constant = true;
      for (double value : row) {
        sum += value;
        constant &= value == row[0];
      }
      if (!(sum > 0.5 && sum < 2)) {
        return 0;
      }
      return (float) (constant ? row[0] : 1.0 / row.length);
    }

    Judged judge() throws IOException {
      boolean judged = false;
      try {
        Judged found = judge(known.matrix(matrix));
        judged = true;
        return found;
      } finally {
        if (!judged) {
          matrix.release();
        }
      }
    }

    private Judged judge(@Nullable PanelMatrix before) throws IOException {
      Block warm = before == null ? null : known.vectors(n);
      BlockLanczos run = new BlockLanczos(warm == null ? randomStart() : warm, outside());
      boolean more = warm == null || known.age() + 1 >= RENEWAL;
      PanelMatrix.First first =
          matrix.first(run.next().quads(), true, more, warm == null ? null : before);
      Survey survey = first.survey();
      PanelMatrix.Product product = first.product();
      if (survey.nonFinite() > 0 || product == null || !operator.test(survey)) {
        matrix.release();
        return new Judged(survey, null, 1, false);
      }
      OperatorNorms norms = OperatorNorms.of(survey, matrix.shift()).scaled(scale);
      if (!(norms.detailFrobenius() < Double.POSITIVE_INFINITY)) {
        matrix.release();
        return new Judged(survey, Spectrum.UNKNOWN, 1, false);
      }
      if (scale == 1 && scale(survey) != 1) {
        matrix.release();
        return new Judged(survey, norms.spectrum(), 1, false);
      }
      GramOperator gram = gram(survey);
      KrylovSearch search = new KrylovSearch(gram, run, delta, norms.detailFrobenius(), 0, 1);
      search.accept(product);
      if (warm == null) {
        search.run(allowance.passes());
        return certified(survey, norms, gram, search, null);
      }
      search.run(KrylovSearch.thorough(n) ? Math.min(THOROUGH_WARM, allowance.passes()) : 1);
      double upper =
          Math.min(
              norms.detailFrobenius(),
              scale * known.gainUpper()
                  + Math.sqrt(first.squaredDistance()) * (1 + 1e-6)
                  + 2 * 0x1p-24 * norms.frobenius());
      boolean enough =
          known.age() + 1 < RENEWAL
              && upper <= search.lower(0) * (1 + CARRIED_INTERVAL)
              && !caution.test(upper / scale);
      if (enough || allowance.passes() <= search.products()) {
        known.carried(run.image());
        matrix.release();
        return judged(survey, norms, gram, search, search.lower(0), upper, search.products(), true);
      }
      KrylovSearch renewed =
          new KrylovSearch(
              gram,
              new BlockLanczos(randomStart(), outside()),
              delta,
              norms.detailFrobenius(),
              search.lower(0),
              1);
      renewed.run(allowance.passes() - search.products());
      return certified(survey, norms, gram, renewed, search);
    }

    private Judged certified(
        Survey survey,
        OperatorNorms norms,
        GramOperator gram,
        KrylovSearch search,
        @Nullable KrylovSearch warm)
        throws IOException {
      KrylovSearch best = warm != null && warm.estimate(0) > search.estimate(0) ? warm : search;
      double lower = Math.max(best.lower(0), search.lower(0));
      Judged judged =
          judged(
              survey,
              norms,
              gram,
              best,
              lower,
              Math.max(search.upper(), best.estimate(0)),
              search.products() + (warm == null ? 0 : warm.products()),
              false);
      known.certified(
          matrix,
          search.upper() / scale,
          best == warm ? warm.run().image() : best.run().largest(WIDTH));
      return judged;
    }

    private Judged judged(
        Survey survey,
        OperatorNorms norms,
        GramOperator gram,
        KrylovSearch search,
        double gainLower,
        double gainUpper,
        int passes,
        boolean carried)
        throws IOException {
      double gain = Math.clamp(search.estimate(0), gainLower, Math.max(gainLower, gainUpper));
      double[] sigma = search.run().withMean(norms.meanSquare(), TOGETHER);
      int made = passes;
      if (norms.mixed(gain) && passes + 1 < allowance.passes()) {
        double[] found = new double[2];
        made += mixed(gram, search, norms.meanSquare(), allowance.passes() - passes, found);
        sigma = new double[] {Math.max(sigma[0], found[0]), Math.max(sigma[1], found[1])};
      }
      double error = search.error();
      double sigma1 = Math.max(sigma[0], norms.sigma1Lower());
      double lower =
          Math.max(
              Math.sqrt(Math.max(0, sigma[1] * sigma[1] - error)), norms.sigma2Lower(gainLower));
      double upper = Math.hypot(gainUpper, norms.smallerLeak());
      double sigma1Lower = Math.sqrt(Math.max(0, sigma1 * sigma1 - 2 * error));
      upper = Math.max(lower, Math.min(upper, norms.behind(sigma1Lower, n)));
      Spectrum spectrum =
          new Spectrum(
              gain,
              gainLower,
              Math.max(gain, gainUpper),
              sigma1,
              Math.clamp(sigma[1], lower, upper),
              lower,
              upper);
      return new Judged(survey, spectrum.scaled(1 / scale), made, carried);
    }

    /**
     * Where the singular vectors of P mix with the mean's, those of QPQ do not tell sigma2: a
     * second search begins with the direction that the mean turns into.
     *
     * @param sigma receives sigma1 and sigma2
     * @return passes made
     */
    private int mixed(
        GramOperator gram, KrylovSearch search, double meanSquare, int passes, double[] sigma)
        throws IOException {
      Quad ones = Quad.single(n);
      for (int i = 0; i < n; i++) {
        ones.set(i, 0, 1);
      }
      Block start = Block.zeros(n, WIDTH);
      Block largest = search.run().largest(WIDTH - 1);
      DMatrixRMaj places = new DMatrixRMaj(largest.b(), WIDTH);
      for (int c = 0; c < largest.b(); c++) {
        places.set(c, c, 1);
      }
      start.add(largest, 1, places);
      Block turned = gram.turnedMean(matrix.times(List.of(ones)));
      for (int i = 0; i < n; i++) {
        start.quads().getFirst().set(i, WIDTH - 1, turned.quads().getFirst().get(i, 0));
      }
      BlockLanczos run = new BlockLanczos(start, outside());
      int made = 1;
      while (made < Math.min(passes, MIXED_PRODUCTS) && !run.exhausted()) {
        run.accept(gram.times(run.next()), search.sigma());
        made++;
        double[] now = run.withMean(meanSquare, TOGETHER);
        boolean settled = made > 3 && now[1] - sigma[1] < 1e-5 * now[1];
        sigma[0] = now[0];
        sigma[1] = now[1];
        if (settled) {
          break;
        }
      }
      return made;
    }

    private GramOperator gram(Survey survey) {
      double[] columnSums = new double[n];
      for (int j = 0; j < n; j++) {
        columnSums[j] = scale * (survey.columnSums()[j] - (double) matrix.shift() * n);
      }
      Survey.Mixing mixing = survey.mixing();
      double frobenius = mixing == null ? 0 : scale * Math.sqrt(mixing.fromShift());
      return GramOperator.ofDetail(matrix, frobenius, columnSums);
    }

    /** The constant vector, which the detail leaves out. */
    private List<Block> outside() {
      Block constant = Block.zeros(n, 1);
      for (int i = 0; i < n; i++) {
        constant.quads().getFirst().set(i, 0, 1 / Math.sqrt(n));
      }
      return List.of(constant);
    }

    private Block randomStart() {
      int width = KrylovSearch.thorough(n) ? THOROUGH_WIDTH : WIDTH;
      Block block = Block.gaussian(n, width, random);
      block.centre();
      return block;
    }
  }
}
