package dev.sinkwatch.analyzer.alarm;

import org.jspecify.annotations.Nullable;

/**
 * One alarm's condition, read off one verdict.
 *
 * @param name the alarm's name
 * @param holds whether the condition holds
 * @param lingers whether it holds at the milder threshold at which a firing alarm clears
 * @param value the figure it is judged by, on the certain side of its bounds
 * @param threshold what the figure is compared with
 * @param projectedStep of an alarm that looks ahead: where it leads, if it leads there
 * @param reason one sentence for a person
 */
public record Reading(
    String name,
    Severity severity,
    boolean holds,
    boolean lingers,
    double value,
    double threshold,
    @Nullable Long projectedStep,
    String reason) {

  /** How far beyond its threshold a figure must go back before a firing alarm clears. */
  static final double HYSTERESIS = 1.5;

  /** A condition that holds while the value is below the threshold. */
  static Reading below(
      String name, Severity severity, double value, double threshold, String reason) {
    return new Reading(
        name,
        severity,
        value < threshold,
        value < HYSTERESIS * threshold,
        value,
        threshold,
        null,
        reason);
  }

  /** A condition that holds while the value is above the threshold. */
  static Reading above(
      String name, Severity severity, double value, double threshold, String reason) {
    return new Reading(
        name,
        severity,
        value > threshold,
        value > threshold / HYSTERESIS,
        value,
        threshold,
        null,
        reason);
  }

  /** The same condition, which holds only where the other demand is met as well. */
  Reading and(boolean demand, boolean mildDemand) {
    return new Reading(
        name,
        severity,
        holds && demand,
        lingers && mildDemand,
        value,
        threshold,
        projectedStep,
        reason);
  }
}
