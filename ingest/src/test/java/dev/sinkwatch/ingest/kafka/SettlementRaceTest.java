package dev.sinkwatch.ingest.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Ledger;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.Rejection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two threads settle what a third revokes: each record has one end, and none is lost. */
class SettlementRaceTest {
  private static final int ROUNDS = Boolean.getBoolean("sinkwatch.long") ? 1_000_000 : 20_000;
  private static final Rejection REJECTION = new Rejection(Reason.CONFLICT, "other rows");

  private final CyclicBarrier start = new CyclicBarrier(3);

  @Test
  @Timeout(900)
  void everyRecordEndsOnceAndWhatIsCommittedWasSettled() throws Exception {
    int revoked = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < ROUNDS; round++) {
        revoked += settleAndRevoke(threads);
      }
    }
    System.out.printf("%d records settled and revoked at once, %d revoked%n", 2 * ROUNDS, revoked);
    // else nothing was at once
    assertThat(revoked).isBetween(1, 2 * ROUNDS - 1);
  }

  private int settleAndRevoke(ExecutorService threads) throws Exception {
    Ledger ledger = new Ledger();
    InFlightBudget budget = new InFlightBudget(10, 1000);
    CompletableFuture<Void> kept = new CompletableFuture<>();
    ActivePartition partition =
        new ActivePartition(
            new TopicPartition("weights", 0), ledger, budget, (_, _) -> kept, () -> {});
    InFlight first = partition.receive(record(0));
    InFlight second = partition.receive(record(1));
    Future<?> judge =
        threads.submit(() -> {
          await();
          first.settle(Outcome.Settled.ANALYZED);
          second.settle(Outcome.Settled.STALE);
        });
    Future<?> refuser =
        threads.submit(() -> {
          await();
          second.settle(new Outcome.Rejected(REJECTION));
          kept.complete(null);
          first.settle(Outcome.Settled.DUPLICATE);
        });
    await();
    OffsetAndMetadata committed = partition.uncommitted();
    boolean firstSettled = first.fate().settled();
    boolean secondSettled = second.fate().settled();
    partition.revoke();
    judge.get();
    refuser.get();

    long offset = offset(committed);
    assertThat(offset < 1 || firstSettled).as("settled before it was committed").isTrue();
    assertThat(offset < 2 || secondSettled).as("settled before it was committed").isTrue();
    assertThat(first.fate().settled()).isNotEqualTo(first.fate().recalled());
    assertThat(second.fate().settled()).isNotEqualTo(second.fate().recalled());
    int inOrder = !first.fate().settled() ? 0 : !second.fate().settled() ? 1 : 2;
    assertThat(offset(partition.uncommitted())).isEqualTo(inOrder);
    Ledger.Reading reading = ledger.read();
    assertThat(reading.outcomes().values().stream().mapToLong(Long::longValue).sum()).isEqualTo(2);
    assertThat(reading.inFlight()).isZero();
    assertThat(budget.records()).isZero();
    assertThat(budget.bytes()).isZero();
    assertThat(partition.idle()).isTrue();
    return Math.toIntExact(reading.outcomes().getOrDefault("revoked", 0L));
  }

  private void await() {
    try {
      start.await(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static long offset(@Nullable OffsetAndMetadata committed) {
    return committed == null ? 0 : committed.offset();
  }

  private static ConsumerRecord<byte[], byte[]> record(long offset) {
    return new ConsumerRecord<>("weights", 0, offset, new byte[1], new byte[8]);
  }
}
