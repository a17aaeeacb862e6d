package dev.sinkwatch.ingest.checkpoint;

import dev.sinkwatch.ingest.safetensors.TensorEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts files together to checkpoints: by an index, or by the step that each of them tells. */
final class StepGroups {
  private static final Pattern NUMBERED =
      Pattern.compile("(.*[-_])([0-9]{1,9})-of-([0-9]{1,9})\\.safetensors", Pattern.DOTALL);

  private static final Pattern RANK = Pattern.compile("shard-[0-9]{1,9}-");

  private StepGroups() {}

  /** The checkpoint of an index's files: those of their tensors that the index names. */
  static Checkpoint indexed(Path index) throws CheckpointException {
    List<TensorFile> files = new ArrayList<>();
    for (Map.Entry<Path, Set<String>> entry : SafetensorsIndex.read(index).entrySet()) {
      Path path = entry.getKey();
      if (!Files.exists(path)) {
        throw new CheckpointException(index, "the index names " + path + ", which is missing");
      }
      TensorFile file = TensorFile.open(path);
      Set<String> missing = new TreeSet<>(entry.getValue());
      List<TensorEntry> named = new ArrayList<>();
      for (TensorEntry tensor : file.tensors()) {
        if (missing.remove(tensor.name())) {
          named.add(tensor);
        }
      }
      if (!missing.isEmpty()) {
        throw new CheckpointException(
            path, "the index says that tensor " + missing.iterator().next() + " is in it");
      }
      files.add(file.with(named));
    }
    Path directory = Objects.requireNonNull(index.getParent());
    return checkpoint(directory, step(directory, files), files);
  }

  /** The checkpoint of one file alone. */
  static Checkpoint single(TensorFile file) throws CheckpointException {
    return checkpoint(file.path(), step(file), List.of(file));
  }

  /** Files that no index puts together, by step. */
  static SortedMap<Long, List<TensorFile>> bySteps(List<TensorFile> files) {
    SortedMap<Long, List<TensorFile>> groups = new TreeMap<>();
    for (TensorFile file : files) {
      groups.computeIfAbsent(step(file), step -> new ArrayList<>()).add(file);
    }
    return groups;
  }

  /**
   * The checkpoint of one step's files.
   *
   * @param directory where the files are
   */
  static Checkpoint together(Path directory, long step, List<TensorFile> files)
      throws CheckpointException {
    numbered(files);
    Path path = files.size() == 1 ? files.getFirst().path() : directory;
    return checkpoint(path, step, files);
  }

  private static long step(TensorFile file) {
    return file.said().step().orElseGet(() -> named(file.path()));
  }

  /** Whether the metadata of a file, its directory or its name tells a step. */
  static boolean tellsStep(TensorFile file) {
    return file.said().step().isPresent() || byName(file.path()).isPresent();
  }

  /** The step that the names of a file and its directory tell, or 0. */
  static long named(Path file) {
    return byName(file).orElse(0);
  }

  private static OptionalLong byName(Path file) {
    Path directory = file.getParent();
    OptionalLong step = directory == null ? OptionalLong.empty() : StepNames.ofDirectory(directory);
    return step.isPresent() ? step : StepNames.ofFile(file);
  }

  private static long step(Path directory, List<TensorFile> files) throws CheckpointException {
    Set<Long> said = new TreeSet<>();
    Set<Long> named = new TreeSet<>();
    for (TensorFile file : files) {
      file.said().step().ifPresent(said::add);
      named.add(StepNames.ofFile(file.path()).orElse(0));
    }
    if (said.size() > 1) {
      throw new CheckpointException(
          directory, "files of one index say that they are of several steps: " + said);
    }
    if (!said.isEmpty()) {
      return said.iterator().next();
    }
    return StepNames.ofDirectory(directory).orElse(named.size() == 1 ? named.iterator().next() : 0);
  }

  /** Of files whose names say "i of n" there must be n. */
  private static void numbered(List<TensorFile> files) throws CheckpointException {
    Map<String, Set<Integer>> numbers = new HashMap<>();
    Map<String, Path> incomplete = new HashMap<>();
    for (TensorFile file : files) {
      Matcher matcher = NUMBERED.matcher(String.valueOf(file.path().getFileName()));
      if (matcher.matches()) {
        // each rank has files of the whole set's numbers, of which it may leave out some
        boolean sharded = file.sharding() != null;
        String prefix =
            sharded ? RANK.matcher(matcher.group(1)).replaceFirst("") : matcher.group(1);
        String set = prefix + "*-of-" + matcher.group(3);
        numbers.computeIfAbsent(set, s -> new HashSet<>()).add(Integer.valueOf(matcher.group(2)));
        incomplete.put(set, file.path());
        if (numbers.get(set).size() >= Integer.parseInt(matcher.group(3))) {
          incomplete.remove(set);
        }
      }
    }
    if (!incomplete.isEmpty()) {
      throw new CheckpointException(
          incomplete.values().iterator().next(),
          "other files of its set are missing; name the file itself to judge it alone");
    }
  }

  private static Checkpoint checkpoint(Path path, long step, List<TensorFile> files)
      throws CheckpointException {
    Map<String, Path> seen = new HashMap<>();
    Map<String, List<Tiling.Piece>> pieces = new LinkedHashMap<>();
    String run = null;
    for (TensorFile file : files) {
      ShardingInfo sharding = file.sharding();
      for (TensorEntry tensor : file.tensors()) {
        if (sharding != null) {
          List<Long> offsets = sharding.of(tensor.name(), tensor.shape().rank());
          pieces
              .computeIfAbsent(tensor.name(), name -> new ArrayList<>())
              .add(new Tiling.Piece(file, tensor, offsets));
          continue;
        }
        Path other = seen.put(tensor.name(), file.path());
        if (other != null) {
          throw new CheckpointException(
              file.path(), "tensor " + tensor.name() + " of step " + step + " is also in " + other);
        }
      }
      String said = file.said().run().orElse(null);
      if (run != null && said != null && !run.equals(said)) {
        throw new CheckpointException(
            file.path(), "it says that it is of run " + said + ", other files say " + run);
      }
      run = said == null ? run : said;
    }
    Map<String, Tiling> tilings = new HashMap<>();
    for (Map.Entry<String, List<Tiling.Piece>> tensor : pieces.entrySet()) {
      if (seen.containsKey(tensor.getKey())) {
        throw new CheckpointException(
            path, "tensor " + tensor.getKey() + " is there whole and in pieces");
      }
      tilings.put(tensor.getKey(), Tiling.of(tensor.getKey(), tensor.getValue()));
    }
    return new Checkpoint(path, step, files, tilings);
  }
}
