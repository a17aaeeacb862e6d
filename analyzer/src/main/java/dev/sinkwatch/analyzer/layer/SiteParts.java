package dev.sinkwatch.analyzer.layer;

import dev.sinkwatch.analyzer.profile.SitePart;
import dev.sinkwatch.analyzer.profile.SiteTensors;
import dev.sinkwatch.analyzer.verdict.MissingPart;
import dev.sinkwatch.analyzer.verdict.MissingPart.Cause;
import dev.sinkwatch.ingest.Snapshot;
import dev.sinkwatch.ingest.SnapshotId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What other tensors contribute to the operators of a layer, by step, until that layer is judged.
 * Of each run's site a few steps are kept, and those sites are forgotten first that nothing was
 * heard of for longest. For one thread at a time.
 */
public final class SiteParts {

  /** Most that all parts take together: those of 8,000 sites of four streams. */
  private static final long MAX_BYTES = 48 << 20;

  private static final int MAX_STEPS = 4;

  private record Site(String run, String layer) {}

  private record At(int attempt, long step) implements Comparable<At> {
    @Override
    public int compareTo(At other) {
      return attempt != other.attempt
          ? Integer.compare(attempt, other.attempt)
          : Long.compare(step, other.step);
    }
  }

  private final Map<Site, TreeMap<At, StepParts>> sites = new LinkedHashMap<>(16, 0.75f, true);
  private final long maxBytes;
  private long bytes;

  public SiteParts() {
    this(MAX_BYTES);
  }

  SiteParts(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Takes what is needed of a tensor. */
  void take(Snapshot snapshot, SitePart part) throws IOException {
    StepParts parts = find(snapshot.id(), part);
    bytes -= parts.bytes();
    try {
      parts.take(part.role(), snapshot);
    } finally {
      bytes += parts.bytes();
    }
    makeRoom();
  }

  /** Remembers of a tensor that nothing of it can be taken. */
  void passBy(SnapshotId id, SitePart part) {
    find(id, part).passBy(part.role());
    makeRoom();
  }

  /** What there is of the step that a tensor is of. */
  private StepParts find(SnapshotId id, SitePart part) {
    TreeMap<At, StepParts> steps =
        sites.computeIfAbsent(new Site(id.run(), part.speaker()), absent -> new TreeMap<>());
    StepParts parts = steps.get(at(id));
    if (parts == null) {
      parts = new StepParts(part.tensors());
      steps.put(at(id), parts);
      bytes += parts.bytes();
    }
    while (steps.size() > MAX_STEPS) {
      bytes -= steps.pollFirstEntry().getValue().bytes();
    }
    return parts;
  }

  private void makeRoom() {
    Iterator<TreeMap<At, StepParts>> silent = sites.values().iterator();
    while (bytes > maxBytes && silent.hasNext()) {
      silent.next().values().forEach(each -> bytes -= each.bytes());
      silent.remove();
    }
  }

  /** Whether all that belongs to a layer's snapshot has come. */
  public boolean complete(SnapshotId id) {
    return of(id) != null;
  }

  /** All that belongs to a layer's snapshot; null while something is missing. */
  @Nullable StepParts of(SnapshotId id) {
    StepParts parts = some(id);
    return parts != null && parts.complete() ? parts : null;
  }

  /** Whether not all of it will come. */
  public boolean hopeless(SnapshotId id) {
    StepParts parts = some(id);
    return parts != null && !parts.complete() && parts.hopeless();
  }

  /** Which of those tensors a layer's snapshot lacks, and why. */
  List<MissingPart> missing(SnapshotId id, SiteTensors tensors) {
    StepParts parts = some(id);
    List<MissingPart> missing = new ArrayList<>();
    for (SiteTensors.Role role : new TreeSet<>(tensors.ends().keySet())) {
      Cause cause = parts == null ? Cause.ABSENT : parts.missing(role);
      if (cause != null) {
        missing.add(new MissingPart(tensors.name(role, id.layer()), cause));
      }
    }
    return missing;
  }

  private @Nullable StepParts some(SnapshotId id) {
    TreeMap<At, StepParts> steps = sites.get(new Site(id.run(), id.layer()));
    return steps == null ? null : steps.get(at(id));
  }

  /** Forgets what is of older steps than one that was judged. */
  void judged(SnapshotId id) {
    TreeMap<At, StepParts> steps = sites.get(new Site(id.run(), id.layer()));
    if (steps != null) {
      Map<At, StepParts> older = steps.headMap(at(id));
      older.values().forEach(each -> bytes -= each.bytes());
      older.clear();
    }
  }

  /** Bytes that are held. */
  long bytes() {
    return bytes;
  }

  private static At at(SnapshotId id) {
    return new At(id.attempt(), id.step());
  }
}
