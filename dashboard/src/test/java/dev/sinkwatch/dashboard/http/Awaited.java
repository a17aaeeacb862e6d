package dev.sinkwatch.dashboard.http;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for what must come to be. */
final class Awaited {
  private static final Duration MOST = Duration.ofSeconds(60);

  private Awaited() {}

  static void until(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + MOST.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + MOST.toSeconds() + " s");
      }
      Thread.sleep(100);
    }
  }
}
