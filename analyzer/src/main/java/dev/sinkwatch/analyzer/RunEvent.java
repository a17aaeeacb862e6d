package dev.sinkwatch.analyzer;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.alarm.WatchState;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;

/** Something that became known of a run. */
public sealed interface RunEvent {

  /** A layer was judged. */
  record LayerJudged(LayerVerdict verdict) implements RunEvent {}

  /** A step of a chain was judged. */
  record ChainJudged(ChainVerdict verdict) implements RunEvent {}

  /** An alarm came into another state. */
  record AlarmChanged(Alarm alarm) implements RunEvent {}

  /** What is to be kept of the past of a layer or chain, in place of what was to be kept before. */
  record ToRemember(WatchState state) implements RunEvent {}

  /**
   * A verdict was left out, since the run has as many layers or chains as are remembered.
   *
   * @param name of the layer or chain
   */
  record PassedBy(String name) implements RunEvent {}
}
