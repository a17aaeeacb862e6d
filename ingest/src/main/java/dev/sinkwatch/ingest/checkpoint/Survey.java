package dev.sinkwatch.ingest.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What one watcher knows of its directory from look to look. Not safe for concurrent use. */
final class Survey {
  private static final int QUIET_LOOKS = 3;

  private record FileStep(Path file, long step) {}

  /** One that was emitted for nothing. */
  private record Returned(Checkpoint checkpoint, Instant due) {}

  private final Path directory;
  private final InstantSource clock;
  private final Consumer<String> warnings;

  /** Files as they were when they were emitted: as long as they stay so, they are not opened. */
  private final Map<Path, Stamp> settled = new HashMap<>();

  /** What pieces there were, and for how many looks. */
  private record Quiet(Set<Stamp> stamps, int looks) {}

  private final Map<FileStep, Quiet> quiet = new HashMap<>();
  private final Set<FileStep> emitted = new HashSet<>();
  private final Set<FileStep> published = new HashSet<>();

  /** Emitted, and written again since, still as the same step. */
  private final Set<FileStep> overwritten = new HashSet<>();

  private final List<Returned> returned = new ArrayList<>();
  private final Set<String> told = new HashSet<>();
  private Map<Path, Stamp> before = Map.of();
  private Map<Path, Stamp> now = new HashMap<>();
  private Map<Path, String> complaintsBefore = Map.of();
  private Map<Path, String> complaints = new HashMap<>();

  /**
   * @param warnings hears a line for a person of what is not published
   */
  Survey(Path directory, InstantSource clock, Consumer<String> warnings) {
    this.directory = directory;
    this.clock = clock;
    this.warnings = warnings;
  }

  /** Emits a checkpoint once more: when it has changed, or from that time on. */
  void giveBack(Checkpoint checkpoint, Instant due) {
    for (TensorFile file : checkpoint.files()) {
      FileStep again = new FileStep(file.path(), checkpoint.step());
      emitted.remove(again);
      overwritten.remove(again);
    }
    returned.add(new Returned(checkpoint, due));
  }

  /** One that was emitted has been published; what its files become is not, of the same step. */
  void published(Checkpoint checkpoint) {
    for (TensorFile file : checkpoint.files()) {
      published.add(new FileStep(file.path(), checkpoint.step()));
    }
  }

  /**
   * The checkpoints that have become complete since the last look, and those given back whose time
   * has come, by ascending steps.
   */
  List<Checkpoint> look() {
    returned.removeIf(this::lookedAtAgain);
    now = new HashMap<>();
    complaints = new HashMap<>();
    List<Checkpoint> complete = new ArrayList<>();
    for (Folder folder : folders()) {
      for (Checkpoint checkpoint : checkpoints(folder)) {
        if (stable(checkpoint)) {
          complete.add(checkpoint);
        }
      }
    }
    complete.removeIf(checkpoint -> waits(checkpoint) || !emit(checkpoint));
    complete.sort(Comparator.comparingLong(Checkpoint::step));
    overwritten.removeIf(this::toldOf);
    before = now;
    complaintsBefore = complaints;
    return complete;
  }

  /** Until then its files count as settled, so that nobody opens them for nothing. */
  private boolean lookedAtAgain(Returned one) {
    List<TensorFile> files = one.checkpoint().files();
    boolean changed = files.stream().anyMatch(file -> !file.stamp().equals(stamp(file.path())));
    if (!changed && clock.instant().isBefore(one.due())) {
      return false;
    }
    files.forEach(file -> settled.remove(file.path()));
    return true;
  }

  private List<Folder> folders() {
    List<Folder> folders = new ArrayList<>();
    try {
      Folder own = Folder.list(directory);
      folders.add(own);
      folders.addAll(
          Checkpoints.stepDirectories(
              own,
              left -> complain(left, left + ": neither its name nor a file in it tells a step")));
      pickles(folders)
          .ifPresent(
              pickle -> complain(directory, directory + ": " + Diagnosis.conversion(pickle)));
      folders.removeIf(folder -> !folder.holdsTensors());
    } catch (CheckpointException e) {
      complain(directory, String.valueOf(e.getMessage()));
    }
    return folders;
  }

  /** One of those that lie where no tensors do, which no checkpoint will come of. */
  private static Optional<Path> pickles(List<Folder> folders) {
    return folders.stream()
        .filter(folder -> !folder.holdsTensors())
        .flatMap(folder -> folder.pickles().stream())
        .findFirst();
  }

  private List<Checkpoint> checkpoints(Folder folder) {
    List<Path> files = new ArrayList<>(folder.files());
    files.removeIf(this::settled);
    if (files.isEmpty() && !folder.files().isEmpty()) {
      return List.of();
    }
    try {
      Optional<Path> index = folder.index();
      return index.isPresent()
          ? List.of(seen(StepGroups.indexed(index.get())))
          : unindexed(folder, files);
    } catch (CheckpointException e) {
      complain(folder.path(), String.valueOf(e.getMessage()));
      return List.of();
    }
  }

