package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.Rejection;
import dev.sinkwatch.ingest.Shard;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An incomplete snapshot. For one thread. */
final class Pending {

  /** How the rows end that an earlier publish left. */
  static final Outcome SUPERSEDED =
      conflict("a later publish of the snapshot has other content for its rows");

  /** Rows that have come, and the publishes that had them with this content. */
  private record Held(Part part, int publishes) {}

  private final @Nullable StreamedSnapshot streamed;
  private final Publications publications = new Publications();
  private final TreeMap<Long, Held> byFirstRow = new TreeMap<>();
  private final Set<Long> newerComplete = new HashSet<>();
  private long sinceMillis;
  private ShardHead head;
  private long rows;
  private long bytes;

  /**
   * @param head what its first shard says
   * @param sinceMillis when that came
   * @param streamed what its rows add up to, if they do not wait
   */
  Pending(ShardHead head, long sinceMillis, @Nullable StreamedSnapshot streamed) {
    this.head = head;
    this.sinceMillis = sinceMillis;
    this.streamed = streamed;
  }

  ShardHead head() {
    return head;
  }

  /** When the first shard of its last publish came. */
  long sinceMillis() {
    return sinceMillis;
  }

  /** A publish that begins, and is not refused at once, has as much time as the first one had. */
  void heard(Shard shard, long nowMillis) {
    if (publications.isNew(shard.publish())) {
      int _ = publications.of(shard.publish());
      if (contradicted(shard).isEmpty() || supersededBy(shard)) {
        sinceMillis = nowMillis;
      }
    }
  }

  @Nullable StreamedSnapshot streamed() {
    return streamed;
  }

  /** Bytes of the shards that wait. */
  long bytes() {
    return bytes;
  }

  /** Shards that have come. */
  int count() {
    return byFirstRow.size();
  }

  List<Part> parts() {
    return byFirstRow.values().stream().map(Held::part).toList();
  }

  /** Notes a newer step of the layer that is complete; returns how many there are. */
  int newerComplete(long step) {
    newerComplete.add(step);
    return newerComplete.size();
  }

  /** Why a shard cannot join what has come, if it cannot. */
  Optional<Outcome> refusal(Shard shard) {
    if (!alike(shard)) {
      return Optional.of(
          conflict(
              "shape %s %s, but other rows of this snapshot have %s %s"
                  .formatted(shard.shape(), shard.dtype(), head.shape(), head.dtype())));
    }
    List<Held> present = overlapped(shard);
    if (present.isEmpty()) {
      return publications.refused(publications.of(shard.publish()))
          ? Optional.of(conflict("the snapshot has rows of another publish, with other content"))
          : Optional.empty();
    }
    Part last = present.getLast().part();
    return Optional.of(
        same(last, shard)
            ? Outcome.Settled.DUPLICATE
            : conflict(
                "rows %s overlap rows %s, which came before with other content"
                    .formatted(shard.rows(), last.rows())));
  }

  /**
   * Whether a shard contradicts rows of publishes that all began before its own: what they left is
   * not what is published now.
   */
  boolean supersededBy(Shard shard) {
    int publish = publications.of(shard.publish());
    List<Held> contradicted = contradicted(shard);
    return !contradicted.isEmpty()
        && !publications.refused(publish)
        && contradicted.stream().allMatch(held -> Publications.later(publish, held.publishes()));
  }

  /** Refuses the publishes that a shard contradicts. */
  void supersede(Shard shard) {
    contradicted(shard).forEach(held -> publications.refuse(held.publishes()));
  }

  /** What else is of the publish of a shard that contradicts others will be in no whole either. */
  void refuse(Shard shard) {
    int publish = publications.of(shard.publish());
    boolean ownRows =
        contradicted(shard).stream()
            .anyMatch(held -> Publications.among(publish, held.publishes()));
    if (!ownRows && publish != Publications.ANY) {
      publications.refuse(publish);
    }
  }

  /** The rows that are not what a shard says they are. */
  private List<Held> contradicted(Shard shard) {
    if (!alike(shard)) {
      return List.copyOf(byFirstRow.values());
    }
    List<Held> overlapped = overlapped(shard);
    return !overlapped.isEmpty() && same(overlapped.getLast().part(), shard)
        ? List.of()
        : overlapped;
  }

