package dev.sinkwatch.dashboard.canary;

import java.security.SecureRandom;
import java.util.HexFormat;

/** The name under which a canary publishes, which is nobody's training job. */
public final class CanaryRun {

  /** Runs whose names begin so are canaries. */
  public static final String PREFIX = "sinkwatch.canary.";

  private static final int DRAWN_BYTES = 8;

  private CanaryRun() {}

  /**
   * A name that no canary had before: what is left of a dead one, or published by another monitor,
   * is never taken for its own, and its steps begin at 0 without being stale.
   */
  static String fresh() {
    byte[] drawn = new byte[DRAWN_BYTES];
    new SecureRandom().nextBytes(drawn);
    return PREFIX + HexFormat.of().formatHex(drawn);
  }

  /** Whether that run is a canary: no page, series or alarm is for it. */
  public static boolean reserved(String run) {
    return run.startsWith(PREFIX);
  }
}
