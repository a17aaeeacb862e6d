package dev.sinkwatch.analyzer;

import dev.sinkwatch.analyzer.alarm.ChainAlarms;
import dev.sinkwatch.analyzer.alarm.LayerAlarms;
import java.util.Set;
import java.util.TreeSet;

/** The names of all alarms that there are. */
public final class AlarmNames {
  private static final Set<String> ALL =
      Set.of(
          LayerAlarms.HOMOGENEITY_TRAP,
          LayerAlarms.SPECTRAL_DRIFT,
          LayerAlarms.IDENTITY_STAGNATION,
          LayerAlarms.SINKHORN_NOT_CONVERGED,
          LayerAlarms.NON_FINITE_WEIGHTS,
          ChainAlarms.DEPTH_COLLAPSE,
          ChainAlarms.GAIN_SPREAD,
          ChainAlarms.SNR_DOMINATED_BY_NOISE,
          ChainAlarms.SNR_COLLAPSE,
          RunAnalysis.STALE_RUN);

  private AlarmNames() {}

  public static boolean known(String name) {
    return ALL.contains(name);
  }

  /** In alphabetical order. */
  public static Set<String> all() {
    return new TreeSet<>(ALL);
  }
}
