package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.Rejection;
import dev.sinkwatch.ingest.RowRange;
import dev.sinkwatch.ingest.Shard;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of one layer that were complete: tells what comes again and what comes too late. A
 * snapshot that its source took back before it was settled is still to come, also when a later one
 * of its layer is settled. For one thread.
 */
final class JudgedSteps {

  /** So many newer ones that came since it was taken back make it one that never comes. */
  private static final int NEWER = 2;

  /** Enough to know its shards again, and to hear of its end. */
  private static final class Complete {
    final Map<RowRange, Long> checksums;
    final List<Loan.Fate> fates;
    int newerSinceRecalled;

    Complete(List<Part> parts) {
      checksums = new HashMap<>();
      parts.forEach(part -> checksums.put(part.rows(), part.checksum()));
      fates = parts.stream().map(part -> part.loan().fate()).toList();
    }

    boolean settled() {
      return fates.stream().allMatch(Loan.Fate::settled);
    }

    boolean recalled() {
      return fates.stream().anyMatch(Loan.Fate::recalled);
    }
  }

  /** By step: the last settled one, those after it, and those that are to come again. */
  private final TreeMap<Long, Complete> complete = new TreeMap<>();

  private int attempt = -1;

  /** A higher attempt makes all that is known of the lower one void. */
  boolean supersededBy(int later) {
    if (later <= attempt) {
      return false;
    }
    attempt = later;
    complete.clear();
    return true;
  }

  /** How a shard ends that comes again or too late; empty if it is to be judged. */
  Optional<Outcome> end(Shard shard) {
    if (shard.id().attempt() < attempt) {
      return Optional.of(Outcome.Settled.STALE);
    }
    long step = shard.id().step();
    Map.Entry<Long, Complete> last = last();
    if (last == null || last.getKey() < step) {
      return Optional.empty();
    }
    if (last.getKey() == step) {
      return Optional.of(repeated(shard, last.getValue()));
    }
    Complete same = complete.get(step);
    return same != null && same.recalled() ? Optional.empty() : Optional.of(Outcome.Settled.STALE);
  }

  /** The last one that is not to come again. */
  private Map.@Nullable Entry<Long, Complete> last() {
    Map.Entry<Long, Complete> last = complete.lastEntry();
    while (last != null && last.getValue().recalled()) {
      last = complete.lowerEntry(last.getKey());
    }
    return last;
  }

  /** Remembers a snapshot that is complete now. */
  void add(long step, List<Part> parts) {
    complete.put(step, new Complete(parts));
    boolean settledLater = false;
    Iterator<Map.Entry<Long, Complete>> newestFirst =
        complete.descendingMap().entrySet().iterator();
    while (newestFirst.hasNext()) {
      Map.Entry<Long, Complete> entry = newestFirst.next();
      Complete one = entry.getValue();
      if (one.recalled()) {
        one.newerSinceRecalled += entry.getKey() < step ? 1 : 0;
        if (one.newerSinceRecalled == NEWER) {
          newestFirst.remove();
        }
      } else if (one.settled()) {
        if (settledLater) {
          newestFirst.remove(); // it never comes again, and whatever is older is stale
        }
        settledLater = true;
      }
    }
  }

  private static Outcome repeated(Shard shard, Complete last) {
    Long known = last.checksums.get(shard.rows());
    if (known != null && known == checksum(shard)) {
      return Outcome.Settled.DUPLICATE;
    }
    String step = "step " + shard.id().step() + " was judged already, ";
    return new Outcome.Rejected(
        new Rejection(
            Reason.CONFLICT,
            known != null
                ? step + "with other values in rows " + shard.rows()
                : step + "from other shards than one of rows " + shard.rows()));
  }

  /** Tells a repetition from a contradiction; 32 bits are enough, since neither is judged. */
  static long checksum(Shard shard) {
    CRC32C crc = new CRC32C();
    // in pieces: a byte buffer holds at most 2 GiB
    long size = shard.data().byteSize();
    for (long at = 0; at < size; at += 1 << 30) {
      crc.update(shard.data().asSlice(at, Math.min(1 << 30, size - at)).asByteBuffer());
    }
    return crc.getValue();
  }
}
