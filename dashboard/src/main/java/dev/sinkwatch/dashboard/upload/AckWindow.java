package dev.sinkwatch.dashboard.upload;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Shards of one upload that are not acknowledged yet: so many bytes at most, and not for ever. Used
 * by the thread that sends them; acknowledged by any.
 */
final class AckWindow {
  private final long most;
  private final long patienceNanos;
  private long bytes;
  private long progressNanos;
  private @Nullable Throwable failure;

  AckWindow(long most, long patienceMillis) {
    this.most = most;
    this.patienceNanos = TimeUnit.MILLISECONDS.toNanos(patienceMillis);
  }

  /** Waits until that many more bytes may be on their way. */
  synchronized void enter(long more) throws IOException {
    await(bytes + more <= most ? bytes : Math.max(0, most - more));
    if (bytes == 0) {
      progressNanos = System.nanoTime();
    }
    bytes += more;
  }

  /** Those bytes are on their way. */
  void follow(CompletableFuture<Void> sent, long entered) {
    var _ = sent.whenComplete((_, failed) -> left(entered, failed));
  }

  private synchronized void left(long entered, @Nullable Throwable failed) {
    bytes -= entered;
    progressNanos = System.nanoTime();
    if (failed != null && failure == null) {
      failure = failed;
    }
    notifyAll();
  }

  /** Waits until all are acknowledged. */
  synchronized void drain() throws IOException {
    await(0);
  }

  private synchronized void await(long atMost) throws IOException {
    while (failure == null && bytes > atMost) {
      long left = patienceNanos - (System.nanoTime() - progressNanos);
      if (left <= 0) {
        throw KafkaRefusal.unavailable(
            "Kafka acknowledged nothing for "
                + TimeUnit.NANOSECONDS.toSeconds(patienceNanos)
                + " s");
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw KafkaRefusal.unavailable("the monitor stops");
      }
    }
    if (failure != null) {
      throw KafkaRefusal.of(failure);
    }
  }
}
