package dev.sinkwatch.dashboard.runs;

import dev.sinkwatch.analyzer.alarm.Alarm;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;
import dev.sinkwatch.analyzer.verdict.LayerVerdict;

/** Hears what happens to the runs, in order, on one thread; must be quick and must not throw. */
public interface RunListener {

  /** A layer was judged. */
  void layer(LayerVerdict verdict);

  /** A step of a chain was judged. */
  void chain(ChainVerdict verdict);

  /** An alarm came into another state. */
  void alarm(Alarm alarm);

  /**
   * Nothing is known of that run any more: it was silent for too long, or another monitor owns it.
   */
  void forgotten(String run);
}
