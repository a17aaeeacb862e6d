package dev.sinkwatch.dashboard.command;

import dev.sinkwatch.ingest.embedded.EmbeddedBroker;
import java.io.PrintWriter;
import java.time.Duration;

/**
 * Says what a command waits for, once, when that takes longer than whoever started it expects.
 * Closing it ends the wait.
 */
final class Waiting implements AutoCloseable {
  private static final Duration EXPECTED = Duration.ofSeconds(5);

  private final PrintWriter err;
  private final String what;
  private final Thread thread;
  private boolean over;

  /**
   * @param expected time in which nothing need be said
   * @param what to say then, a line
   */
  Waiting(PrintWriter err, Duration expected, String what) {
    this.err = err;
    this.what = what;
    this.thread = Thread.ofPlatform().name("waiting").daemon().start(() -> await(expected));
  }

  /** For a broker in the process, and for a monitor to begin with it. */
  static Waiting forBroker(PrintWriter err) {
    return new Waiting(
        err,
        EXPECTED,
        "waiting for the Kafka broker in this process, on a busy machine up to %d minutes; Ctrl-C ends it"
            .formatted(EmbeddedBroker.PATIENCE.toMinutes()));
  }

  private void await(Duration expected) {
    try {
      Thread.sleep(expected);
    } catch (InterruptedException e) {
      return; // it is over
    }
    say();
  }

  private synchronized void say() {
    if (!over) {
      err.println("sinkwatch: " + what);
      err.flush();
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      over = true;
    }
    thread.interrupt();
  }
}
