package dev.sinkwatch.dashboard.silence;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Where silences are kept for all monitors, and for those that come later. */
@FunctionalInterface
public interface SilenceJournal {

  /**
   * Keeps it in place of what has the same id. Returns at once.
   *
   * @param value as JSON; null if it is to be kept no longer
   * @return completes when it is kept, or exceptionally with one line
   */
  CompletableFuture<Void> keep(String id, byte @Nullable [] value);
}
