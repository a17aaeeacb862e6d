package dev.sinkwatch.analyzer.alarm;

import static dev.sinkwatch.analyzer.verdict.Figure.COLUMN_RESIDUAL;
import static dev.sinkwatch.analyzer.verdict.Figure.DECAY_FACTOR;
import static dev.sinkwatch.analyzer.verdict.Figure.DETAIL_GAIN;
import static dev.sinkwatch.analyzer.verdict.Figure.DETAIL_GAIN_UPPER;
import static dev.sinkwatch.analyzer.verdict.Figure.MOVEMENT;
import static dev.sinkwatch.analyzer.verdict.Figure.PERMUTATION_DISTANCE;
import static dev.sinkwatch.analyzer.verdict.Figure.ROW_RESIDUAL;
import static dev.sinkwatch.analyzer.verdict.Figure.SATURATION;
import static dev.sinkwatch.analyzer.verdict.Figure.SIGMA2_FROM_DECAY;

import dev.sinkwatch.analyzer.verdict.BatchSpread;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;
import java.util.ArrayList;
import java.util.List;

/** Conditions of the alarms on a layer. Stateless. */
public final class LayerAlarms {

  public static final String HOMOGENEITY_TRAP = "HomogeneityTrap";
  public static final String IDENTITY_STAGNATION = "IdentityStagnation";
  public static final String SINKHORN_NOT_CONVERGED = "SinkhornNotConverged";
  public static final String NON_FINITE_WEIGHTS = "NonFiniteWeights";
  public static final String SPECTRAL_DRIFT = "SpectralDrift";

  /** A mixer that keeps less is in the trap. */
  public static final double TRAPPED_GAIN = 0.1;

  static final double FROZEN_DISTANCE = 1e-3;
  static final double FROZEN_MOVEMENT = 1e-4;
  static final double RESIDUAL = 1e-2;

  /** Weight decay that has taken less from the logits explains nothing. */
  private static final double DECAYED = 0.99;

  /** A row whose weights are so far apart is decided. */
  private static final double SATURATED = 1 - 1e-3;

  /**
   * Above this size a small gain is ordinary, so that the trap is judged against the run's own past
   * as well.
   */
  public static final int ABSOLUTE_SIZE = 64;

  private LayerAlarms() {}

  /**
   * Reads the conditions off a verdict.
   *
   * @param past whose baseline is of {@link #figure}
   */
  public static List<Reading> read(LayerVerdict verdict, Past past) {
    List<Reading> readings = new ArrayList<>();
    readings.add(nonFinite(verdict));
    if (verdict.link()) {
      readings.add(homogeneityTrap(verdict, past.baseline()));
      readings.add(identityStagnation(verdict));
      readings.add(notConverged(verdict));
      if (past.drift() != null) {
        readings.add(spectralDrift(verdict, past.baseline(), past.drift()));
      }
    }
    return readings;
  }

  /** Names of the conditions that hold in a verdict seen alone, without history. */
  public static List<String> holding(LayerVerdict verdict) {
    return read(verdict, Past.NONE).stream().filter(Reading::holds).map(Reading::name).toList();
  }

  /** Of those the names of the ones that are information: no fact of what the model applies. */
  public static List<String> informing(LayerVerdict verdict) {
    return read(verdict, Past.NONE).stream()
        .filter(reading -> reading.holds() && reading.severity() == Severity.INFO)
        .map(Reading::name)
        .toList();
  }

  private static Reading nonFinite(LayerVerdict verdict) {
    return Reading.above(
        NON_FINITE_WEIGHTS,
        Severity.CRITICAL,
        (double) verdict.nonFinite(),
        0,
        verdict.nonFinite() + " of " + verdict.shape().elements() + " values are NaN or infinite");
  }

  private static Reading homogeneityTrap(LayerVerdict verdict, double baselineGain) {
    double gain = gain(verdict);
    boolean relative = verdict.n() > ABSOLUTE_SIZE;
    boolean known = !Double.isNaN(baselineGain);
    Severity severity = verdict.proxy() || (relative && !known) ? Severity.INFO : Severity.CRITICAL;
    String reason =
        "keeps at most %.3g of the differences between its %s".formatted(gain, mixed(verdict));
    if (relative && known) {
      reason += ", %.3g when the run began".formatted(baselineGain);
    }
    reason += fromDecay(verdict);
    Reading reading = Reading.below(HOMOGENEITY_TRAP, severity, gain, TRAPPED_GAIN, reason);
    return relative && known
        ? reading.and(gain < baselineGain / 2, gain < Reading.HYSTERESIS * baselineGain / 2)
        : reading;
  }

