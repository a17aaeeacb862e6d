package dev.sinkwatch.dashboard.silence;

/** A silence cannot be begun or ended; {@link #line} says why to whoever wished it. */
public final class SilenceException extends Exception {
  private static final long serialVersionUID = 1;

  /** Why not. */
  public enum Refusal {
    /** What was said is not what it should be. */
    INVALID,
    /** No silence of that id stands. */
    UNKNOWN,
    /** As many stand as there may be. */
    FULL,
    /** Kafka has not acknowledged it. */
    UNAVAILABLE
  }

  private final Refusal refusal;
  private final String line;

  SilenceException(Refusal refusal, String line) {
    super(line);
    this.refusal = refusal;
    this.line = line;
  }

  static SilenceException invalid(String line) {
    return new SilenceException(Refusal.INVALID, line);
  }

  public Refusal refusal() {
    return refusal;
  }

  /** One line. */
  public String line() {
    return line;
  }
}
