package dev.sinkwatch.analyzer.alarm;

import java.util.List;
import java.util.Map;

/**
 * What a {@link Watch} must know of the past to go on where it stopped: with it and the verdicts
 * that came after, another one comes to the same alarms.
 *
 * @param chain the chain's name, or empty
 * @param layer the layer's name, or empty
 * @param attempt of the last verdict that was taken in; -1 before the first
 * @param step of the same
 * @param millis when that verdict came into being, milliseconds since 1970
 * @param seen verdicts so far, counted up to one more than the warm-up
 * @param warmUp the figures of the warm-up; the baseline is their median
 * @param standings where each alarm stands, by its name
 * @param changes the last changes of each alarm, oldest first
 * @param drift of a layer, how its gain stands against the level that it held
 */
public record WatchState(
    String run,
    String chain,
    String layer,
    int attempt,
    long step,
    long millis,
    int seen,
    List<Double> warmUp,
    Map<String, Standing> standings,
    List<Alarm> changes,
    DriftState drift) {

  /**
   * Where an alarm stands.
   *
   * @param inARow verdicts that have met its condition without a pause, while it is pending
   */
  public record Standing(AlarmState state, int inARow) {}

  public WatchState {
    warmUp = List.copyOf(warmUp);
    standings = Map.copyOf(standings);
    changes = List.copyOf(changes);
  }

  /** Before the first verdict. */
  static WatchState none(String run, String chain, String layer) {
    return new WatchState(
        run, chain, layer, -1, -1, 0, 0, List.of(), Map.of(), List.of(), DriftState.NONE);
  }

  /** Whether it is the same but for the verdict it was taken after, which changed nothing. */
  boolean saysAsMuchAs(WatchState other) {
    return seen == other.seen
        && warmUp.equals(other.warmUp)
        && standings.equals(other.standings)
        && changes.equals(other.changes)
        && drift.saysAsMuchAs(other.drift);
  }
}
