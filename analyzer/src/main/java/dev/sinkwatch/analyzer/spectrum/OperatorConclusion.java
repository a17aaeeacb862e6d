package dev.sinkwatch.analyzer.spectrum;

import dev.sinkwatch.analyzer.kernel.PanelMatrix;
import dev.sinkwatch.analyzer.kernel.RowSource;
import dev.sinkwatch.analyzer.kernel.Survey;
import dev.sinkwatch.analyzer.kernel.Team;
import java.io.IOException;
import java.util.random.RandomGenerator;

/**
 * What a look at an operator P concludes from the gain of its detail: all of its spectrum, for
 * which it makes products with P itself where the detail does not tell. For one thread.
 */
final class OperatorConclusion {

  /** Bytes of panels that are kept beside the matrix's own. */
  private static final long MAX_BESIDE = 64 << 20;

  private final double delta;
  private final Team team;
  private final RowSource source;
  private final OperatorSpectrum.Allowance allowance;
  private final RandomGenerator random;
  private final PanelMatrix matrix;
  private final OperatorNorms norms;
  private final GramOperator detail;

  /**
   * @param matrix of {@code source}
   * @param norms of the matrix as it is scaled
   * @param detail the square of its detail
   */
  OperatorConclusion(
      double delta,
      Team team,
      RowSource source,
      OperatorSpectrum.Allowance allowance,
      RandomGenerator random,
      PanelMatrix matrix,
      OperatorNorms norms,
      GramOperator detail) {
    this.delta = delta;
    this.team = team;
    this.source = source;
    this.allowance = allowance;
    this.random = random;
    this.matrix = matrix;
    this.norms = norms;
    this.detail = detail;
  }

  OperatorSpectrum.Judged judged(Survey survey, DetailGain gain) throws IOException {
    double most = norms.sigma2Upper(gain.upper());
    OperatorValues values = OperatorValues.of(detail, gain.search(), gain.upper(), norms);
    if (norms.mixed(gain.estimate()) && gain.products() + 1 < allowance.passes()) {
      values = mixed(gain, values, most);
    }
    double lower1 = Math.max(values.lower1(), gain.lower()); // no detail gains more than all of P
    double upper = Math.min(Math.min(most, values.upper2()), norms.behind(lower1));
    double lower = Math.max(values.lower2(), norms.sigma2Lower(gain.lower()));
    upper = Math.max(lower, upper);
    Spectrum spectrum =
        new Spectrum(
            gain.estimate(),
            gain.lower(),
            Math.max(gain.estimate(), gain.upper()),
            Math.max(values.sigma1(), gain.estimate()),
            Math.clamp(sigma2(gain, values), lower, upper),
            lower,
            upper);
    return new OperatorSpectrum.Judged(
        survey,
        spectrum.scaled(1 / matrix.scale()),
        gain.products() + values.products(),
        gain.carried());
  }

  /** Behind the mean, and where leaks are no matter, it is the gain, of which more may be known. */
  private double sigma2(DetailGain gain, OperatorValues values) {
    boolean behind = gain.estimate() < norms.meanGain() && !norms.mixed(gain.estimate());
    return behind ? Math.max(values.sigma2(), gain.estimate()) : values.sigma2();
  }

  /**
   * By products with P itself: of S they would have to take off too much. Its panels are beside
   * those of S, and kept only where that is little.
   */
  private OperatorValues mixed(DetailGain gain, OperatorValues values, double most)
      throws IOException {
    int n = matrix.columns();
    boolean same = matrix.shift() == 0 && matrix.isKept();
    boolean keep = allowance.keep() && PanelMatrix.bytes(n, n) <= MAX_BESIDE;
    PanelMatrix unshifted = same ? matrix : new PanelMatrix(source, 0, matrix.scale(), keep, team);
    try {
      return OperatorValues.mixed(
          GramOperator.of(unshifted, norms.frobenius()),
          gain.search(),
          norms,
          values,
          most,
          delta / 2,
          gain.carried(),
          allowance.passes() - gain.products(),
          random);
    } finally {
      if (!same) {
        unshifted.release();
      }
    }
  }
}
