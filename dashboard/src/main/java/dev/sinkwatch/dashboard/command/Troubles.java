package dev.sinkwatch.dashboard.command;

import dev.sinkwatch.ingest.checkpoint.Checkpoint;
import dev.sinkwatch.ingest.checkpoint.CheckpointException;
import dev.sinkwatch.ingest.checkpoint.Stamp;
import dev.sinkwatch.ingest.checkpoint.TensorFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints that could not be published. Each cause is told once, until the checkpoint
 * changes; one whose files are all gone is forgotten. For one thread.
 */
final class Troubles {
  private static final Duration MOST = Duration.ofHours(1);

  private record Place(Path path, long step) {}

  /** What was told of a checkpoint, and of which state of it. */
  private record Told(List<Stamp> stamps, String why) {}

  private static final class Trouble {
    final Backoff backoff = new Backoff(MOST);
    List<Path> files = List.of();
    @Nullable Told told;

    boolean gone() {
      return files.stream().allMatch(Files::notExists);
    }
  }

  private final InstantSource clock;
  private final Consumer<String> complaints;
  private final Map<Place, Trouble> known = new HashMap<>();

  /**
   * @param complaints hears lines for a person
   */
  Troubles(InstantSource clock, Consumer<String> complaints) {
    this.clock = clock;
    this.complaints = complaints;
  }

  /** Tells what is to be told of a failure; returns when to try again without a change. */
  Instant failed(Checkpoint checkpoint, CommandException failure) {
    known.values().removeIf(Trouble::gone);
    Throwable cause = failure.getCause();
    String line = String.valueOf(failure.getMessage());
    Trouble trouble = known.computeIfAbsent(place(checkpoint), place -> new Trouble());
    trouble.files = checkpoint.files().stream().map(TensorFile::path).toList();
    Told told =
        new Told(
            checkpoint.files().stream().map(TensorFile::stamp).toList(),
            cause == null ? line : String.valueOf(cause.getMessage()));
    if (!told.equals(trouble.told)) {
      trouble.told = told;
      complaints.accept(line);
    }
    return cause == null || ownFault(cause)
        ? Instant.MAX
        : clock.instant().plus(trouble.backoff.pause());
  }

  /** It was published after all. */
  void over(Checkpoint checkpoint) {
    known.remove(place(checkpoint));
  }

  /** Checkpoints that something is remembered of. */
  int size() {
    return known.size();
  }

  private static Place place(Checkpoint checkpoint) {
    return new Place(checkpoint.path(), checkpoint.step());
  }

  /** Whether it stays so until somebody changes the files: not so a disk that cannot be read. */
  private static boolean ownFault(Throwable failure) {
    Throwable below = failure.getCause();
    return failure instanceof CheckpointException
        && (below == null
            || below instanceof NoSuchFileException
            || below instanceof AccessDeniedException);
  }
}