  /**
   * The gain that a layer's baseline and its drift are of; NaN of a layer without one. Of a sample
   * of tokens it is the 95th percentile, as in {@link #gain}.
   */
  public static double figure(LayerVerdict verdict) {
    return sampled(verdict) ? gain(verdict) : verdict.get(DETAIL_GAIN);
  }

  /**
   * The gain that is judged: of a sample of tokens its 95th percentile, since a maximum only grows
   * with the sample.
   */
  private static double gain(LayerVerdict verdict) {
    BatchSpread spread = verdict.sigma2Batch();
    return spread != null && sampled(verdict) ? spread.p95() : verdict.get(DETAIL_GAIN_UPPER);
  }

  private static boolean sampled(LayerVerdict verdict) {
    return verdict.observability().batchIsSample() && verdict.sigma2Batch() != null;
  }

  /** What it mixes; a transport plan that is not square has no streams. */
  private static String mixed(LayerVerdict verdict) {
    return verdict.n() > 0 ? verdict.n() + " streams" : "points";
  }

  private static Reading spectralDrift(LayerVerdict verdict, double baselineGain, Drift drift) {
    double gain = figure(verdict);
    boolean fallen = gain(verdict) < drift.level(); // on the certain side
    double trap = trappedBelow(verdict, baselineGain);
    Trend trend = drift.trend();
    Long step = trend == null ? null : trend.crossing(trap);
    String reason =
        "keeps %.3g of the differences between its %s, of the %.3g that it held until step %d"
            .formatted(gain, mixed(verdict), drift.level(), drift.sinceStep());
    if (step != null) {
      reason += "; going on like this it keeps less than %.3g from step %d".formatted(trap, step);
    } else if (trend != null && !trend.below(trap)) {
      reason += "; it does not go on like this";
    }
    reason += fromDecay(verdict);
    return new Reading(
        SPECTRAL_DRIFT,
        verdict.proxy() ? Severity.INFO : Severity.WARNING,
        fallen && drift.sum() > drift.limit(),
        drift.sum() > drift.limit() / Reading.HYSTERESIS,
        drift.sum(),
        drift.limit(),
        step,
        reason);
  }

  /** What would be left if nothing but weight decay had changed the logits. */
  private static String fromDecay(LayerVerdict verdict) {
    return verdict.figures().has(SIGMA2_FROM_DECAY) && verdict.get(DECAY_FACTOR) < DECAYED
        ? "; weight decay on its logits alone would give %.3g by now"
            .formatted(verdict.get(SIGMA2_FROM_DECAY))
        : "";
  }

  /** The gain below which the trap is sprung. */
  private static double trappedBelow(LayerVerdict verdict, double baselineGain) {
    return verdict.n() > ABSOLUTE_SIZE && baselineGain < 2 * TRAPPED_GAIN
        ? baselineGain / 2
        : TRAPPED_GAIN;
  }

  private static Reading identityStagnation(LayerVerdict verdict) {
    double distance = verdict.get(PERMUTATION_DISTANCE);
    // where matrices do not travel nobody knows how far they moved, and what fires is true
    double movement = verdict.figures().has(MOVEMENT) ? verdict.get(MOVEMENT) : Double.NaN;
    String reason =
        "is a permutation but for %.1e and has moved by %.1e: its streams never mix"
            .formatted(distance, movement);
    double saturation = verdict.get(SATURATION); // NaN of what was published as a matrix
    if (saturation > SATURATED) {
      reason +=
          "; its softmax is saturated (weights within %.1e of 0 and 1), so that hardly any gradient reaches its logits"
              .formatted(1 - saturation);
    }
    return Reading.below(
            IDENTITY_STAGNATION,
            verdict.proxy() ? Severity.INFO : Severity.WARNING,
            distance,
            FROZEN_DISTANCE,
            reason)
        .and(movement < FROZEN_MOVEMENT, movement < Reading.HYSTERESIS * FROZEN_MOVEMENT);
  }

  private static Reading notConverged(LayerVerdict verdict) {
    double residual = residual(verdict);
    return Reading.above(
        SINKHORN_NOT_CONVERGED,
        verdict.proxy() ? Severity.INFO : Severity.WARNING,
        residual,
        RESIDUAL,
        "a row or column sums to 1 only within %.2g".formatted(residual));
  }

  /**
   * How far sums are off 1: of a sample of tokens the 95th percentile, since of thousands of
   * operators there is always one that converges slowly.
   */
  private static double residual(LayerVerdict verdict) {
    BatchSpread spread = verdict.residualBatch();
    return spread != null && sampled(verdict)
        ? spread.p95()
        : Math.max(verdict.get(ROW_RESIDUAL), verdict.get(COLUMN_RESIDUAL));
  }
}
