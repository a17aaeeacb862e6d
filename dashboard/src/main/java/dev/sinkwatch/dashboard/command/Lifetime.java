package dev.sinkwatch.dashboard.command;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a service has opened, closed in reverse when the process is told to stop, in a time that a
 * person at a terminal waits for. Safe for use by several threads.
 */
final class Lifetime implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lifetime.class);

  /** Whoever pressed Ctrl-C has the prompt back within 3 s, also when Kafka does not answer. */
  static final Duration SHORT = Duration.ofMillis(2500);

  /** A broker in the process closes in a second; on a busy machine its directory is worth more. */
  static final Duration WITH_BROKER = Duration.ofSeconds(12);

  /**
   * How long what is being opened is waited for besides: a broker that starts can be closed, and
   * its directory deleted, only once it has started.
   */
  private static final Duration OPENING = Duration.ofSeconds(30);

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread hook = new Thread(this::end, "shutdown");
  private final Duration patience;
  private boolean closed;
  private boolean processEnds;
  private int opening;

  /** Opens a resource. */
  @FunctionalInterface
  interface Opening<T extends AutoCloseable, E extends Exception> {
    T open() throws E;
  }

  /**
   * @param patience longest time that closing may take; what is open then is left to the system
   */
  Lifetime(Duration patience) {
    this.patience = patience;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Takes care of a resource; one that comes after the end is closed at once. */
  <T extends AutoCloseable> T add(T resource) {
    synchronized (this) {
      if (!closed) {
        opened.push(resource);
        return resource;
      }
    }
    close(resource);
    return resource;
  }

  /**
   * Takes care of a resource that would leave something behind if it were left half open: whoever
   * stops the process meanwhile waits for it. It does not return then, as the process ends.
   */
  <T extends AutoCloseable, E extends Exception> T open(Opening<T, E> how) throws E {
    boolean ends;
    synchronized (this) {
      ends = processEnds;
      opening += ends ? 0 : 1;
    }
    parkIf(ends);
    try {
      return add(how.open());
    } finally {
      endOpening();
    }
  }

  private void endOpening() {
    boolean ends;
    synchronized (this) {
      opening--;
      ends = processEnds;
      notifyAll();
    }
    parkIf(ends);
  }

  /** Nobody wants to know any more what comes of it. */
  private void parkIf(boolean ends) {
    while (ends) {
      LockSupport.park(this);
    }
  }

  /** Waits until the process is told to stop. */
  void await() throws InterruptedException {
    stopped.await();
  }

  private void end() {
    synchronized (this) {
      processEnds = true;
    }
    close();
  }

  @Override
  public void close() {
    Duration longest;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      longest = opening > 0 ? patience.plus(OPENING) : patience;
    }
    Thread closing = new Thread(this::closeAll, "closing");
    closing.setDaemon(true);
    closing.start();
    try {
      closing.join(longest.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    stopped.countDown();
  }

  private void closeAll() {
    try {
      awaitOpenings();
    } catch (InterruptedException e) {
      return; // nobody does
    }
    while (!opened.isEmpty()) {
      close(opened.pop());
    }
  }

  private synchronized void awaitOpenings() throws InterruptedException {
    while (opening > 0) {
      wait();
    }
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      LOG.warn("{} did not close: {}", resource.getClass().getSimpleName(), e.toString());
    }
  }
}
