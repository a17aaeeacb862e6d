package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.kernel.RowSource;
import dev.sinkwatch.analyzer.kernel.Survey;
import dev.sinkwatch.analyzer.kernel.Team;
import java.io.IOException;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One look at one large operator, for {@link OperatorSpectrum}. For one thread. */
final class OperatorLook {

  /** Singular vectors that the next snapshot begins with. */
  private static final int WIDTH = 4;

  /** Most relative width of an interval while a certificate is carried. */
  private static final double CARRIED_INTERVAL = 0.25;

  /** The snapshot of this number since the last certificate is certified again. */
  private static final int RENEWAL = 10;

  /** Bytes of panels that are kept beside the matrix's own. */
  private static final long MAX_BESIDE = 64 << 20;

  private final double delta;
  private final Team team;
  private final RowSource source;
  private final Known known;
  private final Predicate<Survey> operator;
  private final DoublePredicate caution;
  private final OperatorSpectrum.Allowance allowance;
  private final RandomGenerator random;
  private final double scale;
  private final PanelMatrix matrix;
  private final int n;

  OperatorLook(
      double delta,
      Team team,
      RowSource p,
      Known known,
      Predicate<Survey> operator,
      DoublePredicate caution,
      OperatorSpectrum.Allowance allowance,
      RandomGenerator random,
      double scale)
      throws IOException {
    this(
        delta,
        team,
        p,
        known,
        operator,
        caution,
        allowance,
        random,
        new PanelMatrix(
            p, shift(p), scale, allowance.keep(), !KrylovSearch.thorough(p.columns()), team));
  }

  /**
   * At a matrix that may have been read.
   *
   * @param matrix of {@code p}
   */
  OperatorLook(
      double delta,
      Team team,
      RowSource p,
      Known known,
      Predicate<Survey> operator,
      DoublePredicate caution,
      OperatorSpectrum.Allowance allowance,
      RandomGenerator random,
      PanelMatrix matrix) {
    this.delta = delta;
    this.team = team;
    this.source = p;
    this.known = known;
    this.operator = operator;
    this.caution = caution;
    this.allowance = allowance;
    this.random = random;
    this.scale = matrix.scale();
    this.n = p.columns();
    this.matrix = matrix;
  }

