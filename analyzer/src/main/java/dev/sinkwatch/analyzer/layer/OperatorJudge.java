package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.kernel.RowSource;
import dev.sinkwatch.analyzer.kernel.Survey;
import dev.sinkwatch.analyzer.sinkhorn.Marginals;
import dev.sinkwatch.analyzer.spectrum.ExactSpectrum;
import dev.sinkwatch.analyzer.spectrum.Known;
import dev.sinkwatch.analyzer.spectrum.OperatorSpectrum;
import dev.sinkwatch.analyzer.spectrum.Spectrum;
import dev.sinkwatch.analyzer.spectrum.StreamedOperators;
import dev.sinkwatch.analyzer.verdict.Figure;
import dev.sinkwatch.analyzer.verdict.Figures;
import dev.sinkwatch.ingest.Dtype;
import java.io.IOException;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/** The figures of one operator P, n x n as the model applies it. Stateless. */
final class OperatorJudge {

  /** Up to this size every figure is exact in double precision. */
  static final int EXACT_SIZE = 64;

  private final double eps;
  private final OperatorSpectrum spectra;

  OperatorJudge(double eps, OperatorSpectrum spectra) {
    this.eps = eps;
    this.spectra = spectra;
  }

  /** Of a small operator, row-major. */
  Figures.Builder exact(double[] p, int n) {
    Marginals marginals = Marginals.of(p, n);
    ExactSpectrum exact = ExactSpectrum.of(p, n);
    double gain = exact.gain();
    double sigma2 = exact.sigma2();
    return figures(
        marginals, new Spectrum(gain, gain, gain, exact.sigma1(), sigma2, sigma2, sigma2));
  }

  /**
   * What one look at a large operator tells.
   *
   * @param figures none when an entry is not finite, or when it is no operator
   * @param carried whether its bounds rest on an earlier snapshot's certificate
   */
  record JudgedLarge(Survey survey, Figures.Builder figures, int passes, boolean carried) {}

  /**
   * Of a large operator.
   *
   * @param known what the layer's last snapshot left
   * @param operator whether, after the first pass, it still is one
   * @param caution whether an upper bound of the gain that is only carried is not enough
   */
  JudgedLarge judge(
      RowSource p,
      Known known,
      Predicate<Survey> operator,
      DoublePredicate caution,
      OperatorSpectrum.Allowance allowance,
      RandomGenerator random)
      throws IOException {
    return judge(spectra.judge(p, known, operator, caution, allowance, random));
  }

  /** Operators that are judged as their rows come. */
  StreamedOperators streamed(Dtype dtype, int n, int count, RandomGenerator random) {
    return spectra.streamed(dtype, n, count, random);
  }

  JudgedLarge judge(OperatorSpectrum.Judged judged) {
    Spectrum spectrum = judged.spectrum();
    Figures.Builder figures =
        spectrum == null ? new Figures.Builder() : figures(Marginals.of(judged.survey()), spectrum);
    return new JudgedLarge(judged.survey(), figures, judged.passes(), judged.carried());
  }

  private Figures.Builder figures(Marginals marginals, Spectrum spectrum) {
    Figures.Builder figures = new Figures.Builder();
    marginals.into(figures);
    double sigma1 = spectrum.sigma1();
    return figures
        .set(Figure.DETAIL_GAIN, spectrum.gain())
        .set(Figure.DETAIL_GAIN_LOWER, spectrum.gainLower())
        .set(Figure.DETAIL_GAIN_UPPER, spectrum.gainUpper())
        .set(Figure.SIGMA1, sigma1)
        .set(Figure.SIGMA2, spectrum.sigma2())
        .set(Figure.SIGMA2_LOWER, spectrum.sigma2Lower())
        .set(Figure.SIGMA2_UPPER, spectrum.sigma2Upper())
        .set(Figure.STABLE_RANK, sigma1 > 0 ? marginals.squares() / (sigma1 * sigma1) : 0)
        .set(Figure.EFFECTIVE_DEPTH, depth(spectrum.gain()));
  }

  /** Layers until detail falls to eps. */
  double depth(double gain) {
    if (gain >= 1 - 1e-12) {
      return Double.POSITIVE_INFINITY;
    }
    return gain <= 1e-12 ? 0 : Math.log(eps) / Math.log(gain);
  }
}
