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
    if (!(norms.gainUpper() < Double.POSITIVE_INFINITY)) {
      matrix.release();
      return new OperatorSpectrum.Judged(survey, Spectrum.UNKNOWN, 1, false);
    }
    if (scale == 1 && OperatorSpectrum.scale(survey) != 1) {
      matrix.release();
      return new OperatorSpectrum.Judged(survey, norms.spectrum(), 1, false);
    }
    GramOperator gram = GramOperator.ofDetail(matrix, survey, norms);
    OperatorConclusion conclusion =
        new OperatorConclusion(delta, team, source, allowance, random, matrix, norms, gram);
    KrylovSearch search =
        new KrylovSearch(
            gram,
            run,
            warm == null ? delta / 2 : KrylovSearch.UNCERTIFIED,
            norms.gainUpper(),
            0,
            1);
    search.accept(product);
    if (warm == null) {
      search.run(allowance.passes());
      return certified(survey, conclusion, search, null, 0);
    }
    search.run(1);
    double carried =
        scale * known.gainUpper()
            + Math.sqrt(first.squaredDistance()) * (1 + 1e-5)
            + known.quantizationError()
            + 2 * Math.max(gram.storing(), PanelMatrix.UNIT * norms.frobenius());
    double upper = Math.min(norms.gainUpper(), carried);
    // not by what sums allow, which would hide how far the snapshot has moved
    boolean enough =
        known.age() + 1 < RENEWAL
            && carried <= search.ritzLower(0) * (1 + CARRIED_INTERVAL)
            && !caution.test(upper / scale);
    if (enough || allowance.passes() <= search.products()) {
      known.carried(run.image());
      matrix.release();
      return conclusion.judged(survey, DetailGain.carried(search, upper));
    }
    double floor = search.lower(0); // of the matrix in single precision, which is not kept
    KrylovSearch renewed =
        new KrylovSearch(
            gram,
            new BlockLanczos(randomStart(n, random), outside(n)),
            delta / 2,
            norms.gainUpper(),
            floor,
            1);
    renewed.run(allowance.passes() - search.products());
    return certified(survey, conclusion, renewed, search, floor);
  }

  private OperatorSpectrum.Judged certified(
      Survey survey,
      OperatorConclusion conclusion,
      KrylovSearch search,
      @Nullable KrylovSearch warm,
      double floor)
      throws IOException {
    DetailGain gain = DetailGain.certified(search, warm, floor);
    OperatorSpectrum.Judged judged = conclusion.judged(survey, gain);
    if (known.keeps(n)) {
      BlockLanczos run = gain.search().run();
      Block vectors = gain.search() == warm ? run.image() : run.largest(WIDTH);
      known.certified(matrix, gain.upper() / scale, vectors);
    } else {
      known.forget();
      matrix.release();
    }
    return judged;
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
