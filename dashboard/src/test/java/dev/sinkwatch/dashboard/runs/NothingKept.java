package dev.sinkwatch.dashboard.runs;

import dev.sinkwatch.analyzer.alarm.WatchState;
import dev.sinkwatch.analyzer.verdict.ChainVerdict;

/** For tests in which nothing that follows from verdicts goes anywhere. */
public final class NothingKept implements RunBook.Keeper {
  @Override
  public void chain(ChainVerdict verdict) {}

  @Override
  public void remember(WatchState state) {}
}
