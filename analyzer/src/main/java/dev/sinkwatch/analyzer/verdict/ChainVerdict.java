package dev.sinkwatch.analyzer.verdict;

import dev.sinkwatch.ingest.Observability;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything computed from one step of a chain: the operators of one run with the same n, in the
 * order of the network. Undefined numbers are NaN.
 *
 * @param chain its name within the run: {@code n4}
 * @param layers names of the operators in network order
 * @param missing operators of the last complete step that did not arrive before the timeout
 * @param observability of the operator that tells least
 * @param projectionAssumed whether that is so of any operator
 * @param depthGain after l = 1, 2, ... operators, an upper bound of what can be left of the detail
 * @param compositeGain what is left indeed; null when the operators themselves are not at hand
 * @param depthGainFromDecay depthGain with sigma2FromDecay for the gains: if nothing but weight
 *     decay had changed the logits; null unless all operators say how theirs decay
 * @param networkEffectiveDepth first l whose depthGain is at most eps, else the number of operators
 * @param compositeEffectiveDepth the same of compositeGain; null without it
 * @param extrapolatedDepth ln eps / mean ln gain, in operators; infinite when detail does not
 *     shrink
 * @param snrCeiling upper bound of the signal-to-noise ratio behind the last operator; NaN for n =
 *     2
 * @param cosineCeiling root-mean-square alignment with the clean direction that LayerNorm can keep;
 *     NaN for n = 2
 * @param snrCritical 1 / (n - 1), where signal is no stronger than chance; NaN for n = 2
 * @param noiseAmplitude eta of the noise model
 * @param noiseAssumed whether eta follows from an activation type rather than from a measurement
 * @param gainForward of the composite; NaN without it, as the next two
 * @param sigma2Min smallest sigma2 of the operators
 * @param alarms names of the chain alarms whose condition this verdict meets
 */
@SuppressWarnings("ArrayRecordComponent") // identity is enough: verdicts are never compared
public record ChainVerdict(
    String run,
    int attempt,
    long step,
    String chain,
    int n,
    List<String> layers,
    List<String> missing,
    Observability observability,
    boolean projectionAssumed,
    double[] depthGain,
    double @Nullable [] compositeGain,
    double @Nullable [] depthGainFromDecay,
    int networkEffectiveDepth,
    @Nullable Integer compositeEffectiveDepth,
    double extrapolatedDepth,
    double snrCeiling,
    double cosineCeiling,
    double snrCritical,
    double noiseAmplitude,
    boolean noiseAssumed,
    double gainForward,
    double gainBackward,
    double gainSpread,
    double sigma2Min,
    List<String> alarms) {

  /** Whether any operator is a proxy, or made by a projection that was assumed. */
  public boolean proxy() {
    return observability.proxy() || projectionAssumed;
  }

  /** How many operators the chain has at this step. */
  public int operators() {
    return layers.size();
  }

  /** depthGain behind the last operator. */
  public double lastDepthGain() {
    return depthGain[depthGain.length - 1];
  }

  public ChainVerdict withAlarms(List<String> names) {
    return new ChainVerdict(
        run,
        attempt,
        step,
        chain,
        n,
        layers,
        missing,
        observability,
        projectionAssumed,
        depthGain,
        compositeGain,
        depthGainFromDecay,
        networkEffectiveDepth,
        compositeEffectiveDepth,
        extrapolatedDepth,
        snrCeiling,
        cosineCeiling,
        snrCritical,
        noiseAmplitude,
        noiseAssumed,
        gainForward,
        gainBackward,
        gainSpread,
        sigma2Min,
        List.copyOf(names));
  }
}
