package dev.sinkwatch.ingest.kafka;

import static dev.sinkwatch.ingest.kafka.TestTopic.until;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

@Timeout(180)
final class RecordFeedTest {
  private static final int PARTITIONS = 4;

  private final TestTopic topic;

  RecordFeedTest() throws Exception {
    topic = new TestTopic(PARTITIONS);
  }

  @AfterEach
  void closeTopic() {
    topic.close();
  }

  private static final class Reader implements AutoCloseable {
    private final RecordFeed feed;
    private final List<FeedEvent> events = new CopyOnWriteArrayList<>();
    private final BaseSubscriber<FeedEvent> subscriber;

    private Reader(KafkaSettings settings, String topic, Duration replay, long demand) {
      feed = new RecordFeed(settings, topic, replay);
      subscriber =
          new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
              subscription.request(demand);
            }

            @Override
            protected void hookOnNext(FeedEvent event) {
              events.add(event);
            }
          };
      feed.events().subscribe(subscriber);
    }

    private List<FeedEvent.Received> records() {
      return events.stream()
          .filter(FeedEvent.Received.class::isInstance)
          .map(FeedEvent.Received.class::cast)
          .toList();
    }

    /** What it owns by its events; fails if a record is not of a partition owned by then. */
    private Set<Integer> owned() {
      Set<Integer> owned = new HashSet<>();
      for (FeedEvent event : events) {
        switch (event) {
          case FeedEvent.Assigned(var partitions) -> owned.addAll(partitions);
          case FeedEvent.Revoked(var partitions) -> owned.removeAll(partitions);
          case FeedEvent.Received record -> assertThat(owned).contains(record.partition());
        }
      }
      return owned;
    }

    @Override
    public void close() {
      feed.close();
    }
  }

  private Reader reader(String protocol) {
    return new Reader(
        topic.settings().withPassThrough(Map.of("group.protocol", protocol)),
        topic.name(),
        Duration.ofHours(1),
        Long.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void events_givenRecords_beginWithTheAssignmentAndCatchUp(String protocol) {
    for (int i = 0; i < 40; i++) {
      topic.send(i % PARTITIONS, Routing.bytes("k" + i), Routing.bytes("v" + i));
    }
    try (Reader reader = reader(protocol)) {
      // a broker may first give a new member no partition
      until("all partitions", () -> reader.owned().equals(Set.of(0, 1, 2, 3)));
      until("it to catch up", reader.feed::caughtUp);
      assertThat(reader.records()).hasSize(40);
      assertThat(reader.records())
          .anySatisfy(record -> {
            assertThat(record.partition()).isEqualTo(1);
            assertThat(record.offset()).isEqualTo(2);
            assertThat(record.key()).isEqualTo(Routing.bytes("k9"));
            assertThat(record.value()).isEqualTo(Routing.bytes("v9"));
            assertThat(record.timestampMillis()).isPositive();
          });
      topic.send(0, null, null);
      until("the new one", () -> reader.records().size() == 41);
      assertThat(reader.records().getLast().key()).isNull();
      assertThat(reader.records().getLast().value()).isNull();
      assertThat(reader.feed.caughtUp()).isTrue();
      assertThat(reader.feed.metrics()).isNotEmpty();
    }
    assertThat(topic.committed()).isEmpty();
    try (Reader again = reader(protocol)) {
      until("all partitions again", () -> again.owned().equals(Set.of(0, 1, 2, 3)));
      until("it to catch up again", again.feed::caughtUp);
      assertThat(again.records()).hasSize(41);
    }
  }

  @Test
  void events_givenReplay_beginThereOrAtTheEnd() throws Exception {
    String timed = topic.name() + "-timed";
    topic.admin().createTopics(List.of(new NewTopic(timed, 2, (short) 1))).all().get();
    long now = System.currentTimeMillis();
    long hour = Duration.ofHours(1).toMillis();
    try (Sender sender = new Sender(topic.settings().withClientId("timed"))) {
      for (int hoursAgo = 10; hoursAgo >= 0; hoursAgo--) {
        sender
            .send(new ProducerRecord<>(timed, 0, now - hoursAgo * hour, null, new byte[0]))
            .join();
      }
      sender.send(new ProducerRecord<>(timed, 1, now - 10 * hour, null, new byte[0])).join();
    }
    try (Reader reader =
        new Reader(topic.settings(), timed, Duration.ofHours(3).plusMinutes(30), Long.MAX_VALUE)) {
      until("it to catch up", reader.feed::caughtUp);
      assertThat(reader.records()).allMatch(record -> record.partition() == 0);
      assertThat(reader.records().stream().map(FeedEvent.Received::offset))
          .containsExactly(7L, 8L, 9L, 10L);
    }
  }

  @Test
  void events_givenDemand_neverExceedItAndAreNotCaughtUpBefore() {
    for (int i = 0; i < 10; i++) {
      topic.send(0, null, Routing.bytes("v" + i));
    }
    try (Reader reader = new Reader(topic.settings(), topic.name(), Duration.ofHours(1), 4)) {
      until("the assignment and three records", () -> reader.events.size() == 4);
      assertThat(reader.feed.caughtUp()).isFalse();
      reader.subscriber.request(100);
      until("it to catch up", reader.feed::caughtUp);
      assertThat(reader.records()).hasSize(10);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void events_givenSecondMember_sharePartitionsAndReplayTakenOnes(String protocol) {
    for (int i = 0; i < 40; i++) {
      topic.send(i % PARTITIONS, null, Routing.bytes("v" + i));
    }
    try (Reader first = reader(protocol)) {
      until("the first to catch up", first.feed::caughtUp);
      try (Reader second = reader(protocol)) {
        until("two partitions each", () -> first.owned().size() == 2 && second.owned().size() == 2);
        until("the second to catch up", second.feed::caughtUp);
        assertThat(first.owned()).doesNotContainAnyElementsOf(second.owned());
        assertThat(second.records()).hasSize(20);
        assertThat(second.owned())
            .containsExactlyInAnyOrderElementsOf(
                second.records().stream().map(FeedEvent.Received::partition).distinct().toList());
      }
      until("the first to own all again", () -> first.owned().size() == PARTITIONS);
      until("it to catch up again", first.feed::caughtUp);
      // all of them once, and those of the partitions that came back once more
      assertThat(first.records()).hasSize(60);
    }
  }
}
