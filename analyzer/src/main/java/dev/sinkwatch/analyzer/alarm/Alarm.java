package dev.sinkwatch.analyzer.alarm;

import org.jspecify.annotations.Nullable;

/**
 * One alarm of one run as it stands now.
 *
 * @param chain name of the chain it is on, or empty
 * @param layer name of the layer it is on, or empty; both are empty for an alarm on the run
 * @param name the alarm's name, as {@code HomogeneityTrap}
 * @param sinceStep step of the verdict that brought it into this state
 * @param sinceMillis time of that verdict, milliseconds since 1970
 * @param value the figure it was judged by when it came into this state
 * @param threshold what that figure is compared with
 * @param projectedStep at which a layer that drifts comes to {@code HomogeneityTrap}, if it goes on
 *     as it does; told anew while the alarm fires; null of other alarms, and when no line leads
 *     there
 * @param reason one sentence for a person
 */
public record Alarm(
    String run,
    String chain,
    String layer,
    String name,
    Severity severity,
    AlarmState state,
    long sinceStep,
    long sinceMillis,
    double value,
    double threshold,
    @Nullable Long projectedStep,
    String reason) {

  /** The same alarm in the same state, with what is known of it now. */
  Alarm renewed(Reading reading) {
    return new Alarm(
        run,
        chain,
        layer,
        name,
        severity,
        state,
        sinceStep,
        sinceMillis,
        reading.value(),
        reading.threshold(),
        reading.projectedStep(),
        reading.reason());
  }
}