  /** Takes out the rows that are of refused publishes alone. */
  List<Part> refused() {
    List<Part> refused = new ArrayList<>();
    for (Iterator<Held> all = byFirstRow.values().iterator(); all.hasNext(); ) {
      Held held = all.next();
      if (publications.refused(held.publishes())) {
        all.remove();
        count(held, -1);
        refused.add(held.part());
      }
    }
    return refused;
  }

  /** The same without any rows, from a first shard on that says something else of it. */
  Pending anew(ShardHead first, long nowMillis, @Nullable StreamedSnapshot sums) {
    Pending anew = new Pending(first, nowMillis, sums);
    anew.publications.succeed(publications);
    anew.newerComplete.addAll(newerComplete);
    return anew;
  }

  private boolean alike(Shard shard) {
    return head.shape().equals(shard.shape()) && head.dtype() == shard.dtype();
  }

  private static boolean same(Part present, Shard shard) {
    return present.rows().equals(shard.rows()) && present.holds(shard);
  }

  /** By ascending rows. */
  private List<Held> overlapped(Shard shard) {
    Map.Entry<Long, Held> first = byFirstRow.lowerEntry(shard.rows().from());
    long from =
        first != null && first.getValue().part().rows().overlaps(shard.rows())
            ? first.getKey()
            : shard.rows().from();
    return from < shard.rows().to()
        ? List.copyOf(byFirstRow.subMap(from, shard.rows().to()).values())
        : List.of();
  }

  /** Whether rows that were looked at were taken back since, so that their loan is missing. */
  boolean lacksLoan(Shard shard) {
    Held present = byFirstRow.get(shard.rows().from());
    return present != null && present.part().loan().fate().recalled();
  }

  /** Notes that a publish has the rows that are there already. */
  void repeated(Shard shard) {
    Held present = byFirstRow.get(shard.rows().from());
    if (present != null) {
      hold(present.part(), present.publishes() | publications.of(shard.publish()), present);
    }
  }

  /** Takes rows that were not there, or in place of the same ones that were taken back. */
  void put(Part part, @Nullable String publish, long appendedMillis) {
    Held present = byFirstRow.get(part.rows().from());
    int publishes = publications.of(publish);
    hold(part, present == null ? publishes : present.publishes() | publishes, present);
    head = head.since(appendedMillis);
  }

  private void hold(Part part, int publishes, @Nullable Held before) {
    Held held = new Held(part, publishes);
    byFirstRow.put(part.rows().from(), held);
    if (before != null) {
      count(before, -1);
    }
    count(held, 1);
  }

  private void count(Held held, int times) {
    long count = held.part().rows().count() * times;
    rows += count;
    bytes += held.part().bytes() * times;
    publications.add(held.publishes(), count);
  }

  /** Whether a shard is the last that is missing. */
  boolean completedBy(Shard shard) {
    return rows + shard.rows().count() == head.shape().rows();
  }

  /** Whether all rows are here, as one publish has them, and none was taken back. */
  boolean complete() {
    return rows == head.shape().rows()
        && publications.make(rows)
        && (streamed == null || loans().stream().noneMatch(loan -> loan.fate().recalled()));
  }

  /**
   * Gives up what was taken back: it comes again. Rows that were looked at stay in the sums, until
   * none is left that was not taken back.
   */
  void giveUpRecalled() {
    if (streamed != null && loans().stream().anyMatch(loan -> !loan.fate().recalled())) {
      return;
    }
    for (Iterator<Held> all = byFirstRow.values().iterator(); all.hasNext(); ) {
      Held held = all.next();
      if (held.part().loan().fate().recalled()) {
        all.remove();
        count(held, -1);
      }
    }
  }

  boolean empty() {
    return byFirstRow.isEmpty();
  }

  List<Loan> loans() {
    return byFirstRow.values().stream().map(held -> held.part().loan()).toList();
  }

  private static Outcome conflict(String detail) {
    return new Outcome.Rejected(new Rejection(Reason.CONFLICT, detail));
  }
}
