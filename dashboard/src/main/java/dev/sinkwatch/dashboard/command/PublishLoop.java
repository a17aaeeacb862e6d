package dev.sinkwatch.dashboard.command;

import dev.sinkwatch.ingest.checkpoint.Checkpoint;
import dev.sinkwatch.ingest.checkpoint.CheckpointWatcher;
import dev.sinkwatch.ingest.checkpoint.PublishedCheckpoints;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;

/**
 * Publishes what watchers find, one after the other. A checkpoint that is at fault itself is tried
 * again when it has changed, one that cannot be read after a pause; while Kafka is away everything
 * waits for it, so that steps come to the topic in their order. Each cause is told once, until the
 * checkpoint changes or is published. For one thread.
 */
final class PublishLoop {
  private static final Duration MOST_WITHOUT_KAFKA = Duration.ofMinutes(1);

  private record Found(CheckpointWatcher watcher, Checkpoint checkpoint) {}

  private final CheckpointPublisher publisher;
  private final @Nullable PublishedCheckpoints published;
  private final Consumer<String> complaints;
  private final Troubles troubles;

  /**
   * @param published null when it cannot be kept
   * @param complaints hears lines for a person
   */
  PublishLoop(
      CheckpointPublisher publisher,
      @Nullable PublishedCheckpoints published,
      InstantSource clock,
      Consumer<String> complaints) {
    this.publisher = publisher;
    this.published = published;
    this.complaints = complaints;
    this.troubles = new Troubles(clock, complaints);
  }

  /**
   * Until the process is told to stop.
   *
   * @throws IOException when one of the watchers cannot go on
   */
  void follow(List<CheckpointWatcher> watchers) throws IOException {
    Flux<Found> found =
        Flux.merge(
            watchers.stream()
                .map(watcher ->
                    watcher.checkpoints().map(checkpoint -> new Found(watcher, checkpoint)))
                .toList());
    try {
      for (Found next : found.toIterable(1)) {
        take(next);
      }
    } catch (RuntimeException e) {
      if (Exceptions.unwrap(e) instanceof IOException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private void take(Found next) {
    Checkpoint checkpoint = next.checkpoint();
    try {
      String run = publisher.name().run(checkpoint);
      int attempt = publisher.name().attempt();
      PublishedCheckpoints known = published;
      if (known != null && known.has(run, attempt, checkpoint)) {
        next.watcher().published(checkpoint);
        return;
      }
      publish(checkpoint);
      next.watcher().published(checkpoint);
      troubles.over(checkpoint);
      if (known != null) {
        known.add(run, attempt, checkpoint);
      }
    } catch (IOException e) {
      complaints.accept("it is not remembered that it was published: " + e.getMessage());
    } catch (CommandException e) {
      next.watcher().giveBack(checkpoint, troubles.failed(checkpoint, e));
    }
  }

  /** As often as it fails for Kafka's sake. */
  private void publish(Checkpoint checkpoint) throws CommandException {
    Backoff backoff = new Backoff(MOST_WITHOUT_KAFKA);
    Set<Class<?>> told = new HashSet<>();
    while (true) {
      try {
        publisher.publish(checkpoint);
        return;
      } catch (CommandException e) {
        Throwable cause = e.getCause();
        if (cause == null
            || !(cause.getCause() instanceof KafkaException kafka)
            || kafka instanceof RecordTooLargeException
            || kafka instanceof RecordBatchTooLargeException) {
          throw e;
        }
        if (told.add(kafka.getClass())) { // the words tell times, which differ
          complaints.accept(e.getMessage() + "; it is tried again, what comes meanwhile waits");
        }
        sleep(backoff.pause());
      }
    }
  }

  private static void sleep(Duration pause) throws CommandException {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("interrupted", e);
    }
  }
}
