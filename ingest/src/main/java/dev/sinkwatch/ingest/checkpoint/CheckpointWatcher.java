package dev.sinkwatch.ingest.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Follows a directory into which a training job writes checkpoints. Safe for use by several
 * threads.
 */
public final class CheckpointWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointWatcher.class);

  private final Path directory;
  private final Duration poll;
  private final Queue<Returned> returned = new ConcurrentLinkedQueue<>();
  private final Queue<Checkpoint> published = new ConcurrentLinkedQueue<>();

  private record Returned(Checkpoint checkpoint, Instant due) {}

  /**
   * @param directory may be created later; checkpoints are files in it or step directories
   * @param poll from the end of one look at the directory to the start of the next
   */
  public CheckpointWatcher(Path directory, Duration poll) {
    this.directory = directory;
    this.poll = poll;
  }

  /**
   * Emits each checkpoint once, those that are there already too, as soon as it is complete: all of
   * its files can be read, have the sizes that their headers say, and did not change between two
   * polls. What is not complete waits, and is logged when it does not change any more. What
   * completes together comes in ascending order of the steps. A file that says another step than
   * before is a new checkpoint.
   *
   * @return for one subscriber; never completes, honours demand, and fails only if the path is no
   *     directory
   */
  public Flux<Checkpoint> checkpoints() {
    return Flux.defer(() -> {
      if (Files.exists(directory) && !Files.isDirectory(directory)) {
        return Flux.error(new CheckpointException(directory, "only a directory can be watched"));
      }
      Survey survey =
          new Survey(directory.toAbsolutePath().normalize(), InstantSource.system(), LOG::warn);
      return Mono.fromCallable(() -> look(survey))
          .subscribeOn(Schedulers.boundedElastic())
          .repeatWhen(looked -> looked.delayElements(poll))
          .concatMapIterable(Function.identity());
    });
  }

  /**
   * Gives one back that was emitted and could not be used: it is emitted again when it has changed,
   * or from that time on.
   */
  public void giveBack(Checkpoint checkpoint, Instant due) {
    returned.add(new Returned(checkpoint, due));
  }

  /**
   * Says of one that was emitted that it is published. When its files are written again as the same
   * step, that is logged, since it is not emitted again.
   */
  public void published(Checkpoint checkpoint) {
    published.add(checkpoint);
  }

  private List<Checkpoint> look(Survey survey) {
    for (Returned one = returned.poll(); one != null; one = returned.poll()) {
      survey.giveBack(one.checkpoint(), one.due());
    }
    for (Checkpoint one = published.poll(); one != null; one = published.poll()) {
      survey.published(one);
    }
    return survey.look();
  }
}