  private List<Checkpoint> unindexed(Folder folder, List<Path> files) {
    List<TensorFile> whole = new ArrayList<>();
    Set<Long> waiting = new HashSet<>();
    for (Path path : files) {
      try {
        TensorFile file = TensorFile.open(path);
        now.put(path, file.stamp());
        whole.add(file);
      } catch (CheckpointException e) {
        waiting.add(StepGroups.named(path));
        complain(path, String.valueOf(e.getMessage()));
      }
    }
    List<Checkpoint> checkpoints = new ArrayList<>();
    StepGroups.bySteps(whole)
        .forEach((step, members) -> {
          members.removeIf(file -> known(file, step));
          if (members.isEmpty() || waiting.contains(step)) {
            return;
          }
          try {
            checkpoints.add(StepGroups.together(folder.path(), step, members));
          } catch (CheckpointException e) {
            complain(members.getFirst().path(), String.valueOf(e.getMessage()));
          }
        });
    return checkpoints;
  }

  /** Whether it was emitted; as it is now it is not opened again. */
  private boolean known(TensorFile file, long step) {
    boolean known = emitted.contains(new FileStep(file.path(), step));
    if (known) {
      settle(file, step);
    }
    return known;
  }

  private void settle(TensorFile file, long step) {
    Stamp last = settled.put(file.path(), file.stamp());
    if (last != null && !last.equals(file.stamp())) {
      overwritten.add(new FileStep(file.path(), step));
    }
  }

  /** Whether it was published, so that one knows that nothing comes of what it is now. */
  private boolean toldOf(FileStep again) {
    if (!published.contains(again)) {
      return false;
    }
    String message =
        again.file()
            + " was written again after it was published as step "
            + again.step()
            + ", and a step is judged once: give each state a step of its own, by a directory"
            + " step-N, a name like model-N.safetensors or sinkwatch.step in its metadata, or"
            + " publish a run that began anew as --attempt 1";
    if (told.add(message)) {
      warnings.accept("not published: " + message);
    }
    return true;
  }

  private Checkpoint seen(Checkpoint checkpoint) {
    checkpoint.files().forEach(file -> now.put(file.path(), file.stamp()));
    return checkpoint;
  }

  private boolean settled(Path path) {
    Stamp known = settled.get(path);
    return known != null && known.equals(stamp(path));
  }

  /** Null of a file that is gone. */
  private static @Nullable Stamp stamp(Path path) {
    try {
      return Stamp.of(path);
    } catch (IOException e) {
      return null;
    }
  }

  /** Whether it was given back as it is, and its time has not come. */
  private boolean waits(Checkpoint checkpoint) {
    return returned.stream()
        .map(Returned::checkpoint)
        .anyMatch(
            one -> one.step() == checkpoint.step() && stamps(one).containsAll(stamps(checkpoint)));
  }

  private static Set<Stamp> stamps(Checkpoint checkpoint) {
    return checkpoint.files().stream().map(TensorFile::stamp).collect(Collectors.toSet());
  }

  private boolean stable(Checkpoint checkpoint) {
    boolean same =
        checkpoint.files().stream().allMatch(file -> file.stamp().equals(before.get(file.path())));
    return same && (checkpoint.tilings().isEmpty() || quiet(checkpoint));
  }

  /**
   * Whether nothing was added to pieces for some looks. Nothing tells how many ranks there are, and
   * the pieces of the first ones alone look like a smaller tensor.
   */
  private boolean quiet(Checkpoint checkpoint) {
    Set<Stamp> stamps = stamps(checkpoint);
    FileStep place = new FileStep(checkpoint.path(), checkpoint.step());
    Quiet last = quiet.get(place);
    Quiet next =
        new Quiet(stamps, last != null && last.stamps().equals(stamps) ? last.looks() + 1 : 1);
    quiet.put(place, next);
    return next.looks() > QUIET_LOOKS;
  }

  /** Whether anything in it is new; from now on nothing is. */
  private boolean emit(Checkpoint checkpoint) {
    boolean fresh = false;
    quiet.remove(new FileStep(checkpoint.path(), checkpoint.step()));
    for (TensorFile file : checkpoint.files()) {
      if (emitted.add(new FileStep(file.path(), checkpoint.step()))) {
        fresh = true;
        settled.put(file.path(), file.stamp());
      } else {
        settle(file, checkpoint.step());
      }
    }
    return fresh;
  }

  /** Tells once of what is the same at two looks; what changes is probably being written. */
  private void complain(Path path, String message) {
    complaints.put(path, message);
    if (message.equals(complaintsBefore.get(path)) && told.add(message)) {
      warnings.accept("not published yet: " + message);
    }
  }
}
