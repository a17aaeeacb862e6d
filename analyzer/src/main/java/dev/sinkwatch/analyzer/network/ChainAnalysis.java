package dev.sinkwatch.analyzer.network;

import static dev.sinkwatch.analyzer.verdict.Figure.DETAIL_GAIN_UPPER;
import static dev.sinkwatch.analyzer.verdict.Figure.LEAK_TO_DETAIL;
import static dev.sinkwatch.analyzer.verdict.Figure.LEAK_TO_MEAN;
import static dev.sinkwatch.analyzer.verdict.Figure.MEAN_GAIN;
import static dev.sinkwatch.analyzer.verdict.Figure.SIGMA2;
import static dev.sinkwatch.analyzer.verdict.Figure.SIGMA2_FROM_DECAY;

import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import dev.sinkwatch.ingest.Activation;
import dev.sinkwatch.ingest.Observability;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Judges one step of a chain: the operators of one run with the same n, in the order of the
 * network.
 *
 * <p>How much detail can be left follows the 2 x 2 recursion (detail, mean) ← M (detail, mean) with
 * M = [[detailGain, leakToDetail], [leakToMean, meanGain]], by the triangle inequality on x = Qx +
 * Jx. With exact marginals it is the product of the gains; with inexact ones that product is no
 * bound. It is kept in logarithms, since a hundred layers underflow a double. Immutable; safe for
 * use by several threads.
 *
 * <p>Source: "The Homogeneity Trap", arXiv:2601.02080, for contraction, effective depth and the
 * signal-to-noise limit.
 */
public final class ChainAnalysis {

  private static final Comparator<LayerVerdict> NETWORK_ORDER =
      Comparator.comparing(LayerVerdict::order, ChainAnalysis::lexicographic);

  private final double eps;
  private final NoiseModel noise;

  /**
   * @param eps what is left of the detail when a network's depth stops counting, above 0 and below
   *     1
   */
  public ChainAnalysis(double eps, NoiseModel noise) {
    this.eps = eps;
    this.noise = noise;
  }

  /**
   * Judges the operators of one step.
   *
   * @param links verdicts on operators of one run, step and n, one or more; equal orders keep their
   *     sequence
   * @param missing names of operators that should have been there
   */
  public ChainVerdict judge(List<LayerVerdict> links, List<String> missing) {
    List<LayerVerdict> chain = links.stream().sorted(NETWORK_ORDER).toList();
    LayerVerdict first = chain.getFirst();
    int n = first.n();
    double[] logGain = logDepthGain(chain);
    double[] depthGain = new double[logGain.length];
    for (int l = 0; l < logGain.length; l++) {
      depthGain[l] = Math.exp(logGain[l]);
    }
    double last = logGain[logGain.length - 1];
    double eta = noise.eta(activation(chain));
    double freedom = n - 1.0;
    double snr = n > 2 ? Math.exp(2 * (last - Math.log(eta))) : Double.NaN;
    Composite composite = Composite.of(chain);
    return new ChainVerdict(
        first.id().run(),
        first.id().attempt(),
        first.id().step(),
        first.chain(),
        n,
        chain.stream().map(link -> link.id().layer()).toList(),
        List.copyOf(missing),
        chain.stream()
            .map(LayerVerdict::observability)
            .reduce(Observability.EXACT, Observability::orLess),
        chain.stream().anyMatch(LayerVerdict::projectionAssumed),
        depthGain,
        composite == null ? null : composite.gain(),
        fromDecay(chain),
        firstAtMost(logGain, Math.log(eps)),
        composite == null ? null : firstAtMost(composite.gain(), eps),
        extrapolatedDepth(last / chain.size()),
        snr,
        cosineCeiling(snr, freedom),
        n > 2 ? 1 / freedom : Double.NaN,
        eta,
        noise.assumed(),
        composite == null ? Double.NaN : composite.gainForward(),
        composite == null ? Double.NaN : composite.gainBackward(),
        composite == null ? Double.NaN : composite.gainSpread(),
        chain.stream().mapToDouble(link -> link.get(SIGMA2)).min().orElseThrow(),
        List.of());
  }

  private static double @Nullable [] fromDecay(List<LayerVerdict> chain) {
    double[] gain = new double[chain.size()];
    double left = 1;
    for (int l = 0; l < gain.length; l++) {
      if (!chain.get(l).figures().has(SIGMA2_FROM_DECAY)) {
        return null;
      }
      left *= chain.get(l).get(SIGMA2_FROM_DECAY);
      gain[l] = left;
    }
    return gain;
  }

  private static double[] logDepthGain(List<LayerVerdict> chain) {
    double[] logGain = new double[chain.size()];
    double detail = 1;
    double mean = 0;
    double scale = 0;
    for (int l = 0; l < logGain.length; l++) {
      LayerVerdict link = chain.get(l);
      double nextDetail = link.get(DETAIL_GAIN_UPPER) * detail + link.get(LEAK_TO_DETAIL) * mean;
      double nextMean = link.get(LEAK_TO_MEAN) * detail + link.get(MEAN_GAIN) * mean;
      double top = Math.max(nextDetail, nextMean);
      if (top > 0) {
        scale += Math.log(top);
        detail = nextDetail / top;
        mean = nextMean / top;
      } else {
        detail = 0;
        mean = 0;
      }
      logGain[l] = detail > 0 ? scale + Math.log(detail) : Double.NEGATIVE_INFINITY;
    }
    return logGain;
  }

  /**
   * First l, counted from 1, whose gain is at most the limit; the number of operators if none is.
   */
  private static int firstAtMost(double[] gain, double limit) {
    for (int l = 0; l < gain.length; l++) {
      if (gain[l] <= limit) {
        return l + 1;
      }
    }
    return gain.length;
  }

  private double extrapolatedDepth(double meanLogGain) {
    if (meanLogGain >= 0) {
      return Double.POSITIVE_INFINITY;
    }
    return Math.log(eps) / meanLogGain; // 0 when a layer keeps nothing at all
  }

  /** Root-mean-square alignment with the clean direction; at infinite snr it is 1. */
  private static double cosineCeiling(double snr, double freedom) {
    return Double.isInfinite(snr) ? 1 : Math.sqrt((snr + 1 / freedom) / (1 + snr));
  }

  private static @Nullable Activation activation(List<LayerVerdict> chain) {
    return chain.stream()
        .map(LayerVerdict::activation)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private static int lexicographic(List<Integer> a, List<Integer> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      int order = a.get(i).compareTo(b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(a.size(), b.size());
  }
}
