package dev.sinkwatch.dashboard.silence;

/**
 * Some alarms of which nobody is to be told for a while.
 *
 * @param id letters, digits and -
 * @param run a run's name, or {@link #ANY}
 * @param alarm an alarm's name, or {@link #ANY}
 * @param layer a layer's name; or the beginning of one with a * behind it, of which the empty one,
 *     {@link #ANY}, also covers alarms on chains and on the run
 * @param until from when on it is over, milliseconds since 1970
 * @param by who wished it
 * @param reason why, one line
 * @param created when, milliseconds since 1970
 */
public record Silence(
    String id,
    String run,
    String alarm,
    String layer,
    long until,
    String by,
    String reason,
    long created) {

  /** Whatever the name. */
  public static final String ANY = "*";

  boolean over(long nowMillis) {
    return nowMillis >= until;
  }
}
