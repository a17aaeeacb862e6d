package dev.sinkwatch.analyzer.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Threads that share the parts of one piece of work, as a team of OpenMP does. The caller works
 * too, so that a team of one needs no thread, and several callers at once share the same helpers
 * without waiting for each other. Which thread takes which part is chance: work whose result must
 * not depend on it keeps the results of parts apart and merges them in the order of parts. Safe for
 * use by several threads.
 */
public final class Team {

  /** One of a number of independent parts. */
  @FunctionalInterface
  public interface Part {
    void run(int part) throws IOException;
  }

  private static final AtomicInteger TEAMS = new AtomicInteger();

  private final int threads;
  private final ExecutorService helpers;

  /**
   * @param threads that work at once for one caller, 1 or more; all but the caller's are daemons
   */
  public Team(int threads) {
    this.threads = threads;
    int team = TEAMS.incrementAndGet();
    AtomicInteger helper = new AtomicInteger();
    this.helpers =
        Executors.newFixedThreadPool(
            Math.max(1, threads - 1),
            work ->
                Thread.ofPlatform()
                    .name("team-" + team + "-" + helper.incrementAndGet())
                    .daemon()
                    .unstarted(work));
  }

  /** A team of the caller alone. */
  public static Team alone() {
    return Alone.TEAM;
  }

  public int threads() {
    return threads;
  }

  /**
   * Runs parts 0 to {@code parts - 1} and returns when all are done.
   *
   * @throws IOException the first that a part threw; the parts not yet begun are left out then
   */
  public void run(int parts, Part work) throws IOException {
    Shared shared = new Shared(parts, work);
    try {
      for (int i = 1; i < Math.min(threads, parts); i++) {
        helpers.execute(shared::help);
      }
    } catch (Throwable e) { // no thread is to be had: those that are work on nevertheless
      shared.failure.compareAndSet(null, e);
    }
    shared.help();
    shared.await();
    Throwable failure = shared.failure.get();
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }

  /** Runs parts that do no input. */
  public void compute(int parts, Part work) {
    try {
      run(parts, work);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Alone {
    static final Team TEAM = new Team(1);
  }

  /** One piece of work in progress. A helper that comes late finds nothing left and goes. */
  private static final class Shared {
    private final int parts;
    private final Part work;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private int done;

    Shared(int parts, Part work) {
      this.parts = parts;
      this.work = work;
    }

    @SuppressWarnings("CatchAndPrintStackTrace") // handed to the caller
    void help() {
      int mine = 0;
      for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
        if (failure.get() == null) {
          try {
            work.run(part);
          } catch (Throwable e) {
            failure.compareAndSet(null, e);
          }
        }
        mine++;
      }
      if (mine > 0) {
        finished(mine);
      }
    }

    private synchronized void finished(int count) {
      done += count;
      if (done == parts) {
        notifyAll();
      }
    }

    synchronized void await() {
      boolean interrupted = false;
      while (done < parts) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true; // parts write into the caller's memory: they must end first
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
