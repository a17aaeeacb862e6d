package dev.sinkwatch.analyzer.alarm;

import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import java.util.ArrayList;
import java.util.List;

/** Conditions of the alarms on a chain. Immutable. */
public final class ChainAlarms {

  public static final String GAIN_SPREAD = "GainSpread";
  public static final String DEPTH_COLLAPSE = "DepthCollapse";
  public static final String SNR_DOMINATED_BY_NOISE = "SnrDominatedByNoise";
  public static final String SNR_COLLAPSE = "SnrCollapse";

  private static final double LN2 = Math.log(2);

  /** In a shorter chain everybody sees which operators lose most. */
  private static final int FEWEST = 4;

  /** Operators are named when they are at most so large a part of the chain... */
  private static final double MOST_OF_CHAIN = 0.75;

  /** ...and so large a part of the loss is theirs. */
  private static final double HALF = 0.5;

  private final double eps;

  /**
   * @param eps what is left of the detail when a network's depth stops counting
   */
  public ChainAlarms(double eps) {
    this.eps = eps;
  }

  /**
   * Reads the conditions off a verdict.
   *
   * @param past whose baseline is of ln depthGain(last)
   */
  public List<Reading> read(ChainVerdict verdict, Past past) {
    List<Reading> readings = new ArrayList<>();
    readings.add(depthCollapse(verdict, past.baseline()));
    if (verdict.compositeGain() != null) {
      readings.add(gainSpread(verdict));
    }
    if (!Double.isNaN(verdict.snrCeiling())) {
      readings.add(
          signal(
              verdict,
              SNR_DOMINATED_BY_NOISE,
              Severity.WARNING,
              1,
              "injected noise outweighs the signal behind the last operator: SNR at most %.2g"));
      readings.add(
          signal(
              verdict,
              SNR_COLLAPSE,
              Severity.CRITICAL,
              verdict.snrCritical(),
              "no normalisation can bring the signal back: SNR at most %.2g, no more than chance"));
    }
    return readings;
  }

  /** Names of the conditions that hold in a verdict seen alone, without history. */
  public List<String> holding(ChainVerdict verdict) {
    return read(verdict, Past.NONE).stream().filter(Reading::holds).map(Reading::name).toList();
  }

  /** Names of the conditions that, seen alone, would be information, whether they hold or not. */
  public static List<String> informing(ChainVerdict verdict) {
    return new ChainAlarms(1) // what is left does not change how severe it is
        .read(verdict, Past.NONE).stream()
            .filter(reading -> reading.severity() == Severity.INFO)
            .map(Reading::name)
            .toList();
  }

  private Reading depthCollapse(ChainVerdict verdict, double baselineLogGain) {
    double gain = verdict.lastDepthGain();
    boolean known = !Double.isNaN(baselineLogGain);
    Severity severity = verdict.proxy() || !known ? Severity.INFO : Severity.CRITICAL;
    String reason =
        "at most %.2g of the differences between streams is left after %d operators (depth %d)"
            .formatted(gain, verdict.operators(), verdict.networkEffectiveDepth());
    reason += where(verdict);
    // twice the baseline's logarithm: the same network in series with itself
    double limit = 2 * baselineLogGain;
    double mildLimit = limit / Reading.HYSTERESIS;
    double logGain = Math.log(gain);
    return new Reading(
        DEPTH_COLLAPSE,
        severity,
        gain <= eps && (!known || logGain < limit),
        gain <= Reading.HYSTERESIS * eps && (!known || logGain < mildLimit),
        gain,
        eps,
        null,
        reason);
  }

  /** Which operators lose it, and what weight decay has to do with that. */
  private static String where(ChainVerdict verdict) {
    Stretch stretch = Stretch.ofMostLoss(verdict.depthGain());
    double share = Math.log(stretch.gain(verdict.depthGain())) / Math.log(verdict.lastDepthGain());
    boolean apart =
        verdict.operators() >= FEWEST
            && stretch.operators() <= MOST_OF_CHAIN * verdict.operators()
            && share >= HALF;
    String words = "";
    if (apart) {
      String layers =
          stretch.operators() == 1
              ? "operator %d keeps".formatted(stretch.to() + 1)
              : "operators %d to %d keep".formatted(stretch.from() + 1, stretch.to() + 1);
      words = "; %s %.2g".formatted(layers, stretch.gain(verdict.depthGain()));
    }
    double[] decayed = verdict.depthGainFromDecay();
    if (decayed == null) {
      return words;
    }
    double expected = apart ? stretch.gain(decayed) : decayed[decayed.length - 1];
    return words + "; weight decay on the logits alone would give %.2g by now".formatted(expected);
  }

  private static Reading gainSpread(ChainVerdict verdict) {
    double spread = verdict.gainSpread();
    String side;
    if (Math.log(verdict.gainForward()) >= spread) {
      side = "amplify a stream";
    } else if (Math.log(verdict.gainBackward()) >= spread) {
      side = "amplify a stream's gradient";
    } else {
      side = "shrink a stream or its gradient";
    }
    return Reading.above(
        GAIN_SPREAD,
        verdict.proxy() ? Severity.INFO : Severity.WARNING,
        spread,
        LN2,
        "the %d operators together %s by %.3g"
            .formatted(verdict.operators(), side, Math.exp(spread)));
  }

  private static Reading signal(
      ChainVerdict verdict, String name, Severity severity, double threshold, String reason) {
    return Reading.below(
        name,
        verdict.proxy() || verdict.noiseAssumed() ? Severity.INFO : severity,
        verdict.snrCeiling(),
        threshold,
        reason.formatted(verdict.snrCeiling()));
  }
}
