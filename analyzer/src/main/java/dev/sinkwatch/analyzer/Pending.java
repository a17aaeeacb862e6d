package dev.sinkwatch.analyzer;

import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.Rejection;
import dev.sinkwatch.ingest.Shard;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An incomplete snapshot. For one thread. */
final class Pending {
  private final long sinceMillis;
  private final @Nullable StreamedSnapshot streamed;
  private final TreeMap<Long, Part> byFirstRow = new TreeMap<>();
  private final Set<Long> newerComplete = new HashSet<>();
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

  long sinceMillis() {
    return sinceMillis;
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
    return List.copyOf(byFirstRow.values());
  }

  /** Notes a newer step of the layer that is complete; returns how many there are. */
  int newerComplete(long step) {
    newerComplete.add(step);
    return newerComplete.size();
  }

  /** Why a shard cannot join what has come, if it cannot. */
  Optional<Outcome> refusal(Shard shard) {
    if (!head.shape().equals(shard.shape()) || head.dtype() != shard.dtype()) {
      return Optional.of(
          conflict(
              "shape %s %s, but other rows of this snapshot have %s %s"
                  .formatted(shard.shape(), shard.dtype(), head.shape(), head.dtype())));
    }
    Map.Entry<Long, Part> before = byFirstRow.lowerEntry(shard.rows().to());
    if (before == null || !before.getValue().rows().overlaps(shard.rows())) {
      return Optional.empty();
    }
    Part present = before.getValue();
    return Optional.of(
        present.rows().equals(shard.rows()) && present.holds(shard)
            ? Outcome.Settled.DUPLICATE
            : conflict(
                "rows %s overlap rows %s, which came before with other content"
                    .formatted(shard.rows(), present.rows())));
  }

  /** Whether rows that were looked at were taken back since, so that their loan is missing. */
  boolean lacksLoan(Shard shard) {
    Part present = byFirstRow.get(shard.rows().from());
    return present != null && present.loan().fate().recalled();
  }

  /** Takes rows that were not there, or in place of the same ones that were taken back. */
  void put(Part part, long appendedMillis) {
    if (byFirstRow.put(part.rows().from(), part) == null) {
      rows += part.rows().count();
      bytes += part.bytes();
    }
    head = head.since(appendedMillis);
  }

  /** Whether a shard is the last that is missing. */
  boolean completedBy(Shard shard) {
    return rows + shard.rows().count() == head.shape().rows();
  }

  /** Whether all rows are here and none was taken back. */
  boolean complete() {
    return rows == head.shape().rows()
        && (streamed == null || loans().stream().noneMatch(loan -> loan.fate().recalled()));
  }

  /**
   * Gives up what was taken back: it comes again. Rows that were looked at stay in the sums, until
   * none is left that was not taken back. Returns the bytes that this frees.
   */
  long giveUpRecalled() {
    if (streamed != null && loans().stream().anyMatch(loan -> !loan.fate().recalled())) {
      return 0;
    }
    long before = bytes;
    byFirstRow
        .values()
        .removeIf(part -> {
          boolean gone = part.loan().fate().recalled();
          if (gone) {
            rows -= part.rows().count();
            bytes -= part.bytes();
          }
          return gone;
        });
    return before - bytes;
  }

  boolean empty() {
    return byFirstRow.isEmpty();
  }

  List<Loan> loans() {
    return byFirstRow.values().stream().map(Part::loan).toList();
  }

  private static Outcome conflict(String detail) {
    return new Outcome.Rejected(new Rejection(Reason.CONFLICT, detail));
  }
}