  /**
   * 1/n; or what all entries of the first row are if they are the same, as in a collapse; or 0
   * where that row has little to do with a doubly stochastic matrix.
   */
  private static float shift(RowSource p) throws IOException {
    double[] row = p.leadingRow();
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

  OperatorSpectrum.Judged judge() throws IOException {
    boolean judged = false;
    try {
      OperatorSpectrum.Judged found = judge(known.matrix(matrix));
      judged = true;
      return found;
    } finally {
      if (!judged) {
        matrix.release();
      }
    }
  }

  private OperatorSpectrum.Judged judge(@Nullable PanelMatrix before) throws IOException {
    Block warm = before == null ? null : known.vectors(n);
    BlockLanczos run = new BlockLanczos(warm == null ? randomStart(n, random) : warm, outside(n));
    boolean more = warm == null || known.age() + 1 >= RENEWAL;
    PanelMatrix.First first =
        matrix.first(run.next().quads(), true, more, warm == null ? null : before);
    return judge(first, run, warm);
  }

  /**
   * Goes on from the first pass.
   *
   * @param run whose first block it was made with
   * @param warm what that began with, unless at random
   */
  OperatorSpectrum.Judged judge(PanelMatrix.First first, BlockLanczos run, @Nullable Block warm)
      throws IOException {
    Survey survey = first.survey();
    PanelMatrix.Product product = first.product();
    if (survey.nonFinite() > 0 || product == null || !operator.test(survey)) {
      matrix.release();
      return new OperatorSpectrum.Judged(survey, null, 1, false);
    }
    OperatorNorms norms = OperatorNorms.of(survey, matrix.shift()).scaled(scale);
    if (!(norms.detailFrobenius() < Double.POSITIVE_INFINITY)) {
      matrix.release();
      return new OperatorSpectrum.Judged(survey, Spectrum.UNKNOWN, 1, false);
    }
    if (scale == 1 && OperatorSpectrum.scale(survey) != 1) {
      matrix.release();
      return new OperatorSpectrum.Judged(survey, norms.spectrum(), 1, false);
    }
    GramOperator gram = gram(survey, norms);
    KrylovSearch search =
        new KrylovSearch(
            gram,
            run,
            warm == null ? delta / 2 : KrylovSearch.UNCERTIFIED,
            norms.detailFrobenius(),
            0,
            1);
    search.accept(product);
    if (warm == null) {
      search.run(allowance.passes());
      return certified(survey, norms, gram, search, null, 0);
    }
    search.run(1);
    double upper =
        Math.min(
            norms.detailFrobenius(),
            scale * known.gainUpper()
                + Math.sqrt(first.squaredDistance()) * (1 + 1e-5)
                + known.change()
                + 2 * Math.max(gram.storing(), PanelMatrix.UNIT * norms.frobenius()));
    boolean enough =
        known.age() + 1 < RENEWAL
            && upper <= search.lower(0) * (1 + CARRIED_INTERVAL)
            && !caution.test(upper / scale);
    if (enough || allowance.passes() <= search.products()) {
      known.carried(run.image());
      matrix.release();
      return judged(survey, norms, gram, search, search.lower(0), upper, search.products(), true);
    }
    double floor = search.lower(0); // of the matrix in single precision, which is not kept
    KrylovSearch renewed =
        new KrylovSearch(
            gram,
            new BlockLanczos(randomStart(n, random), outside(n)),
            delta / 2,
            norms.detailFrobenius(),
            floor,
            1);
    renewed.run(allowance.passes() - search.products());
    return certified(survey, norms, gram, renewed, search, floor);
  }

  private OperatorSpectrum.Judged certified(
      Survey survey,
      OperatorNorms norms,
      GramOperator gram,
      KrylovSearch search,
      @Nullable KrylovSearch warm,
      double floor)
      throws IOException {
    KrylovSearch best = warm != null && warm.estimate(0) > search.estimate(0) ? warm : search;
    double lower = Math.max(floor, Math.max(best.lower(0), search.lower(0)));
    OperatorSpectrum.Judged judged =
        judged(
            survey,
            norms,
            gram,
            best,
            lower,
            Math.max(search.upper(), best.estimate(0)),
            search.products() + (warm == null ? 0 : warm.products()),
            false);
    if (known.keeps(n)) {
      Block vectors = best == warm ? warm.run().image() : best.run().largest(WIDTH);
      known.certified(matrix, Math.max(search.upper(), best.estimate(0)) / scale, vectors);
    } else {
      known.forget();
      matrix.release();
    }
    return judged;
  }

  private OperatorSpectrum.Judged judged(
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
    double most = norms.sigma2Upper(gainUpper);
    OperatorValues values = OperatorValues.of(gram, search, gainUpper, norms);
    if (norms.mixed(gain) && passes + 1 < allowance.passes()) {
      values = mixed(search, norms, values, most, carried, allowance.passes() - passes);
    }
    double upper = Math.min(Math.min(most, values.upper2()), norms.behind(values.lower1()));
    double lower = Math.max(values.lower2(), norms.sigma2Lower(gainLower));
    upper = Math.max(lower, upper);
    Spectrum spectrum =
        new Spectrum(
            gain,
            gainLower,
            Math.max(gain, gainUpper),
            values.sigma1(),
            Math.clamp(values.sigma2(), lower, upper),
            lower,
            upper);
    return new OperatorSpectrum.Judged(
        survey, spectrum.scaled(1 / scale), passes + values.products(), carried);
  }

  /**
   * By products with P itself: of S they would have to take off too much. Its panels are beside
   * those of S, and kept only where that is little.
   */
  private OperatorValues mixed(
      KrylovSearch search,
      OperatorNorms norms,
      OperatorValues values,
      double most,
      boolean carried,
      int passes)
      throws IOException {
    boolean same = matrix.shift() == 0 && matrix.isKept();
    boolean keep = allowance.keep() && PanelMatrix.bytes(n, n) <= MAX_BESIDE;
    PanelMatrix unshifted = same ? matrix : new PanelMatrix(source, 0, scale, keep, team);
    try {
      GramOperator gram = GramOperator.of(unshifted, norms.frobenius());
      return OperatorValues.mixed(
          gram, search, norms, values, most, delta / 2, carried, passes, random);
    } finally {
      if (!same) {
        unshifted.release();
      }
    }
  }

  private double shift() {
    return scale * matrix.shift();
  }

  private GramOperator gram(Survey survey, OperatorNorms norms) {
    double[] columnSums = new double[n];
    for (int j = 0; j < n; j++) {
      columnSums[j] = scale * (survey.columnSums()[j] - (double) matrix.shift() * n);
    }
    Survey.Mixing mixing = survey.mixing();
    double frobenius = mixing == null ? 0 : scale * Math.sqrt(mixing.fromShift());
    return GramOperator.ofDetail(
        matrix,
        frobenius,
        columnSums,
        new GramOperator.Norms(norms.beside(shift()), norms.leakToMean(), Math.abs(shift()) * n));
  }

  /** The constant vector, which the detail leaves out. */
  static List<Block> outside(int n) {
    Block constant = Block.zeros(n, 1);
    for (int i = 0; i < n; i++) {
      constant.quads().getFirst().set(i, 0, 1 / Math.sqrt(n));
    }
    return List.of(constant);
  }

  static Block randomStart(int n, RandomGenerator random) {
    Block block = Block.gaussian(n, KrylovSearch.width(n), random);
    block.centre();
    return block;
  }
}
