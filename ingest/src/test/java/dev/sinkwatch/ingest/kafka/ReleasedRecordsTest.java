package dev.sinkwatch.ingest.kafka;

import static dev.sinkwatch.ingest.kafka.TestTopic.assertBalanced;
import static dev.sinkwatch.ingest.kafka.TestTopic.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Loan;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Reason;
import dev.sinkwatch.ingest.Rejection;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Shards whose data are gone while their verdict is still to come. */
@Timeout(120)
final class ReleasedRecordsTest {
  private static final int RECORDS = 20;
  private static final int MAX_RECORDS = 4;

  private final TestTopic topic;

  ReleasedRecordsTest() throws Exception {
    topic = new TestTopic(1);
  }

  @AfterEach
  void closeTopic() {
    topic.close();
  }

  @Test
  void whatIsReleasedMakesRoomForMoreAndIsNotAcknowledged() {
    for (int step = 0; step < RECORDS; step++) {
      topic.sendShard(0, step, 1000);
    }
    try (Member member = new Member(topic, few(1 << 20))) {
      for (int seen = 0; seen < RECORDS; seen = member.deliveries().size()) {
        int next = seen;
        until(
            "more than " + next,
            () -> {
              member.deliveries().forEach(delivery -> delivery.loan().release());
              return member.deliveries().size() > next;
            });
      }
      assertThat(member.ledger().inFlight()).isEqualTo(RECORDS);
      assertThat(topic.committed()).isEmpty();
      member.deliveries().subList(1, RECORDS).forEach(ReleasedRecordsTest::analyzed);
      assertThat(member.ledger().inFlight()).isOne();
      member.deliveries().getFirst().loan().settle(Outcome.Settled.ANALYZED);
      until("the commit", () -> topic.committed().getOrDefault(0, 0L) == RECORDS);
      assertBalanced(member.ledger());
    }
  }

  @Test
  void whatIsRememberedOfItCountsInBytes() {
    for (int step = 0; step < RECORDS; step++) {
      topic.sendShard(0, step, 1000);
    }
    try (Member member = new Member(topic, few(8 * InFlight.RELEASED_BYTES))) {
      until("the first", () -> !member.deliveries().isEmpty());
      for (int i = 0; i < member.deliveries().size() && i < 8; i++) {
        member.deliveries().get(i).release();
        int seen = i + 1;
        until("the next", () -> member.deliveries().size() > seen || seen >= 8);
      }
      assertThat(member.deliveries()).hasSizeLessThan(RECORDS);
      until(
          "the rest",
          () -> {
            member.deliveries().forEach(ReleasedRecordsTest::analyzed);
            return member.deliveries().size() == RECORDS;
          });
    }
  }

  @Test
  void aRejectedOneLeavesItsKeyAndSizeWithTheDeadLetters() {
    topic.sendShard(0, 7, 1000);
    int size;
    try (Member member = new Member(topic, topic.settings())) {
      member.awaitDeliveries(1);
      Loan loan = member.deliveries().getFirst().loan();
      loan.release();
      loan.release();
      loan.settle(new Outcome.Rejected(new Rejection(Reason.ANALYSIS_FAILED, "why")));
      until("the commit", () -> topic.committed().getOrDefault(0, 0L) == 1);
      size = (int) member.ledger().bytes();
      assertBalanced(member.ledger());
    }
    ConsumerRecord<byte[], byte[]> kept = topic.read(topic.rejected(), 1).getFirst();
    RejectedRecord record = RejectedRecord.of(kept);
    assertThat(kept.value()).isNull();
    assertThat(record.whole()).isFalse();
    assertThat(record.size()).isEqualTo(size - Math.max(0, kept.serializedKeySize()));
  }

  @Test
  void whatWasReleasedComesAgainWhenItWasNotSettled() {
    topic.sendShard(0, 7, 1000);
    try (Member member = new Member(topic, topic.settings())) {
      member.awaitDeliveries(1);
      member.deliveries().getFirst().release();
    }
    try (Member next = new Member(topic, topic.settings())) {
      next.awaitDeliveries(1);
      assertThat(next.steps()).isEqualTo(List.of(7L));
    }
  }

  private KafkaSettings few(long bytes) {
    return topic.settings().withInFlight(MAX_RECORDS, bytes);
  }

  private static void analyzed(Delivery delivery) {
    delivery.settle(Outcome.Settled.ANALYZED);
  }
}
