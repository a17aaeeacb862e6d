package dev.sinkwatch.analyzer;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which publishes the rows of one incomplete snapshot are of, so that halves of two never make a
 * whole. Rows that were published again with the same content are of both publishes; those whose
 * shards name no publish, as the ranks' of a job that shards its model, go together with any. For
 * one thread.
 */
final class Publications {

  /** The publishes of a shard that names none. */
  static final int ANY = -1;

  /** Who begins a snapshot more often than that begins it in vain. */
  private static final int MOST = 31;

  /** Characters of a name that is kept as it is. */
  private static final int SHORT = 64;

  /** A bit each, in the sequence in which they began. */
  private final Map<Object, Integer> known = new HashMap<>();

  private long[] rows = new long[1];
  private long rowsOfAny;
  private int refused;

  /** Whether a publish has not been heard of, and is not one too many. */
  boolean isNew(@Nullable String publish) {
    return publish != null && known.size() < MOST && !known.containsKey(key(publish));
  }

  /** The bit of a publish, of which this may be the first shard; 0 when there are too many. */
  int of(@Nullable String publish) {
    if (publish == null) {
      return ANY;
    }
    Object key = key(publish);
    Integer bit = known.get(key);
    if (bit != null || known.size() == MOST) {
      return bit == null ? 0 : bit;
    }
    int begun = 1 << known.size();
    known.put(key, begun);
    return begun;
  }

  /** Knows what another one knew, but for its rows. */
  void succeed(Publications before) {
    known.putAll(before.known);
    refused = before.refused;
  }

  /** Its name, which may be of any length and then counts by its digest. */
  private static Object key(String publish) {
    return publish.length() <= SHORT
        ? publish
        : ContentDigest.of(MemorySegment.ofArray(publish.getBytes(StandardCharsets.UTF_8)));
  }

  /** Whether one began after all of the others. */
  static boolean later(int publish, int others) {
    return publish > 0 && others > 0 && publish > others;
  }

  /** Whether it is one of those that were named. */
  static boolean among(int publish, int others) {
    return others != ANY && (publish & others) != 0;
  }

  /** No rows that are of these alone will be in the whole. */
  void refuse(int publishes) {
    refused |= publishes;
  }

  boolean refused(int publishes) {
    return (publishes & ~refused) == 0;
  }

  void add(int publishes, long count) {
    if (publishes == ANY) {
      rowsOfAny += count;
      return;
    }
    for (int left = publishes; left != 0; left &= left - 1) {
      int at = Integer.numberOfTrailingZeros(left);
      if (at >= rows.length) {
        rows = Arrays.copyOf(rows, at + 1);
      }
      rows[at] += count;
    }
  }

  /** Whether one of them has all rows, with those that are of any. */
  boolean make(long all) {
    if (rowsOfAny == all) {
      return true;
    }
    for (int at = 0; at < rows.length; at++) {
      if (rows[at] > 0 && rowsOfAny + rows[at] == all && !refused(1 << at)) {
        return true;
      }
    }
    return false;
  }
}
