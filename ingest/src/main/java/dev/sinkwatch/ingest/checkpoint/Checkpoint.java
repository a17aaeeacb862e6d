package dev.sinkwatch.ingest.checkpoint;

import dev.sinkwatch.ingest.Dtype;
import dev.sinkwatch.ingest.RejectedException;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;
import dev.sinkwatch.ingest.safetensors.Fields;
import dev.sinkwatch.ingest.safetensors.TensorEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The tensors of one step.
 *
 * @param path the file or directory that it is, absolute
 * @param files in the order in which their tensors are judged
 * @param tilings of the tensors that lie in them in pieces, by name
 */
public record Checkpoint(
    Path path, long step, List<TensorFile> files, Map<String, Tiling> tilings) {

  /**
   * A tensor that no snapshot is made of.
   *
   * @param dtype as the file names it
   * @param why one line for a person
   */
  public record Skipped(String name, String dtype, String why) {}

  public Checkpoint {
    files = List.copyOf(files);
    tilings = Map.copyOf(tilings);
  }

  /** The run that the files' metadata names, if it does. */
  public Optional<String> run() {
    return files.stream().flatMap(file -> file.said().run().stream()).findFirst();
  }

  /** Whether metadata or a name tells the step; else 0 is assumed. */
  public boolean tellsStep() {
    return step != 0 || files.stream().anyMatch(StepGroups::tellsStep);
  }

  /** The same tensors as those of another step. */
  public Checkpoint at(long other) {
    return new Checkpoint(path, other, files, tilings);
  }

  /** Bytes of all tensors together. */
  public long bytes() {
    return files.stream()
        .flatMap(file -> file.tensors().stream())
        .mapToLong(TensorEntry::bytes)
        .sum();
  }

  /**
   * What can be judged, in the order of the files and of the tensors in them. Nothing is read
   * before a snapshot is scanned; scanning one of them is independent of the others.
   *
   * @param attempt holds where a file does not say its own
   */
  public List<Snapshot> snapshots(String run, int attempt) {
    List<Snapshot> snapshots = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (TensorFile file : files) {
      for (TensorEntry tensor : file.tensors()) {
        Optional<Dtype> dtype = tensor.supported();
        if (dtype.isPresent() && why(tensor).isEmpty() && seen.add(tensor.name())) {
          int ownAttempt = file.said().attempt().orElse(attempt);
          SnapshotId id = new SnapshotId(run, ownAttempt, tensor.name(), step);
          Tiling tiling = tilings.get(tensor.name());
          snapshots.add(
              tiling == null
                  ? new FileSnapshot(id, file, tensor, dtype.get())
                  : new TiledSnapshot(id, tiling, dtype.get()));
        }
      }
    }
    return snapshots;
  }

  /** What cannot be judged, in the same order. */
  public List<Skipped> skipped() {
    List<Skipped> skipped = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (TensorFile file : files) {
      for (TensorEntry tensor : file.tensors()) {
        why(tensor)
            .filter(why -> seen.add(tensor.name()))
            .ifPresent(why -> skipped.add(new Skipped(tensor.name(), tensor.dtype(), why)));
      }
    }
    return skipped;
  }

  private static Optional<String> why(TensorEntry tensor) {
    if (tensor.supported().isEmpty()) {
      return Optional.of("its dtype " + tensor.dtype() + " is none that is analysed");
    }
    try {
      Fields.layer(tensor.name());
      return Optional.empty();
    } catch (RejectedException e) {
      return Optional.of(e.rejection().detail());
    }
  }
}
