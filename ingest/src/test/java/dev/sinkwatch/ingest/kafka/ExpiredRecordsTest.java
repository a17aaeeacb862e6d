package dev.sinkwatch.ingest.kafka;

import static dev.sinkwatch.ingest.kafka.TestTopic.assertBalanced;
import static dev.sinkwatch.ingest.kafka.TestTopic.until;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Outcome;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that are gone before they were received, under both group protocols. */
@Timeout(180)
final class ExpiredRecordsTest {
  private static final int RECORDS = 20;

  private final TestTopic topic;

  ExpiredRecordsTest() throws Exception {
    topic = new TestTopic(2);
  }

  @AfterEach
  void closeTopic() {
    topic.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void whatExpiredWhileItWasAwayIsCountedOnceAndAllElseJudged(String protocol) throws Exception {
    send(0, 0, RECORDS);
    send(1, 100, RECORDS);
    try (Member member = new Member(topic, settings(protocol, Map.of()))) {
      member.awaitDeliveries(2 * RECORDS);
      settleBelow(member, 3);
      until("the commit", () -> topic.committed().equals(Map.of(0, 3L)));
      assertThat(member.ledger().expired()).isZero();
    }
    deleteBefore(0, 12);
    try (Member member = new Member(topic, settings(protocol, Map.of()))) {
      member.awaitDeliveries(RECORDS - 12 + RECORDS);
      assertThat(steps(member, 0, 100)).isEqualTo(range(12, RECORDS));
      assertThat(steps(member, 100, 200)).isEqualTo(range(100, 100 + RECORDS));
      assertThat(member.ledger().expired()).isEqualTo(12 - 3);
      assertThat(member.ledger().received()).isEqualTo(RECORDS - 12 + RECORDS);
      settleBelow(member, 200);
      until("the commits", () -> topic.committed().equals(Map.of(0, 20L, 1, 20L)));
      assertBalanced(member.ledger());
      assertThat(member.failure()).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void whatExpiredToTheLastIsNotCountedAgainByTheNext(String protocol) throws Exception {
    send(0, 0, RECORDS);
    commit(Map.of(0, 5L));
    deleteBefore(0, RECORDS);
    try (Member member = new Member(topic, settings(protocol, Map.of()))) {
      until("them to be counted", () -> member.ledger().expired() == RECORDS - 5);
      until("the commit", () -> topic.committed().getOrDefault(0, 0L) == RECORDS);
    }
    try (Member next = new Member(topic, settings(protocol, Map.of()))) {
      send(0, 50, 1);
      next.awaitDeliveries(1);
      assertThat(next.ledger().expired()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aGroupWithoutCommitsBeginsWithTheFirstThatIsThere(String protocol) throws Exception {
    send(0, 0, RECORDS);
    send(1, 100, 3);
    deleteBefore(0, 7);
    try (Member member = new Member(topic, settings(protocol, Map.of()))) {
      member.awaitDeliveries(RECORDS - 7 + 3);
      assertThat(steps(member, 0, 100)).isEqualTo(range(7, RECORDS));
      assertThat(steps(member, 100, 200)).isEqualTo(range(100, 103));
      assertThat(member.ledger().expired()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void whatExpiresWhileItIsPausedIsCounted(String protocol) throws Exception {
    int all = 40;
    int left = 10;
    send(0, 0, all);
    // a fetch of one record, so that the consumer itself has no more than one ahead
    Map<String, String> one = Map.of("max.partition.fetch.bytes", "1", "max.poll.records", "1");
    try (Member member = new Member(topic, settings(protocol, one).withInFlight(2, 1 << 20))) {
      member.awaitDeliveries(2);
      deleteBefore(0, all - left);
      until(
          "the rest",
          () -> {
            settleBelow(member, all);
            return member.steps().contains(all - 1L);
          });
      List<Long> steps = steps(member, 0, all);
      assertThat(steps)
          .doesNotHaveDuplicates()
          .endsWith(range(all - left, all).toArray(Long[]::new));
      assertThat(member.ledger().expired())
          .isEqualTo(all - steps.size())
          .isGreaterThan(all - left - 10);
      settleBelow(member, all);
      until("the commit", () -> topic.committed().getOrDefault(0, 0L) == all);
      assertBalanced(member.ledger());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void whatWasCommittedBeyondTheEndIsNoExpiry(String protocol) throws Exception {
    send(0, 0, RECORDS);
    commit(Map.of(0, 1000L));
    try (Member member = new Member(topic, settings(protocol, Map.of()))) {
      member.awaitDeliveries(RECORDS);
      assertThat(steps(member, 0, 100)).isEqualTo(range(0, RECORDS));
      assertThat(member.ledger().expired()).isZero();
      settleBelow(member, 100);
      until("the commit", () -> topic.committed().getOrDefault(0, 0L) == RECORDS);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aTopicThatIsMadeAnewIsReadFromItsBeginning(String protocol) throws Exception {
    send(0, 0, RECORDS);
    try (Member member = new Member(topic, settings(protocol, Map.of()))) {
      member.awaitDeliveries(RECORDS);
      topic.admin().deleteTopics(List.of(topic.name())).all().get();
      topic.create(topic.name(), 2);
      send(0, 100, 5);
      until("the new ones", () -> steps(member, 100, 200).equals(range(100, 105)));
      assertThat(member.outcomes("revoked")).isEqualTo(RECORDS);
      assertThat(member.ledger().expired()).isZero();
      settleBelow(member, 200);
      until("the commit", () -> topic.committed().getOrDefault(0, 0L) == 5);
      assertBalanced(member.ledger());
      assertThat(member.failure()).isNull();
    }
  }

  /** A member that is paused sees neither the old one go nor an offset that is not there. */
  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void soIsOneThatHasMoreRecordsThanTheOld(String protocol) throws Exception {
    send(0, 0, RECORDS);
    try (Member member =
        new Member(topic, settings(protocol, Map.of()).withInFlight(RECORDS, 1 << 20))) {
      member.awaitDeliveries(RECORDS);
      topic.admin().deleteTopics(List.of(topic.name())).all().get();
      topic.create(topic.name(), 2);
      send(0, 100, RECORDS + 5);
      until(
          "the new ones",
          () -> {
            settleBelow(member, 200);
            return member.steps().containsAll(range(100, 100 + RECORDS + 5));
          });
      assertThat(member.ledger().expired()).isZero();
      settleBelow(member, 200);
      until("the commit", () -> topic.committed().getOrDefault(0, 0L) == RECORDS + 5);
      assertBalanced(member.ledger());
      assertThat(member.failure()).isNull();
    }
  }

  /** Kafka forgets with a topic what groups have committed of it. */
  @Test
  void soItIsByAMemberThatWasAway() throws Exception {
    send(0, 0, RECORDS);
    commit(Map.of(0, (long) RECORDS));
    topic.admin().deleteTopics(List.of(topic.name())).all().get();
    topic.create(topic.name(), 2);
    send(0, 100, RECORDS + 5);
    until("the old offset is forgotten", () -> topic.committed().isEmpty());
    try (Member member = new Member(topic, settings("classic", Map.of()))) {
      member.awaitDeliveries(RECORDS + 5);
      assertThat(member.steps()).isEqualTo(range(100, 100 + RECORDS + 5));
    }
  }

  @Test
  void anotherResetThatWasAskedForStaysKafkas() {
    send(0, 0, 1);
    try (Member member =
        new Member(topic, settings("classic", Map.of("auto.offset.reset", "none")))) {
      until("the failure", () -> member.failure() != null);
      assertThat(requireNonNull(member.failure()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(topic.name())
          .message()
          .doesNotContain("\n");
      assertThat(member.ledger().received()).isZero();
    }
  }

  private KafkaSettings settings(String protocol, Map<String, String> more) {
    Map<String, String> all = new HashMap<>(more);
    all.put("group.protocol", protocol);
    return topic.settings().withPassThrough(all);
  }

  private void send(int partition, int firstStep, int count) {
    for (int step = firstStep; step < firstStep + count; step++) {
      topic.sendShard(partition, step, 10);
    }
  }

  private void deleteBefore(int partition, long offset) throws Exception {
    topic
        .admin()
        .deleteRecords(Map.of(id(partition), RecordsToDelete.beforeOffset(offset)))
        .all()
        .get();
  }

  private void commit(Map<Integer, Long> offsets) throws Exception {
    Map<TopicPartition, OffsetAndMetadata> all = new HashMap<>();
    offsets.forEach((partition, offset) -> all.put(id(partition), new OffsetAndMetadata(offset)));
    topic.admin().alterConsumerGroupOffsets(topic.settings().group(), all).all().get();
  }

  private TopicPartition id(int partition) {
    return new TopicPartition(topic.name(), partition);
  }

  private static void settleBelow(Member member, long step) {
    for (Delivery delivery : member.deliveries()) {
      if (delivery.shard().id().step() < step) {
        delivery.settle(Outcome.Settled.ANALYZED);
      }
    }
  }

  /** Those from one step on and before another, as they came. */
  private static List<Long> steps(Member member, long from, long before) {
    return member.steps().stream().filter(step -> step >= from && step < before).toList();
  }

  private static List<Long> range(long from, long before) {
    return LongStream.range(from, before).boxed().toList();
  }
}
