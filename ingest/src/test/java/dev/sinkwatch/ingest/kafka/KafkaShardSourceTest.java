package dev.sinkwatch.ingest.kafka;

import static dev.sinkwatch.ingest.kafka.TestTopic.assertBalanced;
import static dev.sinkwatch.ingest.kafka.TestTopic.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinkwatch.ingest.Delivery;
import dev.sinkwatch.ingest.Outcome;
import dev.sinkwatch.ingest.Shard;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class KafkaShardSourceTest {
  private static final int PARTITIONS = 2;

  private final TestTopic topic;

  KafkaShardSourceTest() throws Exception {
    topic = new TestTopic(PARTITIONS);
  }

  @AfterEach
  void closeTopic() {
    topic.close();
  }

  @Test
  void deliveries_givenPublishedShards_arriveWholeAndSettledOnesNeverAgain() throws Exception {
    Shard sent = TestTopic.shard("layers.3.mixer", 7, 5);
    try (ShardPublisher publisher = new ShardPublisher(topic.settings(), topic.name());
        Member member = new Member(topic, topic.settings())) {
      publisher.publish(sent).get();
      member.awaitDeliveries(1);
      Shard received = member.deliveries().getFirst().shard();
      assertThat(received.id()).isEqualTo(sent.id());
      assertThat(received.shape()).isEqualTo(sent.shape());
      assertThat(received.data().mismatch(sent.data())).isEqualTo(-1);
      assertThat(received.appendedMillis()).isPositive();
      assertThat(member.ledger().misrouted()).isZero();
      assertThat(member.source().assigned()).isTrue();
      assertThat(member.source().metrics()).isNotEmpty();
      member.settleAll();
      until("the commit", () -> topic.committed().containsValue(1L));
    }
    topic.sendShard(0, 8, 5);
    try (Member next = new Member(topic, topic.settings())) {
      next.awaitDeliveries(1);
      assertThat(next.steps()).containsExactly(8L);
    }
  }

  @Test
  void settle_givenAnyOrder_commitsInOrder() {
    for (int step = 0; step < 3; step++) {
      topic.sendShard(0, step, 1);
    }
    topic.sendShard(1, 100, 1);
    try (Member member = new Member(topic, topic.settings())) {
      member.awaitDeliveries(4);
      settle(member, 2);
      settle(member, 1);
      settle(member, 100);
      // the other partition's commit shows that one took place after these settlements
      until("the other partition's commit", () -> topic.committed().containsKey(1));
      assertThat(topic.committed()).doesNotContainKey(0);
      settle(member, 0);
      until("the commit of all three", () -> topic.committed().getOrDefault(0, 0L) == 3);
    }
  }

  @Test
  void close_givenUnsettled_theyComeAgain() {
    for (int step = 0; step < 4; step++) {
      topic.sendShard(0, step, 1);
    }
    try (Member member = new Member(topic, topic.settings())) {
      member.awaitDeliveries(4);
      settle(member, 0);
      settle(member, 2);
      member.source().close();
      assertThat(member.outcomes("analyzed")).isEqualTo(2);
      assertThat(member.outcomes("revoked")).isEqualTo(2);
      assertThat(member.ledger().inFlight()).isZero();
      assertThat(member.deliveries()).allMatch(Delivery::revoked);
      member.settleAll();
      assertThat(member.outcomes("analyzed")).isEqualTo(2);
      assertBalanced(member.ledger());
    }
    assertThat(topic.committed()).isEqualTo(Map.of(0, 1L));
    try (Member next = new Member(topic, topic.settings())) {
      next.awaitDeliveries(3);
      assertThat(next.steps()).containsExactly(1L, 2L, 3L);
    }
  }

  @Test
  void close_givenSubscriber_completesIt() {
    try (Member member = new Member(topic, topic.settings())) {
      until("the assignment", () -> member.source().assigned());
      member.source().close();
      assertThat(member.completed()).isTrue();
    }
  }

  @Test
  void settle_givenRevokedOutcome_isNotAcknowledged() {
    topic.sendShard(0, 0, 1);
    try (Member member = new Member(topic, topic.settings())) {
      member.awaitDeliveries(1);
      member.deliveries().getFirst().settle(Outcome.Settled.REVOKED);
      assertThat(member.outcomes("revoked")).isEqualTo(1);
    }
    assertThat(topic.committed()).isEmpty();
  }

  @Test
  void deliveries_givenBytesInFlight_pauseAndKeepTheirMembership() {
    int count = 40;
    for (int step = 0; step < count; step++) {
      topic.sendShard(step % PARTITIONS, step, 5_000);
    }
    KafkaSettings tight =
        topic
            .settings()
            .withInFlight(2000, 100_000)
            .withPassThrough(Map.of("max.poll.records", "2", "max.poll.interval.ms", "2000"));
    try (Member member = new Member(topic, tight)) {
      member.awaitDeliveries(5);
      // longer than a consumer that does not poll may stay in its group
      long end = System.nanoTime() + 4_000_000_000L;
      until("time to pass", () -> System.nanoTime() - end > 0);
      assertThat(member.ledger().inFlight() * 20_000).isLessThanOrEqualTo(100_000 + 2 * 21_000);
      until("lag to show", () -> member.source().lagRecords() >= count - 8);
      assertThat(member.source().lagSeconds()).isPositive();
      until(
          "all of them",
          () -> {
            member.settleAll();
            assertBalanced(member.ledger());
            return member.deliveries().size() >= count;
          });
      member.settleAll();
      until("all commits", () -> topic.committed().equals(Map.of(0, 20L, 1, 20L)));
      assertThat(member.outcomes("revoked")).isZero();
      assertThat(member.outcomes("analyzed")).isEqualTo(count);
      until("no lag", () -> member.source().lagRecords() == 0);
      assertThat(member.source().lagSeconds()).isZero();
    }
  }

  @Test
  void deliveries_givenDemand_neverExceedIt() {
    for (int step = 0; step < 10; step++) {
      topic.sendShard(0, step, 1);
    }
    try (Member member = new Member(topic, topic.settings(), 3)) {
      member.awaitDeliveries(3);
      until("the rest to be polled", () -> member.ledger().received() == 10);
      assertThat(member.deliveries()).hasSize(3);
      member.request(2);
      member.awaitDeliveries(5);
      assertThat(member.deliveries()).hasSize(5);
      member.settleAll();
      until("the commit", () -> topic.committed().getOrDefault(0, 0L) == 5);
      member.cancel();
      until("the undelivered to be given back", () -> member.outcomes("revoked") == 5);
      assertBalanced(member.ledger());
    }
  }

  @Test
  void cancel_givenSettled_commitsThemAndEndsTheThread() {
    for (int step = 0; step < 3; step++) {
      topic.sendShard(0, step, 1);
    }
    try (Member member = new Member(topic, topic.settings())) {
      member.awaitDeliveries(3);
      settle(member, 0);
      member.cancel();
      until("the thread to end", () -> threads().isEmpty());
      assertThat(topic.committed()).isEqualTo(Map.of(0, 1L));
      assertThat(member.source().assigned()).isFalse();
      assertThat(member.failure()).isNull();
    }
  }

  @Test
  void cancel_givenItIsPaused_endsTheThread() {
    topic.sendShard(0, 0, 1);
    try (Member member = new Member(topic, topic.settings(), 0)) {
      until("the record to wait", () -> member.ledger().received() == 1);
      member.cancel();
      until("the thread to end", () -> threads().isEmpty());
      assertThat(member.outcomes("revoked")).isEqualTo(1);
    }
  }

  @Test
  void deliveries_givenKeyOfAnotherPartition_areCountedAsMisrouted() {
    byte[] key = Routing.bytes("run/layers.0");
    int right = Routing.partition(key, PARTITIONS);
    byte[] value =
        dev.sinkwatch.ingest.safetensors.ShardCodec.encode(TestTopic.shard("layers.0", 1, 1));
    topic.send(right, key, value);
    topic.send(1 - right, key, value);
    topic.send(0, null, value);
    try (Member member = new Member(topic, topic.settings())) {
      member.awaitDeliveries(3);
      assertThat(member.ledger().misrouted()).isEqualTo(1);
    }
  }

  @Test
  void deliveries_givenUnsupportedDtype_areIgnoredAndAcknowledged() {
    String header =
        "{\"__metadata__\":{\"sinkwatch.run\":\"r\",\"sinkwatch.step\":\"1\"},"
            + "\"l\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    byte[] json = Routing.bytes(header);
    byte[] value = new byte[8 + json.length + 1];
    value[0] = (byte) json.length;
    assertThat(json.length).isLessThan(256);
    System.arraycopy(json, 0, value, 8, json.length);
    topic.send(0, null, value);
    try (Member member = new Member(topic, topic.settings())) {
      until("the commit", () -> topic.committed().getOrDefault(0, 0L) == 1);
      assertThat(member.outcomes("ignored")).isEqualTo(1);
      assertThat(member.ledger().bytes()).isEqualTo(value.length);
    }
  }

  @Test
  void deliveries_givenTheOtherGroupProtocol_workTheSame() {
    for (int step = 0; step < 50; step++) {
      topic.sendShard(step % PARTITIONS, step, 100);
    }
    KafkaSettings settings =
        topic
            .settings()
            .withInFlight(10, 1 << 20)
            .withPassThrough(Map.of("group.protocol", "consumer"));
    try (Member member = new Member(topic, settings)) {
      until(
          "all of them",
          () -> {
            member.settleAll();
            return member.deliveries().size() >= 50;
          });
      member.settleAll();
      until("the commits", () -> topic.committed().equals(Map.of(0, 25L, 1, 25L)));
    }
    topic.sendShard(0, 50, 1);
    try (Member next = new Member(topic, settings)) {
      next.awaitDeliveries(1);
      assertThat(next.steps()).containsExactly(50L);
    }
  }

  private static void settle(Member member, long step) {
    List<Delivery> found =
        member.deliveries().stream().filter(d -> d.shard().id().step() == step).toList();
    assertThat(found).hasSize(1);
    found.getFirst().settle(Outcome.Settled.ANALYZED);
  }

  private List<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("sinkwatch-poll-" + topic.name()))
        .toList();
  }
}
